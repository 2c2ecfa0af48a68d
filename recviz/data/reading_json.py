"""JSON lines: one object a line, numbers kept digit for digit."""

import json
from pathlib import Path
from typing import Any

from recviz.data.raw import Staging, check_columns
from recviz.data.reading_lines import TextFile, fault, lines, open_text
from recviz.data.unpacking import Limits
from recviz.errors import InvalidLogError
from recviz.language import mark


class _TwiceError(ValueError):
    """An object that holds a name twice."""


def looks_like_json_lines(head: str, name: str) -> bool:
    """Tell by the first character.

    Raises:
        InvalidLogError: If it is one JSON array.
    """
    start = head.lstrip("\ufeff \t\r\n")[:1]
    if start == "[":
        raise InvalidLogError.of(
            "The file is one JSON array", name, "Write one object in each line, without brackets and commas around"
        )
    return start == "{"


def read_json_lines(file: TextFile, folder: Path, limits: Limits) -> tuple[Staging, list[str]]:
    """Stage the objects of a JSON lines file; names that an object lacks are empty cells.

    Args:
        file: The unpacked file.
        folder: Where the rows are staged.
        limits: The most rows that are read.

    Returns:
        The ended staging and the columns, in the order in which they are first named.

    Raises:
        InvalidLogError: If no line is an object, or the file is too large.
    """
    columns = _columns(file)
    with open_text(file) as stream, Staging(folder, columns, file.name, limits) as staging:
        for number, line in enumerate(lines(stream, file.name), start=1):
            if not line.strip():
                continue
            try:
                row = _parse(line)
            except ValueError as error:
                staging.reject(number, _reason(error), line)
                continue
            cells = [_text(row.get(column)) for column in columns]
            wrong = fault("".join(cell or "" for cell in cells))
            if wrong:
                staging.reject(number, wrong, line)
            else:
                staging.add(number, cells)
    return staging, columns


def _columns(file: TextFile) -> list[str]:
    found: dict[str, None] = {}
    with open_text(file) as stream:
        for line in lines(stream, file.name):
            try:
                found.update(dict.fromkeys(_parse(line)))
            except ValueError:
                continue  # told with its line number when rows are read
    if not found:
        raise InvalidLogError.of(
            "No line holds a JSON object", file.name, 'Write each row like {"user": "a", "item": "b"}'
        )
    check_columns(list(found), file.name)
    return list(found)


def _parse(line: str) -> dict[str, Any]:
    row = json.loads(line, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
    if not isinstance(row, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a line of another kind is one more unreadable line
    return row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise _TwiceError
    return row


def _text(cell: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return json.dumps(cell, ensure_ascii=False)


def _reason(error: ValueError) -> str:
    match error:
        case json.JSONDecodeError():
            return mark("not valid JSON")
        case _TwiceError():
            return mark("an object that holds a name twice")
        case _:
            return mark("JSON that is not an object")
