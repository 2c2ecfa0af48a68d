"""Folders of tensors and JSON: written whole, checked when read. No pickle."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from recviz.errors import RunFailedError
from recviz.language import tr

MARKER = "complete.json"
CHECKPOINTS = "checkpoints"
FORMAT = 8
"""Of the tensors' names and shapes.

Until 7 all items' own vectors moved alike. Until 6 one network told of the counts, and events of everybody's level, too; 5
did not weigh how few are new; 4 weighed popularity alike in all periods.
"""
READABLE = (4, 5, 6, 7, FORMAT)
"""Formats of models that are read (see `recviz.model.loading.network_weights`); what is resumed must be of the last."""


def write_folder(folder: Path, tensors: Mapping[str, Mapping[str, Tensor]], facts: Mapping[str, Any]) -> None:
    """Write ``<name>.safetensors`` for each group of tensors and ``facts.json``, then the marker, then rename.

    A folder under its final name is therefore always complete.
    """
    partial = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, group in tensors.items():
        whole = {key: value.detach().cpu().contiguous() for key, value in group.items()}
        save_file(whole, partial / f"{name}.safetensors")
    (partial / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    sums = {path.name: _size_and_sum(path) for path in sorted(partial.iterdir())}
    for path in partial.iterdir():
        sync(path)
    (partial / MARKER).write_text(json.dumps({"format": FORMAT, "files": sums}), encoding="utf-8")
    sync(partial / MARKER)
    sync(partial)
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def fault_of(folder: Path, formats: Sequence[int] = (FORMAT,)) -> str | None:
    """Say what is wrong with a folder, or ``None`` where it is complete and of one of these formats."""
    try:
        marked = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        if marked["format"] not in formats:
            return tr("it has format {found}, this recviz knows {known}").format(found=marked["format"], known=FORMAT)
        files = {name: (size, digest) for name, (size, digest) in marked["files"].items()}
    except OSError:
        return tr("it was not finished")
    except (ValueError, TypeError, KeyError, AttributeError):
        return tr("{name} is damaged").format(name=MARKER)
    for name, (size, digest) in files.items():
        path = folder / name
        if not path.is_file():
            return tr("{name} is missing").format(name=name)
        if path.stat().st_size != size or _size_and_sum(path)[1] != digest:
            return tr("{name} is damaged").format(name=name)
    return None


def read_tensors(folder: Path, name: str) -> dict[str, Tensor]:
    """Read one group of tensors."""
    return load_file(folder / f"{name}.safetensors")


def read_facts(folder: Path) -> dict[str, Any]:
    """Read ``facts.json``."""
    facts: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return facts


def is_readable(folder: Path) -> bool:
    """Whether a complete folder holds a model of this version, or of one that it reads."""
    return json.loads((folder / MARKER).read_text(encoding="utf-8")).get("format") in READABLE


def require_complete(folder: Path) -> None:
    """Refuse a folder that holds no whole model.

    Raises:
        RunFailedError: If a file is missing or damaged.
    """
    fault = fault_of(folder, READABLE)
    if fault is not None:
        raise RunFailedError.of(
            tr("The run has no complete model: {fault}").format(fault=fault),
            tr("run {name}").format(name=folder.parent.name),
            tr("Resume the run or train it anew"),
        )


def newest_complete(checkpoints: Path) -> tuple[Path | None, list[str]]:
    """Return the newest complete checkpoint, and why each newer one was passed over."""
    passed_over: list[str] = []
    for folder in _newest_first(checkpoints):
        fault = fault_of(folder)
        if fault is None:
            return folder, passed_over
        passed_over.append(f"{folder.name}: {fault}")
    return None, passed_over


def drop_newer(checkpoints: Path, number: int) -> None:
    """Delete the checkpoints of a higher number: they count as newer, and what is written would not be kept beside them."""
    for folder in _newest_first(checkpoints):
        if _number(folder) > number:
            shutil.rmtree(folder)


def keep_newest(checkpoints: Path, count: int, also: str = "") -> None:
    """Delete all checkpoints but the newest ``count`` and the one named ``also``."""
    for folder in _newest_first(checkpoints)[count:]:
        if folder.name != also:
            shutil.rmtree(folder)


def _newest_first(checkpoints: Path) -> list[Path]:
    numbered = {path: path.name.removeprefix("step-") for path in checkpoints.glob("step-*")}
    return sorted((path for path, number in numbered.items() if number.isdecimal()), key=_number, reverse=True)


def _number(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("step-"))


def _size_and_sum(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """See to it that a file, or the names in a folder, outlive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
