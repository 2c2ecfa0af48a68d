"""Measure again what README.md reports: ``python benchmarks/run.py [LOG ...] [--set key=value ...]``, default everything.

Each log goes in, a run is trained (Balanced, seed 0) and its forecasts, shares and recommendations come out through the
command line, timed, with peak memory; then the scorers beside the project judge the files. The sample log comes with the
project; the real logs and the scorers lie in ``../shared``, and a log that is not there is left out with a word.
Results: one line a step, and ``build/bench/LOG/results.json``. ``speed`` is no log: it runs the scripts that print ratios
and sizes, one JSON object each, into ``build/bench/speed.json``; the page of one user is timed on the sample log's run.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OUT = ROOT / "build" / "bench"


@dataclass(frozen=True, kw_only=True)
class Log:
    """One log, how it is read, and how it is judged."""

    name: str
    files: tuple[str, ...]
    """Arguments of ``recviz ingest``; the first is the file of events, relative to the project's root."""
    origin: str
    weeks: int = 13
    categories: str = ""
    """A table of items and their categories; "" takes the log's own items."""
    category_columns: tuple[str, str] = ("item_id", "category")
    rules: tuple[str, ...] = field(default=())


LOGS = (
    Log(
        name="sample",
        files=("sample_data/events.csv.gz", "--items", "sample_data/items.csv", "--users", "sample_data/users.csv"),
        origin="2025-10-06",
    ),
    Log(
        name="online_retail",
        files=("../shared/data/online_retail/online_retail.csv.gz",),
        origin="2011-09-10",
        categories="../shared/data/online_retail/item_clusters.csv",
        category_columns=("StockCode", "cluster"),
        rules=("--map", "user=CustomerID", "--map", "item=StockCode", "--where", "Quantity > 0"),
    ),
)


SPEED = "speed"
SCRIPTS = ("recommend.py", "articles.py", "sasrec.py", "encoding.py", "memory.py")
"""What prints a ratio or a size without a run."""


def main() -> None:
    """Run the logs that were asked for, and the speed."""
    names = [*(log.name for log in LOGS), SPEED]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="*", help=f"of {', '.join(names)}")
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="key=value")
    asked = parser.parse_args()
    if unknown := set(asked.logs) - set(names):
        parser.error(f"no log {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for log in LOGS:
        if asked.logs and log.name not in asked.logs:
            continue
        if not (ROOT / log.files[0]).is_file():
            print(f"{log.name}: left out, {log.files[0]} is not there")
            continue
        measure(log, asked.preset, asked.changes)
    if not asked.logs or SPEED in asked.logs:
        measure_speed()


def measure_speed() -> None:
    """Run the scripts that time recviz beside bare work, and the page of one user where the sample's run is there."""
    OUT.mkdir(parents=True, exist_ok=True)
    commands = [[script] for script in SCRIPTS]
    sample = OUT / "sample"
    if (sample / "results.json").is_file():
        run = json.loads((sample / "results.json").read_text(encoding="utf-8"))["run"]
        commands.append(["user_page.py", str(sample / "workspace"), run])
    results = {}
    for script, *arguments in commands:
        results[script] = judged([ROOT / "benchmarks" / script, *arguments])
        print(f"{script:14} {json.dumps(results[script])}", flush=True)
    (OUT / "speed.json").write_text(json.dumps(results, indent=1), encoding="utf-8")


def measure(log: Log, preset: str, changes: list[str]) -> None:
    """Take one log through the command line and the scorers."""
    folder = OUT / log.name
    folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {"preset": preset, "changes": changes, "steps": {}}

    def step(name: str, *arguments: str) -> str:
        told, seconds, megabytes = call(folder / "workspace", *arguments)
        results["steps"][name] = {"seconds": round(seconds, 1), "peak_megabytes": round(megabytes)}
        print(f"{log.name:14} {name:10} {seconds:8.1f} s {megabytes:8.0f} MB", flush=True)
        return told

    dataset = step("ingest", "ingest", *log.files, *log.rules, "--name", log.name).split()[-1]
    settings = [part for change in changes for part in ("--set", change)]
    run = step(
        "train", "train", dataset, "--preset", preset, "--origin", log.origin, "--horizon", str(log.weeks), "--seed", "0",
        *settings,
    ).split()[-1]  # fmt: skip
    stored = folder / "workspace" / "datasets" / dataset
    categories = folder / "categories.parquet"
    write_categories(log, stored, categories)
    step("forecast", "forecast", run, "--out", str(folder / "forecast.parquet"))
    step("shares", "shares", run, "--categories", str(categories), "--out", str(folder / "shares.parquet"))
    step("recommend", "recommend", run, "--keep-seen", "--out", str(folder / "recommend.parquet"))
    results["run"] = run
    results["scores"] = scores(log, folder, stored, categories)
    (folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(json.dumps(results["scores"].get("against_best", {}), indent=1))
    if log.name == "sample":
        subprocess.run([sys.executable, "benchmarks/sample_truth.py", folder / "workspace", run], cwd=ROOT, check=True)


def call(workspace: Path, *arguments: str) -> tuple[str, float, float]:
    """Run a command; return what it printed, seconds, and the peak megabytes of its largest process."""
    began = time.monotonic()
    command = [sys.executable, "-c", "from recviz.cli import main; main()", "--workspace", str(workspace), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    told = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)  # a worker that the command waited for counts too
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"recviz {' '.join(arguments)} ended with {process.returncode}")
    return told, time.monotonic() - began, usage.ru_maxrss / 1024


def scores(log: Log, folder: Path, stored: Path, categories: Path) -> dict[str, Any]:
    """Ask the scorers, which read the command line's files; nothing where they are not beside the project."""
    scorer = SHARED / "bench" / "forecast_score.py"
    if not scorer.is_file():
        print(f"{log.name}: not scored, the scorers are not beside the project")
        return {}
    forecast = [scorer, stored / "events.parquet", log.origin, str(log.weeks), "--categories", categories,
                "--forecast", folder / "forecast.parquet", "--shares", folder / "shares.parquet"]  # fmt: skip
    ranking = [scorer.with_name("rank_score.py"), stored / "events.parquet", folder / "recommend.parquet",
               "--origin", log.origin]  # fmt: skip
    return {**judged(forecast), "ranking": judged(ranking)}


def write_categories(log: Log, stored: Path, out: Path) -> None:
    """Write the log's mapping of items to categories as the command and the scorer read it."""
    if log.categories:
        table = pd.read_csv(ROOT / log.categories, dtype=str)[list(log.category_columns)]
    else:
        table = pd.read_parquet(stored / "items.parquet")[list(log.category_columns)]
    table.set_axis(["item_id", "category"], axis=1).to_parquet(out)


def judged(command: list[Any]) -> dict[str, Any]:
    """Run a scorer or another script and read what it prints."""
    ran = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{Path(command[0]).name}: {ran.stderr.strip() or ran.stdout.strip()}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


if __name__ == "__main__":
    main()
