"""Logs to measure speed on: the sample shop, and synthetic ones of any size whose histories never pass through memory."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from recviz.data.dataset import Dataset, Kind, Manifest
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import COLUMNS
from recviz.model.config import RunConfig
from recviz.services import datasets
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from recviz.training.finetune import finetune

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
USERS_AT_ONCE = 100_000
WORDS = (
    "red",
    "blue",
    "small",
    "large",
    "tea",
    "garden",
    "wool",
    "paper",
    "lamp",
    "cup",
    "scarf",
    "spade",
    "box",
    "bell",
)


def sample_log(folder: Path) -> Dataset:
    """Store the sample log below a folder and open it."""
    ws = Workspace(Settings(workspace=folder))
    files = datasets.LogFiles(
        events=datasets.local_file(SAMPLE / "events.csv.gz"),
        items=datasets.local_file(SAMPLE / "items.csv"),
        users=datasets.local_file(SAMPLE / "users.csv"),
    )
    return ws.dataset(datasets.ingest(ws, files, datasets.preview(ws, files).plan, "Sample shop").dataset_id)


def synthetic_log(folder: Path, events: int, items: int, each: int = 40) -> Dataset:
    """Write a year of random events straight into mapped files and open it as a dataset; ``each`` events a user."""
    users, rng = events // each, np.random.default_rng(0)
    events = users * each
    (folder / "sequences").mkdir(parents=True)
    types = {"item": np.int32, "time": np.int64, "kind": np.int8, "value": np.float32}
    columns = {
        name: np.lib.format.open_memmap(folder / "sequences" / f"{name}.npy", "w+", types[name], (events,))
        for name in COLUMNS
    }
    for start in range(0, users, USERS_AT_ONCE):
        count = min(USERS_AT_ONCE, users - start)
        rows = slice(start * each, (start + count) * each)
        popular = np.minimum(rng.zipf(1.3, (count, each)) - 1, items - 1)
        columns["item"][rows] = np.where(
            rng.random((count, each)) < 0.5, popular, rng.integers(0, items, (count, each))
        ).ravel()
        columns["time"][rows] = np.sort(rng.integers(0, 365 * MICROSECONDS_PER_DAY, (count, each)), axis=1).ravel()
        columns["value"][rows] = np.nan
    for column in columns.values():
        column.flush()
    np.save(folder / "sequences" / "offsets.npy", np.arange(users + 1, dtype=np.int64) * each)
    titles = [" ".join(rng.choice(WORDS, 4)) + f" {item}" for item in range(items)]
    item_ids = [f"i{item:09}" for item in range(items)]
    pd.DataFrame({"item_id": item_ids, "title": titles, "category": "", "listed": "yes"}).to_parquet(
        folder / "items.parquet"
    )
    pd.DataFrame({"user_id": [f"u{user:09}" for user in range(users)]}).to_parquet(folder / "users.parquet")
    Manifest(
        id=folder.name, name="synthetic", source_name="", source_sha256="", created="2026-01-01T00:00:00Z",
        ordering="time", n_rows_read=events, n_events=events, n_users=users, n_items=items, first_time=0,
        last_time=365 * MICROSECONDS_PER_DAY - 1, kinds=(Kind(name="event", count=events, is_target=True),),
        value_type="none", has_item_table=True, has_categories=False,
    ).write(folder)  # fmt: skip
    return Dataset(folder)


def seconds_per_pass(dataset: Dataset, config: RunConfig, folder: Path, steps: int) -> tuple[float, int]:
    """Train for some steps and return what a pass takes: processor seconds, and steps.

    Processor seconds (of all threads together) are what other work on the machine leaves alone. The first steps pay for
    warming up and do not count.
    """
    folder.mkdir(parents=True)
    config.write(folder)
    began, warm, seen, whole = 0.0, max(2, steps // 5), 0, 1
    for step in finetune(dataset, config, folder, folder / "cache", torch.device("cpu")):
        if not step.losses:
            continue
        seen, whole = seen + 1, round(step.steps / config.passes)
        if seen == warm:
            began = time.process_time()
        if seen >= min(warm + steps, whole):
            break
    return (time.process_time() - began) / max(seen - warm, 1) * whole, whole


def next_item_targets(dataset: Dataset, before: int) -> int:
    """Count events before an instant that have an earlier one of their user: the targets of one pass over next items."""
    store = dataset.store
    time = np.asarray(store.time)
    first = time[store.offsets[:-1]]
    user = np.repeat(np.arange(store.n_users), np.diff(store.offsets))
    return int(((time < before) & (time > first[user])).sum())
