"""Writing a dataset: canonical order, sequence store, manifest; all of it or nothing."""

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from recviz.data.dataset import Kind, Manifest
from recviz.data.sequences import SequenceStore
from recviz.errors import InvalidLogError

MAX_KINDS = 127
ROW_GROUP = 250_000
PARTIAL = ".partial-"
"""Prefix of a folder that is being written; one that is left over is no dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What a dataset is written from. Every id and text is a string (or Enum); no id is empty."""

    events: pl.DataFrame
    """``user_id, item_id``, ``timestamp`` (datetime, UTC) or ``seq_pos`` (int64), ``kind``, ``value`` (float32)."""
    items: pl.DataFrame
    """One row an item, sorted by ``item_id``; ``title``, ``category`` and further texts, "" where unknown."""
    users: pl.DataFrame
    """One row a user, sorted by ``user_id``; attributes, "" where unknown."""
    rejected: pl.LazyFrame
    """``line``, ``reason`` and the row as it was read."""


def instant_column(events: pl.DataFrame) -> str:
    """Return the column that orders the events: ``timestamp``, or ``seq_pos`` in a log that has an order only."""
    return "timestamp" if "timestamp" in events.columns else "seq_pos"


def canonical(tables: Tables) -> pl.DataFrame:
    """Sort by user bytes, time, item bytes, kind and value, so that the order of rows in a file never matters.

    Returns:
        The events; ids and kinds as codes that count along their sorted tables.
    """
    events = tables.events
    instant = instant_column(events)
    time = pl.Datetime("us", "UTC") if instant == "timestamp" else pl.Int64
    return events.select(
        pl.col("user_id").cast(pl.Enum(tables.users["user_id"])),
        pl.col("item_id").cast(pl.Enum(tables.items["item_id"])),
        pl.col(instant).cast(time),
        pl.col("kind").cast(pl.Enum(events["kind"].cast(pl.String).unique().sort())),
        pl.col("value").cast(pl.Float32),
    ).sort("user_id", instant, "item_id", "kind", "value", nulls_last=True)


def write_dataset(folder: Path, tables: Tables, manifest: Manifest, targets: Sequence[str] | None = None) -> Manifest:
    """Write a dataset's folder under another name and rename it when complete.

    Args:
        folder: Where the dataset will be; its parent exists, it does not.
        tables: The cleaned log.
        manifest: What is known beforehand; counts, span and kinds are filled in here.
        targets: Kinds that count as interest; ``None`` for all.

    Returns:
        The manifest as written.

    Raises:
        InvalidLogError: If the log has more kinds than can be stored.
    """
    events = canonical(tables)
    counts = events.group_by("kind").len().sort("kind")
    if len(counts) > MAX_KINDS:
        raise InvalidLogError.of(
            f"The log has {len(counts):,} kinds of events", "the kind column", f"Choose a column of at most {MAX_KINDS}"
        )
    instants = events[instant_column(events)].to_physical()
    manifest = replace(
        manifest,
        n_events=len(events),
        n_users=len(tables.users),
        n_items=len(tables.items),
        first_time=int(instants.min()),  # type: ignore[arg-type]  # a log has at least one event
        last_time=int(instants.max()),  # type: ignore[arg-type]  # whole numbers, as the column is
        kinds=tuple(
            Kind(name=name, count=count, is_target=targets is None or name in targets)
            for name, count in counts.with_columns(pl.col("kind").cast(pl.String)).iter_rows()
        ),
    )
    with _new_folder(folder) as partial:
        _sequences(events, tables).write(partial / "sequences")
        texts = events.lazy().with_columns(pl.col("user_id", "item_id", "kind").cast(pl.String))
        texts.sink_parquet(partial / "events.parquet", row_group_size=ROW_GROUP)
        tables.items.write_parquet(partial / "items.parquet")
        tables.users.write_parquet(partial / "users.parquet")
        tables.rejected.sink_parquet(partial / "rejected.parquet")
        manifest.write(partial)
    return manifest


def _sequences(events: pl.DataFrame, tables: Tables) -> SequenceStore:
    """Lay the canonically sorted events out as columns."""
    users = events["user_id"].to_physical().to_numpy()
    return SequenceStore(
        offsets=np.searchsorted(users, np.arange(len(tables.users) + 1)).astype(np.int64),
        item=events["item_id"].to_physical().cast(pl.Int32).to_numpy(),
        time=events[instant_column(events)].to_physical().to_numpy(),
        kind=events["kind"].to_physical().cast(pl.Int8).to_numpy(),
        value=events["value"].fill_null(float("nan")).to_numpy(),
    )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``folder`` that takes its name on success and vanishes on failure."""
    partial = folder.with_name(f"{PARTIAL}{uuid.uuid4().hex}")
    partial.mkdir()
    try:
        yield partial
        for path in [*partial.rglob("*"), partial]:
            sync(path)
        partial.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def sync(path: Path) -> None:
    """Make sure that what was written to a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
