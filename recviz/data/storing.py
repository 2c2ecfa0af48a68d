"""From a checked log to a dataset, whose id is made of everything that determines its content."""

import hashlib
import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from recviz.data.checking import Checked, LogTables, event_columns
from recviz.data.dataset import FORMAT, Manifest
from recviz.data.plan import LogPlan
from recviz.data.writer import PARTIAL, Tables, sync, write_dataset
from recviz.errors import InvalidLogError

_ID_DIGITS = 16


def dataset_id(tables: LogTables, plan: LogPlan) -> str:
    """Return the id that these bytes, read this way under this plan, always have."""
    files = [
        None if raw is None else (raw.facts.sha256, raw.facts.encoding, raw.facts.delimiter, raw.facts.columns)
        for raw in (tables.events, tables.items, tables.users)
    ]
    content = json.dumps([FORMAT, files, plan.to_json()], sort_keys=True)
    return f"log-{hashlib.sha256(content.encode()).hexdigest()[:_ID_DIGITS]}"


def store_log(tables: LogTables, checked: Checked, folder: Path, name: str) -> Manifest:
    """Write a checked log to a dataset's folder, which is there complete or not at all.

    Args:
        tables: The files that the log was read from.
        checked: What `check_log` made of them.
        folder: Where the dataset will be; its name is the dataset's id.
        name: What people call the dataset.

    Raises:
        InvalidLogError: With every problem of the check.
    """
    marked, catalogue, report = checked.marked, checked.catalogue, checked.report
    if report.problems or marked is None or catalogue is None:
        raise InvalidLogError(report.problems)
    plan = marked.plan
    manifest = Manifest(
        id=folder.name,
        name=name,
        source_name=tables.events.facts.name,
        source_sha256=tables.events.facts.sha256,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        ordering="order" if marked.reading is None else "time",
        n_rows_read=tables.events.facts.n_rows,
        n_events=0,
        n_users=0,
        n_items=0,
        first_time=0,
        last_time=0,
        kinds=(),
        value_type="yes_no" if plan.conversion else "number" if plan.value else "none",
        value_name=plan.conversion or plan.value or "",
        has_item_table=tables.items is not None,
        has_categories=catalogue.has_categories,
        text_fields=catalogue.text_fields,
        user_attributes=catalogue.attributes,
        mapping=plan.to_json(),
        rejected={entry.reason: entry.n_rows for entry in report.rejections},
        notes=report.notes,
    )
    users, items = pl.Enum(catalogue.users["user_id"]), pl.Enum(catalogue.items["item_id"])
    events = event_columns(marked).with_columns(pl.col("user_id").cast(users), pl.col("item_id").cast(items))
    stored = Tables(
        events=events.collect(engine="streaming"),
        items=catalogue.items,
        users=catalogue.users,
        rejected=marked.rejected,
    )
    return write_dataset(folder, stored, manifest, report.targets)


def rename_dataset(folder: Path, name: str) -> None:
    """Call the dataset in a folder something else; nothing else of it changes."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=PARTIAL) as partial:
        replace(Manifest.read(folder), name=name).write(Path(partial))
        sync(Path(partial) / "manifest.json")
        (Path(partial) / "manifest.json").replace(folder / "manifest.json")
