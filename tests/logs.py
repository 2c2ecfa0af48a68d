"""Small logs for tests, written by the product's own writer."""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from recviz.data.catalogue import complete_table, first_in_time, mark_listed, with_text_columns
from recviz.data.dataset import Dataset, Manifest
from recviz.data.writer import Tables, instant_column, write_dataset


def make_dataset(
    folder: Path,
    events: pd.DataFrame,
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    targets: list[str] | None = None,
    **manifest: Any,
) -> Dataset:
    """Store a small log and open it.

    Args:
        folder: The new dataset's folder, such as ``tmp_path / "log"``; its name becomes the dataset id.
        events: ``user_id``, ``item_id``, ``timestamp`` (anything that pandas reads as a time; naive is UTC) or
            ``seq_pos``; optionally ``kind`` ("event" where absent), ``value``, ``title``, ``category``.
        items: The log's own item table: ``item_id`` and texts; then ``has_item_table`` is true.
        users: ``user_id`` and attributes.
        targets: Kinds that count as interest; all where not given.
        **manifest: Fields of the manifest that shall differ from what the tables say.
    """
    log = _events(events)
    texts = [name for name in log.columns if name in ("title", "category")]
    told = first_in_time(log.lazy(), "item_id", texts, instant_column(log))
    given = told.select("item_id") if items is None else _strings(items).select("item_id", pl.exclude("item_id"))
    table = with_text_columns(complete_table(given, told["item_id"], told))
    table = table if items is None else mark_listed(table, given["item_id"])
    people = log.select("user_id").unique() if users is None else _strings(users)
    people = complete_table(people.select("user_id", pl.exclude("user_id")), log["user_id"])
    people = people.join(log.select("user_id").unique(), on="user_id", how="semi").sort("user_id")
    has_categories = bool((table["category"] != "").any())
    facts: dict[str, Any] = {
        "id": folder.name,
        "name": folder.name,
        "source_name": "made by a test",
        "source_sha256": "",
        "created": "2026-01-01T00:00:00Z",
        "ordering": "time" if "timestamp" in log.columns else "order",
        "n_rows_read": len(log),
        "value_type": "none" if log["value"].null_count() == len(log) else "number",
        "has_item_table": items is not None,
        "has_categories": has_categories,
        "user_attributes": tuple(name for name in people.columns if name != "user_id"),
        **manifest,
    }
    blank = Manifest(n_events=0, n_users=0, n_items=0, first_time=0, last_time=0, kinds=(), **facts)
    rejected = pl.LazyFrame(schema={"line": pl.Int64, "reason": pl.String})
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_dataset(folder, Tables(events=log, items=table, users=people, rejected=rejected), blank, targets)
    return Dataset(folder)


def _events(events: pd.DataFrame) -> pl.DataFrame:
    log = pl.from_pandas(events.assign(user_id=events["user_id"].astype(str), item_id=events["item_id"].astype(str)))
    if "timestamp" in events:
        times = pd.DatetimeIndex(pd.to_datetime(events["timestamp"], utc=True)).as_unit("us").asi8
        log = log.with_columns(pl.Series("timestamp", times).cast(pl.Datetime("us", "UTC")))
    if "kind" not in log.columns:
        log = log.with_columns(kind=pl.lit("event"))
    if "value" not in log.columns:
        log = log.with_columns(value=pl.lit(None, pl.Float32))
    return log.with_columns(pl.col("value").cast(pl.Float32).fill_nan(None))


def _strings(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({str(name): [str(cell) for cell in frame[name]] for name in frame})
