"""Files on their way into a dataset: uploads kept under generated ids, and what was read from them."""

import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl

from recviz.data.checking import LogTables
from recviz.data.findings import FileFacts, ReadOptions
from recviz.data.raw import RawTable
from recviz.data.reading import read_table
from recviz.data.unpacking import CHUNK, MEGABYTE, Limits
from recviz.errors import InvalidLogError, NotFoundError, Problem
from recviz.services.workspace import Workspace
from recviz.settings import Settings

_LONGEST_NAME = 200
_KEPT_SECONDS = 2 * 86_400
"""Uploads and what was read from them are swept away after two days without use."""
_STAGED, _WORK = "staged", "work"


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
    options: ReadOptions = field(default_factory=ReadOptions)
    """How the file of events is read, where its content does not tell."""


def receive_upload(ws: Workspace, name: str, stream: BinaryIO) -> Upload:
    """Copy an uploaded file into the workspace under a generated id.

    Raises:
        InvalidLogError: If it is larger than the limit or empty; nothing is kept then.
    """
    sweep(ws.settings)
    limit = ws.settings.max_upload_mb * MEGABYTE
    upload_id = uuid.uuid4().hex
    partial = ws.settings.uploads / f".partial-{upload_id}"
    partial.mkdir()
    try:
        n_bytes = _copy(stream, partial / "content", limit, name)
        facts = {"name": _display_name(name), "n_bytes": n_bytes}
        (partial / "upload.json").write_text(json.dumps(facts), encoding="utf-8")
        partial.rename(ws.settings.uploads / upload_id)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return open_upload(ws, upload_id)


def open_upload(ws: Workspace, upload_id: str) -> Upload:
    """Return an upload of this workspace.

    Raises:
        NotFoundError: If there is none.
    """
    folder = ws.settings.uploads / upload_id
    if not upload_id.isalnum() or not upload_id.isascii() or not (folder / "upload.json").is_file():
        raise NotFoundError.of("This upload is not there any more", "this workspace", "Upload the file again")
    facts = json.loads((folder / "upload.json").read_text(encoding="utf-8"))
    return Upload(id=upload_id, path=folder / "content", **facts)


def delete_upload(ws: Workspace, upload_id: str) -> None:
    """Remove an upload and everything that was unpacked from it."""
    if not upload_id.isalnum() or not upload_id.isascii():
        return
    shutil.rmtree(ws.settings.uploads / upload_id, ignore_errors=True)
    for folder in (ws.settings.cache / _STAGED).glob(f"{upload_id}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def local_file(path: Path) -> Upload:
    """Take a file where it lies: for the command line, whose user may read what the machine lets them read.

    Raises:
        InvalidLogError: If there is no such file.
    """
    if not path.is_file():
        raise InvalidLogError.of("There is no such file", str(path), "Check the path")
    return Upload(id="", name=_display_name(path.name), path=path.resolve(), n_bytes=path.stat().st_size)


def server_file(ws: Workspace, path: str) -> Upload:
    """Take a file on the server for a browser session, if its real place is below an allowed folder.

    Raises:
        InvalidLogError: If it is not, or if there is no such file; which of both is not told.
    """
    roots = ws.settings.import_roots
    real = Path(path).resolve() if "\0" not in path else None
    if real is None or not any(real.is_relative_to(root) for root in roots) or not real.is_file():
        raise InvalidLogError.of(
            "There is no such file in the folders that may be read",
            _display_name(path),
            "Give the full path of a file below " + (", ".join(map(str, roots)) or "a folder of RECVIZ_IMPORT_FOLDERS"),
        )
    return local_file(real)


def read_files(ws: Workspace, files: LogFiles) -> LogTables:
    """Read a log's files; what a text file holds is staged in the cache, so that it is read once.

    Raises:
        InvalidLogError: With the problems of every file that cannot be read.
    """
    problems: list[Problem] = []
    tables: dict[str, RawTable] = {}
    for part, upload in (("events", files.events), ("items", files.items), ("users", files.users)):
        if upload is None:
            continue
        try:
            tables[part] = _read(ws.settings, upload, files.options if part == "events" else ReadOptions())
        except InvalidLogError as error:
            problems += error.problems
    if problems:
        raise InvalidLogError(problems)
    return LogTables(**tables)


@contextmanager
def work_folder(settings: Settings) -> Iterator[Path]:
    """Yield a folder for a while."""
    folder = settings.cache / _WORK / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(settings: Settings) -> None:
    """Remove uploads, staged rows and unfinished work that nobody has touched for two days."""
    before = time.time() - _KEPT_SECONDS
    left = [
        *settings.uploads.glob("*"),
        *(settings.cache / _STAGED).glob("*"),
        *(settings.cache / _WORK).glob("*"),
        *settings.datasets.glob(".*"),  # what a process that was killed had begun to write or to delete
    ]
    for folder in left:
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _read(settings: Settings, upload: Upload, options: ReadOptions) -> RawTable:
    """Read a file, or open what was read from it before."""
    facts = upload.path.stat()
    content = json.dumps([str(upload.path), facts.st_size, facts.st_mtime_ns, asdict(options)])
    key = hashlib.sha256(content.encode()).hexdigest()[:24]
    folder = settings.cache / _STAGED / f"{upload.id or 'local'}-{key}"
    if not (folder / "facts.json").is_file():
        with work_folder(settings) as work:
            limits = Limits(max_bytes=settings.max_unpacked_mb * MEGABYTE, max_rows=settings.max_rows)
            table = read_table(upload.path, upload.name, work, options, limits)
            if table.facts.format == "Parquet" and table.facts.compression is None:
                return table
            if table.facts.format in ("Parquet", "Excel"):
                table.frame.sink_parquet(work / "rows.parquet")
                table.malformed.sink_parquet(work / "malformed.parquet")
            (work / "facts.json").write_text(json.dumps(asdict(table.facts)), encoding="utf-8")
            folder.parent.mkdir(parents=True, exist_ok=True)
            if not folder.exists():  # another session may have read the same file meanwhile
                work.rename(folder)
    folder.touch()
    raw = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return RawTable(
        facts=replace(FileFacts(**{**raw, "columns": tuple(raw["columns"])}), name=upload.name),
        frame=pl.scan_parquet(folder / "rows.parquet"),
        malformed=pl.scan_parquet(folder / "malformed.parquet"),
    )


def _copy(stream: BinaryIO, path: Path, limit: int, name: str) -> int:
    n_bytes = 0
    with path.open("wb") as out:
        while chunk := stream.read(CHUNK):
            n_bytes += len(chunk)
            if n_bytes > limit:
                raise InvalidLogError.of(
                    f"The file is larger than {limit / MEGABYTE:,.0f} MB",
                    _display_name(name),
                    "Pack it with gzip, or put it on the server and give its path; or raise RECVIZ_MAX_UPLOAD_MB",
                )
            out.write(chunk)
    if not n_bytes:
        raise InvalidLogError.of("The file is empty: it has no rows", _display_name(name), "Choose another file")
    return n_bytes


def _display_name(name: str) -> str:
    """Keep a name fit to be shown: no control characters, not longer than a line."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)[:_LONGEST_NAME] or "unnamed"
