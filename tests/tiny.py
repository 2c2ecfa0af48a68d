"""A shop so small that a run on it is done within seconds: for tests of pages and of the browser."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from recviz.jobs.job import Job
from recviz.jobs.store import utc_now
from recviz.services import datasets
from recviz.services.workspace import Workspace
from recviz.settings import Settings

ITEMS = {
    "Tents": [
        "Alpine tent for two",
        "Beach shelter",
        "Family tunnel tent",
        "Ridge tarp",
        "Bivouac <b>bag</b>",
        "Dome tent",
    ],
    "Mugs": ["Red enamel mug", "Blue stoneware mug", "Travel mug with lid", "Espresso cup", "Tea bowl", "Glass mug"],
    "Lamps": ["Brass desk lamp", "Paper lantern", "String of lights", "Oil lamp", "Reading lamp", "Night light"],
}
USERS = 48
WEEKS = 40
TRAIN = ("--preset", "fast", "--horizon", "6", "--set", "passes=1", "--set", "width=16", "--set", "layers=1",
         "--set", "batch_users=16", "--set", "max_tokens=16")  # fmt: skip


def tiny_log() -> pd.DataFrame:
    """Make the log: ``customer, product, title, category, bought, amount``; each user likes one group most."""
    rng = np.random.default_rng(0)
    catalogue = [
        (f"{group[0]}{place:03d}", title, group)
        for group, titles in ITEMS.items()
        for place, title in enumerate(titles)
    ]
    rows = []
    for user in range(USERS):
        liked = list(ITEMS)[user % len(ITEMS)]
        for week in range(WEEKS):
            if rng.random() > 0.15 + 0.4 * (user % 5) / 5:
                continue
            at = pd.Timestamp("2025-01-06 10:00") + pd.Timedelta(days=7 * week + int(rng.integers(7)))
            for _ in range(int(rng.integers(1, 4))):
                pool = [item for item in catalogue if item[2] == liked] if rng.random() < 0.7 else catalogue
                item, title, group = pool[int(rng.integers(len(pool)))]
                rows.append(
                    (f"{10_000 + user:05d}", item, title, group, at.isoformat(sep=" "), int(rng.integers(1, 5)))
                )
    return pd.DataFrame(rows, columns=["customer", "product", "title", "category", "bought", "amount"])


def make_ready_workspace(folder: Path) -> tuple[Settings, str, str]:
    """Make a workspace with the tiny log and a finished run on it; return it with the ids of both."""
    settings = Settings(workspace=folder, device="cpu", threads=1)
    ws = Workspace(settings)
    file = folder / "tiny.csv"
    tiny_log().to_csv(file, index=False)
    files = datasets.LogFiles(events=datasets.local_file(file))
    dataset = datasets.ingest(ws, files, datasets.preview(ws, files).plan, "Tiny shop").dataset_id
    done = subprocess.run(
        [sys.executable, "-c", "from recviz.cli import main; main()", "train", dataset, *TRAIN, "--name", "Tiny run"],
        env={**os.environ, "RECVIZ_WORKSPACE": str(folder), "RECVIZ_DEVICE": "cpu", "RECVIZ_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return settings, dataset, done.stdout.split()[-1]


def make_twin(settings: Settings, dataset: str, run: str) -> str:
    """Copy a finished run under a name that is markup, its settings saying another seed: two runs, trained once."""
    ws, twin = Workspace(settings), "fast-twin0000"
    shutil.copytree(settings.runs / run, settings.runs / twin)
    replace(ws.run_config(run), seed=7).write(settings.runs / twin)
    ws.jobs.add(
        Job(id=twin, name="Twin <b>run</b>", dataset=dataset, preset="fast", created=utc_now(), state="completed")
    )
    return twin
