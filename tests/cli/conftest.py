"""A small shop in a workspace, brought in and trained through the command line itself."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from recviz.cli.commands import program

TINY = ("passes=1", "width=16", "heads=2", "layers=1", "refit=off", "origins=2", "max_history=16")
HOSTILE = "<script>alert('x')</script> $$ =1+1"
WORDS = ("garden spade", "tea cup", "night lamp", "wool scarf", "trail shoe", "paper star")


@dataclass(frozen=True)
class Shop:
    """The workspace and what was put into it."""

    workspace: Path
    log: Path
    dataset: str
    run: str

    def call(self, *arguments: str) -> Result:
        return call(self.workspace, *arguments)


def call(workspace: Path, *arguments: object) -> Result:
    """Run a command as a user would; anything but an expected error crashes the test."""
    return CliRunner().invoke(program, ["--workspace", str(workspace), *map(str, arguments)], catch_exceptions=False)


def write_log(path: Path, users: int = 40, weeks: int = 30) -> Path:
    """Write a gzipped CSV of a shop whose users come back now and then, with a header of its own."""
    random = np.random.default_rng(3)
    rows = []
    for user in range(users):
        for day in np.flatnonzero(random.random(weeks * 7) < random.uniform(0.02, 0.2)):
            for item in random.choice(24, size=random.integers(1, 3), replace=False):
                when = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(day), hours=int(random.integers(8, 20)))
                title = f"{WORDS[item % 6]} number {item}" + (HOSTILE if item == 7 else "")
                rows.append((f"00{user}", f"i{item}", title, WORDS[item % 6], when, 1 + item % 3))
    table = pd.DataFrame(rows, columns=["CustomerID", "StockCode", "Description", "Group", "InvoiceDate", "Quantity"])
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        table.sort_values("InvoiceDate").to_csv(file, index=False)
    return path


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Shop:
    folder = tmp_path_factory.mktemp("command line")
    workspace, log = folder / "workspace", write_log(folder / "shop.csv.gz")
    roles = ("user=CustomerID", "item=StockCode", "time=InvoiceDate", "title=Description", "category=Group",
             "value=Quantity")  # fmt: skip
    mapping = [part for role in roles for part in ("--map", role)]
    stored = call(workspace, "ingest", log, *mapping, "--name", "Shop")
    assert stored.exit_code == 0, stored.output
    dataset = stored.stdout.splitlines()[-1]
    settings = [part for setting in TINY for part in ("--set", setting)]
    trained = call(workspace, "train", dataset, "--preset", "fast", "--horizon", "4", *settings)
    assert trained.exit_code == 0, trained.output
    return Shop(workspace, log, dataset, trained.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def ordered(tmp_path_factory) -> Shop:
    """A log that has an order only, and a run of it."""
    folder = tmp_path_factory.mktemp("order only")
    workspace, log = folder / "workspace", folder / "order.csv"
    rows = [(f"u{user}", f"i{(user * 7 + place * 3) % 9}", f"thing {(user * 7 + place * 3) % 9}", place)
            for user in range(30) for place in range(12)]  # fmt: skip
    pd.DataFrame(rows, columns=["who", "what", "name", "seq_pos"]).to_csv(log, index=False)
    roles = ("user=who", "item=what", "title=name", "order=seq_pos")
    stored = call(workspace, "ingest", log, *[part for role in roles for part in ("--map", role)])
    assert stored.exit_code == 0, stored.output
    dataset = stored.stdout.splitlines()[-1]
    settings = [part for setting in TINY for part in ("--set", setting)]
    trained = call(workspace, "train", dataset, "--preset", "fast", *settings)
    assert trained.exit_code == 0, trained.output
    return Shop(workspace, log, dataset, trained.stdout.splitlines()[-1])
