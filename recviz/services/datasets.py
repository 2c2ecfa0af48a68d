"""Datasets: from an upload to a stored log, and what can be done with one. What the Log page and the commands call."""

import shutil
import zipfile
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
from recviz.data.storing import dataset_id, rename_dataset, store_log
from recviz.errors import BusyError, InvalidLogError, InvalidSettingError
from recviz.model.config import RunConfig
from recviz.services.dataset_files import (
    LogFiles,
    Upload,
    delete_upload,
    local_file,
    open_upload,
    read_files,
    receive_upload,
    server_file,
    work_folder,
)
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
_EXPORTED = ("events.parquet", "items.parquet", "users.parquet", "rejected.parquet", "manifest.json")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """A log that is in."""

    dataset_id: str
    manifest: Manifest
    report: CheckReport
    was_there: bool
    """Whether the same bytes, mapping and rules had been stored before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """One row of the table of datasets."""

    manifest: Manifest
    n_bytes: int
    runs: tuple[str, ...]
    """Ids of the runs that use it."""


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
            rejected.select(_harmless(name) for name in rejected.collect_schema().names()).sink_csv(part)
        else:
            rejected.sink_parquet(part)
        part.replace(out)
        return int(rejected.select(pl.len()).collect(engine="streaming").item())


def _harmless(name: str) -> pl.Expr:
    """Put a quote before cells that a spreadsheet would run as a formula."""
    cell = pl.col(name).cast(pl.String)
    return (
        pl.when(cell.str.contains(r"^[=+\-@\t\r]")).then(pl.concat_str(pl.lit("'"), cell)).otherwise(cell).alias(name)
    )


def ingest(
    ws: Workspace, files: LogFiles, plan: LogPlan, name: str | None = None, told: Told | None = None
) -> Ingested:
    """Store the log. The same bytes, mapping and rules give the same dataset, stored once.

    Raises:
        InvalidLogError: With every problem that was found; nothing is stored then.
    """
    tell = told or (lambda _what, _share: None)
    tell("Reading the file", 0.0)
    tables = read_files(ws, files)
    folder = ws.settings.datasets / dataset_id(tables, plan)
    with work_folder(ws.settings) as work:
        tell("Checking every row", 0.5)
        checked = check_log(tables, plan, work)
        if checked.report.problems:
            raise InvalidLogError(checked.report.problems)
        was_there = (folder / "manifest.json").is_file()
        if was_there:
            if name and name != Manifest.read(folder).name:
                rename(ws, folder.name, name)
        else:
            tell("Storing the events", 0.8)
            store_log(tables, checked, folder, name or _plain_name(files.events))
    tell("The log is stored", 1.0)
    return Ingested(
        dataset_id=folder.name, manifest=Manifest.read(folder), report=checked.report, was_there=was_there
    )  # fmt: skip


def _plain_name(file: Upload) -> str:
    """Make a dataset's name of a file's: ``online_retail.csv.gz`` is ``online retail``."""
    stem = file.name.replace("\\", "/").rpartition("/")[2].split(".")[0]
    if stem in ("events", "log", "data") and not file.id:
        stem = file.path.parent.name
    return stem.replace("_", " ").strip()[:_LONGEST_NAME] or "log"


def profile(ws: Workspace, dataset_id: str) -> Profile:
    """Tell what a stored log is like, with the share of its text that the default backbone cannot read.

    Raises:
        NotFoundError: If there is no such dataset.
        BackboneError: If the default backbone is not installed.
    """
    return profile_dataset(ws.dataset(dataset_id), unknown_share)


def list_datasets(ws: Workspace) -> tuple[DatasetRow, ...]:
    """Return the stored logs, newest first."""
    users = _users_of_datasets(ws)
    rows = []
    for path in ws.settings.datasets.glob("*/manifest.json"):
        if path.parent.name.startswith("."):
            continue
        manifest = Manifest.read(path.parent)
        rows.append(
            DatasetRow(manifest=manifest, n_bytes=_n_bytes(path.parent), runs=tuple(users.get(manifest.id, ())))
        )
    return tuple(sorted(rows, key=lambda row: (row.manifest.created, row.manifest.id), reverse=True))


def rename(ws: Workspace, dataset_id: str, name: str) -> None:
    """Call a dataset something else; its id and content stay.

    Raises:
        NotFoundError: If there is no such dataset.
        InvalidSettingError: If the name is empty or longer than 80 characters.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidSettingError.of(
            "This name cannot be given", repr(name[:_LONGEST_NAME]), f"Choose 1 to {_LONGEST_NAME} characters"
        )
    rename_dataset(ws.dataset(dataset_id).folder, name)


def export_dataset(ws: Workspace, dataset_id: str, out: Path) -> Path:
    """Copy a dataset's Parquet files and manifest to a new folder, or into a zip where ``out`` ends so.

    Raises:
        NotFoundError: If there is no such dataset.
        InvalidSettingError: If ``out`` exists.
    """
    folder = ws.dataset(dataset_id).folder
    if out.exists():
        raise InvalidSettingError.of("There is something of this name already", str(out), "Choose another name")
    part = out.with_name(f".{out.name}.part")
    if out.suffix == ".zip":
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:  # Parquet is packed already
            for name in _EXPORTED:
                archive.write(folder / name, name)
    else:
        part.mkdir()
        for name in _EXPORTED:
            shutil.copyfile(folder / name, part / name)
    part.rename(out)
    return out


def disk_usage(ws: Workspace, dataset_id: str) -> int:
    """Return the bytes that deleting the dataset would free.

    Raises:
        NotFoundError: If there is no such dataset.
    """
    return _n_bytes(ws.dataset(dataset_id).folder)


def delete(ws: Workspace, dataset_id: str) -> int:
    """Delete a dataset and return the bytes that this freed.

    Raises:
        NotFoundError: If there is no such dataset.
        BusyError: If runs use it; it names them.
    """
    dataset = ws.dataset(dataset_id)
    runs = _users_of_datasets(ws).get(dataset_id, [])
    if runs:
        raise BusyError.of(
            f"{len(runs)} {'run uses' if len(runs) == 1 else 'runs use'} this log",
            f"log {dataset.manifest.name}: {', '.join(sorted(runs))}",
            "Delete these runs first",
        )
    freed = _n_bytes(dataset.folder)
    doomed = dataset.folder.with_name(f".deleted-{dataset_id}")
    dataset.folder.rename(doomed)  # at once, so that nobody opens half of it
    shutil.rmtree(doomed)
    return freed


def _users_of_datasets(ws: Workspace) -> dict[str, list[str]]:
    """Map each dataset to the runs that use it."""
    users: dict[str, list[str]] = {}
    for path in sorted(ws.settings.runs.glob("*/config.json")):
        users.setdefault(RunConfig.read(path.parent).dataset, []).append(path.parent.name)
    return users


def _n_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
