"""Stored datasets: list, rename, export, delete."""

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from recviz.data.dataset import Manifest
from recviz.data.storing import rename_dataset
from recviz.errors import BusyError, InvalidSettingError
from recviz.model.config import RunConfig
from recviz.services.workspace import Workspace

_EXPORTED = ("events.parquet", "items.parquet", "users.parquet", "rejected.parquet", "manifest.json")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """One row of the table of datasets."""

    manifest: Manifest
    n_bytes: int
    runs: tuple[str, ...]
    """Ids of the runs that use it."""


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
    rename_dataset(ws.dataset(dataset_id).folder, checked_name(name))


def checked_name(name: str) -> str:
    """Return a name that people gave to a log or a run, without blanks around it.

    Raises:
        InvalidSettingError: If it is empty, longer than 80 characters, or cannot be shown.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidSettingError.of(
            "This name cannot be given", repr(name[:LONGEST_NAME]), f"Choose 1 to {LONGEST_NAME} characters"
        )
    return name


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
            "A run uses this log" if len(runs) == 1 else f"{len(runs)} runs use this log",
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
