"""What a language model's folder must not hold: anything that could run code when it is loaded."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recviz.errors import BackboneError, Problem
from recviz.language import tr

EXECUTABLE = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5", ".msgpack", ".npz", ".joblib", ".py"})
"""Pickles and the like, which may run code when they are read, and code itself."""
CODE_KEYS = re.compile(
    r"auto_map|trust_remote_code|custom_pipelines|use_kernels|kernel_config|_?(attn|experts)_implementation.*"
)
"""Settings that make transformers fetch or run code from elsewhere."""
VOCABULARIES = frozenset({"tokenizer.json", "vocab.json"})
"""Their keys are words of a language, not settings."""
LARGEST_SETTINGS = 4_000_000
"""Bytes of a JSON file that is read for settings."""


def require_safe(folder: Path, root: Path | None = None) -> None:
    """Refuse a folder that is no plain model with safetensors weights; tells all that is wrong with it.

    Args:
        folder: With ``config.json``, ``*.safetensors`` and a tokenizer.
        root: Where its files may really lie; the folder itself where not given. The hub's cache links to its blobs.

    Raises:
        BackboneError: If anything in it is refused or missing.
    """
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    problems = [*_missing(folder), *_outside(files, (root or folder).resolve()), *_executable(files)]
    if not problems:
        problems = [problem for path in files if path.suffix == ".json" for problem in _code_settings(path)]
    if problems:
        raise BackboneError(problems)


def _missing(folder: Path) -> Iterator[Problem]:
    if not (folder / "config.json").is_file():
        yield Problem(tr("The folder holds no config.json"), folder.name, tr("Give the folder of a transformers model"))
    if not any(folder.glob("*.safetensors")):
        yield Problem(
            tr("The folder holds no weights in the safetensors format"),
            folder.name,
            tr("Save the model again with save_pretrained, which writes safetensors"),
        )
    if (folder / "adapter_config.json").exists():
        yield Problem(
            tr("The folder holds an adapter, which names another model"),
            folder.name,
            tr("Merge it into its model first"),
        )


def _outside(files: list[Path], root: Path) -> Iterator[Problem]:
    for path in files:
        if not path.resolve().is_relative_to(root):
            yield Problem(tr("A link leads out of the folder"), path.name, tr("Copy the file itself into the folder"))


def _executable(files: list[Path]) -> Iterator[Problem]:
    for path in files:
        if path.suffix.lower() in EXECUTABLE:
            yield Problem(
                tr("A file that could run code when it is read is not accepted"),
                path.name,
                tr("Keep only .safetensors, .json and .txt files in the folder"),
            )


def _code_settings(path: Path) -> Iterator[Problem]:
    if path.name in VOCABULARIES:
        return
    if path.stat().st_size > LARGEST_SETTINGS:
        yield Problem(tr("A settings file is far too large"), path.name, tr("Remove it from the folder"))
        return
    try:
        keys = sorted({key for key in _keys(json.loads(path.read_text(encoding="utf-8"))) if CODE_KEYS.fullmatch(key)})
    except (ValueError, RecursionError):
        yield Problem(tr("A settings file cannot be read"), path.name, tr("Get the model again"))
        return
    for key in keys:
        yield Problem(
            tr("The setting {key!r} could run code from elsewhere").format(key=key),
            path.name,
            tr("Remove this setting, if you trust the rest"),
        )


def _keys(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _keys(part)
