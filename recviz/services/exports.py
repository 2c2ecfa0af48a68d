"""Tables that leave recviz: exact in Parquet and JSON, harmless in files that a spreadsheet will open."""

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

import pandas as pd

from recviz.errors import InvalidSettingError
from recviz.language import tr

TableFormat = Literal["parquet", "csv", "json"]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that starts so for a formula and runs it."""


def harmless_in_spreadsheets(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before each text, header included, that a spreadsheet would run as a formula.

    Numbers stay numbers, so -3.2 in a column of numbers is untouched. The change is not undone on reading back:
    take Parquet or JSON where the exact text matters.
    """
    safe = table.rename(columns=lambda name: _quoted(str(name)))
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]) and not pd.api.types.is_datetime64_any_dtype(safe[column]):
            safe[column] = safe[column].map(lambda cell: _quoted(cell) if isinstance(cell, str) else cell)
    return safe


def table_bytes(table: pd.DataFrame, form: TableFormat) -> bytes:
    """Encode a table for a download. CSV has a byte order mark, without which spreadsheets misread accents."""
    buffer = io.BytesIO()
    _encode(table, form, buffer)
    return buffer.getvalue()


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table in the format that the file's name ends in, whole or not at all.

    Raises:
        InvalidSettingError: If the name ends in none of .parquet, .csv and .json, or its folder cannot be written to.
    """
    forms: dict[str, TableFormat] = {".parquet": "parquet", ".csv": "csv", ".json": "json"}
    form = forms.get(path.suffix.lower())
    if form is None:
        raise InvalidSettingError.of(
            tr("{name} ends in none of {names}").format(name=path.name, names=", ".join(forms)),
            tr("the file to write"),
            tr("Give it one of these endings"),
        )
    return write_whole(path, lambda stream: _encode(table, form, stream))


def write_whole(path: Path, fill: Callable[[IO[bytes]], object]) -> Path:
    """Write a file under a temporary name in its folder, then give it its own.

    Raises:
        InvalidSettingError: If the folder cannot be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.")
    except OSError as error:
        raise InvalidSettingError.of(
            tr("Nothing can be written to {folder}: {reason}").format(folder=path.parent, reason=error.strerror),
            str(path),
            tr("Name another place"),
        ) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)  # mkstemp lets its owner alone read
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path


def _encode(table: pd.DataFrame, form: TableFormat, stream: IO[bytes]) -> None:
    match form:
        case "parquet":
            table.to_parquet(stream, index=False)
        case "csv":
            harmless_in_spreadsheets(table).to_csv(stream, index=False, encoding="utf-8-sig")
        case "json":
            table.to_json(stream, orient="records", force_ascii=False, date_format="iso", double_precision=15)


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
