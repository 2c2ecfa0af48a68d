"""Datasets: from an upload to a stored log, and what can be done with one. What the Log page and the commands call."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recviz.data.asking import Asked
from recviz.data.checking import check_log
from recviz.data.cleaning import mark_rows
from recviz.data.dataset import Manifest
from recviz.data.findings import CheckReport, FileFacts, Preview, Profile
from recviz.data.plan import LogPlan
from recviz.data.previewing import preview_log
from recviz.data.profile import profile_dataset
from recviz.data.storing import dataset_id, store_log
from recviz.errors import InvalidLogError
from recviz.language import mark
from recviz.services.dataset_files import (
    LogFiles,
    Upload,
    delete_upload,
    local_file,
    open_upload,
    read_files,
    receive_upload,
    server_file,
    sweep,
    work_folder,
)
from recviz.services.dataset_shelf import (
    LONGEST_NAME,
    DatasetRow,
    delete,
    disk_usage,
    export_dataset,
    list_datasets,
    rename,
)
from recviz.services.exports import FORMULA_STARTS
from recviz.services.readability import unknown_share
from recviz.services.workspace import Workspace

__all__ = [
    "Asked",
    "DatasetRow",
    "Ingested",
    "LogFiles",
    "Upload",
    "check",
    "delete",
    "delete_upload",
    "disk_usage",
    "export_dataset",
    "ingest",
    "list_datasets",
    "local_file",
    "look",
    "open_upload",
    "preview",
    "profile",
    "receive_upload",
    "rejected_rows",
    "rename",
    "server_file",
]

Told = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """A log that is in."""

    dataset_id: str
    manifest: Manifest
    report: CheckReport
    was_there: bool
    """Whether the same bytes, mapping and rules had been stored before."""


def look(ws: Workspace, files: LogFiles) -> dict[str, FileFacts]:
    """Tell what the files are, by ``events``, ``items``, ``users``.

    Raises:
        InvalidLogError: If one cannot be read.
    """
    tables = read_files(ws, files)
    read = {"events": tables.events, "items": tables.items, "users": tables.users}
    return {part: raw.facts for part, raw in read.items() if raw is not None}


def preview(ws: Workspace, files: LogFiles, asked: Asked | LogPlan | None = None) -> Preview:
    """Read the files and guess what their columns are; a plan given replaces the guesses.

    Raises:
        InvalidLogError: If a file cannot be read or what is asked for cannot be understood.
    """
    with work_folder(ws.settings) as work:
        return preview_log(read_files(ws, files), asked, work)


def check(ws: Workspace, files: LogFiles, plan: LogPlan) -> CheckReport:
    """Run the plan over all rows and tell what would be stored; nothing is. Problems are in the report.

    Raises:
        InvalidLogError: If a file cannot be read.
    """
    with work_folder(ws.settings) as work:
        return check_log(read_files(ws, files), plan, work).report


def rejected_rows(ws: Workspace, files: LogFiles, plan: LogPlan, out: Path) -> int:
    """Write the rows that the plan leaves out, with line numbers and reasons, as Parquet or CSV by ``out``'s ending.

    Returns:
        How many there are.

    Raises:
        InvalidLogError: If a file cannot be read or the plan cannot be applied to it.
    """
    with work_folder(ws.settings) as work:
        rejected = mark_rows(read_files(ws, files).events, plan, work).rejected
        part = out.with_name(f".{out.name}.part")
        if out.suffix == ".csv":
            rejected.select(_harmless(name) for name in rejected.collect_schema().names()).sink_csv(
                part, include_bom=True
            )
        else:
            rejected.sink_parquet(part)
        part.replace(out)
        return int(rejected.select(pl.len()).collect(engine="streaming").item())


def _harmless(name: str) -> pl.Expr:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; numbers stay."""
    cell = pl.col(name).cast(pl.String)
    runs = pl.any_horizontal(cell.str.starts_with(start) for start in FORMULA_STARTS)
    is_number = cell.cast(pl.Float64, strict=False).is_not_null()
    return pl.when(runs & ~is_number).then(pl.concat_str(pl.lit("'"), cell)).otherwise(cell).alias(name)


def ingest(
    ws: Workspace, files: LogFiles, plan: LogPlan, name: str | None = None, told: Told | None = None
) -> Ingested:
    """Store the log. The same bytes, mapping and rules give the same dataset, stored once.

    Raises:
        InvalidLogError: With every problem that was found; nothing is stored then.
    """
    tell = told or (lambda _what, _share: None)
    sweep(ws.settings)
    tell(mark("Reading the file"), 0.0)
    tables = read_files(ws, files)
    folder = ws.settings.datasets / dataset_id(tables, plan)
    with work_folder(ws.settings) as work:
        tell(mark("Checking every row"), 0.5)
        checked = check_log(tables, plan, work)
        if checked.report.problems:
            raise InvalidLogError(checked.report.problems)
        was_there = (folder / "manifest.json").is_file()
        if was_there:
            if name and name != Manifest.read(folder).name:
                rename(ws, folder.name, name)
        else:
            tell(mark("Storing the events"), 0.8)
            store_log(tables, checked, folder, name or _plain_name(files.events))
    tell(mark("The log is stored"), 1.0)
    return Ingested(
        dataset_id=folder.name, manifest=Manifest.read(folder), report=checked.report, was_there=was_there
    )  # fmt: skip


def _plain_name(file: Upload) -> str:
    """Make a dataset's name of a file's: ``online_retail.csv.gz`` is ``online retail``."""
    stem = file.name.replace("\\", "/").rpartition("/")[2].split(".")[0]
    if stem in ("events", "log", "data") and not file.id:
        stem = file.path.parent.name
    return stem.replace("_", " ").strip()[:LONGEST_NAME] or "log"


def profile(ws: Workspace, dataset_id: str) -> Profile:
    """Tell what a stored log is like, with the share of its text that the default backbone cannot read.

    Raises:
        NotFoundError: If there is no such dataset.
        BackboneError: If the default backbone is not installed.
    """
    return profile_dataset(ws.dataset(dataset_id), unknown_share)
