"""Datasets: from an upload to a stored log, and what can be done with one. What the Log page and the commands call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recviz.data.dataset import Manifest
from recviz.data.findings import CheckReport, FileFacts, Preview, Profile, ReadOptions
from recviz.data.plan import LogPlan
from recviz.services.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is ready to be read."""

    id: str
    """Generated; "" for a file that is read where it lies."""
    name: str
    """As the user calls it; shown, never used as a path."""
    path: Path
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFiles:
    """The files of one log."""

    events: Upload
    items: Upload | None = None
    users: Upload | None = None
    options: ReadOptions = ReadOptions()
    """How the file of events is read, where its content does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a user asks for on top of the guesses, as texts."""

    mapping: Sequence[str] = ()
    """``user=CustomerID``..., and of the side tables ``items.title=name``, ``users.attribute=country``."""
    where: Sequence[str] = ()
    kind_rules: Sequence[str] = ()
    outliers: Sequence[str] = ()
    day_first: bool | None = None
    time_unit: str = "auto"
    drop_duplicates: bool = False
    targets: Sequence[str] | None = None
    conversion: str | None = None


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


Told = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1."""


def receive_upload(ws: Workspace, name: str, stream: BinaryIO) -> Upload:
    """Copy an uploaded file into the workspace under a generated id.

    Raises:
        InvalidLogError: If it is larger than the limit or empty; nothing is kept then.
    """
    raise NotImplementedError


def open_upload(ws: Workspace, upload_id: str) -> Upload:
    """Return an upload of this workspace.

    Raises:
        NotFoundError: If there is none.
    """
    raise NotImplementedError


def delete_upload(ws: Workspace, upload_id: str) -> None:
    """Remove an upload and everything that was unpacked from it."""
    raise NotImplementedError


def local_file(path: Path) -> Upload:
    """Take a file where it lies: for the command line, whose user may read what the machine lets them read.

    Raises:
        InvalidLogError: If there is no such file.
    """
    raise NotImplementedError


def server_file(ws: Workspace, path: str) -> Upload:
    """Take a file on the server for a browser session, if its real place is below an allowed folder.

    Raises:
        InvalidLogError: If it is not, or if there is no such file.
    """
    raise NotImplementedError


def look(ws: Workspace, files: LogFiles) -> dict[str, FileFacts]:
    """Tell what the files are, by ``events``, ``items``, ``users``.

    Raises:
        InvalidLogError: If one cannot be read.
    """
    raise NotImplementedError


def preview(ws: Workspace, files: LogFiles, asked: Asked | LogPlan | None = None) -> Preview:
    """Read the files and guess what their columns are; a plan given replaces the guesses.

    Raises:
        InvalidLogError: If a file cannot be read or what is asked for cannot be understood.
    """
    raise NotImplementedError


def check(ws: Workspace, files: LogFiles, plan: LogPlan) -> CheckReport:
    """Run the plan over all rows and tell what would be stored; nothing is. Problems are in the report.

    Raises:
        InvalidLogError: If a file cannot be read.
    """
    raise NotImplementedError


def rejected_rows(ws: Workspace, files: LogFiles, plan: LogPlan, out: Path) -> int:
    """Write the rows that the plan leaves out, with line numbers and reasons, as Parquet or CSV by ``out``'s ending.

    Returns:
        How many there are.
    """
    raise NotImplementedError


def ingest(
    ws: Workspace, files: LogFiles, plan: LogPlan, name: str | None = None, told: Told | None = None
) -> Ingested:
    """Store the log. The same bytes, mapping and rules give the same dataset, stored once.

    Raises:
        InvalidLogError: With every problem that was found; nothing is stored then.
    """
    raise NotImplementedError


def profile(ws: Workspace, dataset_id: str) -> Profile:
    """Tell what a stored log is like, with the share of its text that the default backbone cannot read.

    Raises:
        NotFoundError: If there is no such dataset.
    """
    raise NotImplementedError


def list_datasets(ws: Workspace) -> tuple[DatasetRow, ...]:
    """Return the stored logs, newest first."""
    raise NotImplementedError


def rename(ws: Workspace, dataset_id: str, name: str) -> None:
    """Call a dataset something else; its id and content stay."""
    raise NotImplementedError


def export_dataset(ws: Workspace, dataset_id: str, out: Path) -> Path:
    """Copy a dataset's Parquet files and manifest to a new folder, or into a zip where ``out`` ends so.

    Raises:
        NotFoundError: If there is no such dataset.
        InvalidSettingError: If ``out`` exists.
    """
    raise NotImplementedError


def disk_usage(ws: Workspace, dataset_id: str) -> int:
    """Return the bytes that deleting the dataset would free."""
    raise NotImplementedError


def delete(ws: Workspace, dataset_id: str) -> int:
    """Delete a dataset and return the bytes that this freed.

    Raises:
        NotFoundError: If there is no such dataset.
        BusyError: If runs use it; it names them.
    """
    raise NotImplementedError
