"""Delimited text (CSV, TSV, any delimiter): every cell a text, every broken row told with its line number."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TextIO

from recviz.data.raw import Staging, check_columns, readable
from recviz.data.reading_lines import TextFile, fault, lines, open_text
from recviz.data.unpacking import Limits
from recviz.errors import InvalidLogError
from recviz.language import mark

DELIMITERS = (",", "\t", ";", "|", "\x01", "::", "^", "~")
_NO_DELIMITERS = ('"', "\r", "\n")
_SNIFFED = 200
_MAX_RECORD_LINES = 100
"""A cell that spans more lines than this is taken for a quote that was never closed."""


class _RunawayQuoteError(Exception):
    """A record that does not end."""


class _Feeder:
    """Feeds lines to a CSV reader, remembers those of the current record, and takes back what a bad one swallowed."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._back: list[str] = []
        self.record: list[str] = []

    def __iter__(self) -> "_Feeder":
        return self

    def __next__(self) -> str:
        if len(self.record) == _MAX_RECORD_LINES:
            raise _RunawayQuoteError
        line = self._back.pop() if self._back else next(self._source)
        self.record.append(line)
        return line

    def give_back_all_but_first(self) -> str:
        first, *rest = self.record
        self._back.extend(reversed(rest))
        self.record = [first]
        return first


def read_delimited(
    file: TextFile, folder: Path, delimiter: str | None, limits: Limits, *, quotes: bool
) -> tuple[Staging, list[str], str]:
    """Stage the rows of a delimited text file.

    Args:
        file: The unpacked file.
        folder: Where the rows are staged.
        delimiter: What separates cells; ``None`` finds out.
        limits: The most rows that are read.
        quotes: Whether double quotes enclose cells.

    Returns:
        The ended staging, the columns, and the delimiter.

    Raises:
        InvalidLogError: If the file has no rows, its first row does not name the columns, or it is too large.
    """
    if delimiter in _NO_DELIMITERS:
        raise InvalidLogError.of(f"{delimiter!r} cannot separate cells", file.name, "Give a character such as ; or |")
    if not delimiter:
        with open_text(file) as stream:
            delimiter = sniff_delimiter(list(itertools.islice(lines(stream, file.name), _SNIFFED)))
    with open_text(file) as stream:
        records = _records(stream, file.name, delimiter, quotes=quotes)
        columns = _header(records, file.name)
        with Staging(folder, columns, file.name, limits) as staging:
            for line, row, text in records:
                problem = row if isinstance(row, str) else _row_fault(row, len(columns), text)
                if problem is None and not isinstance(row, str):
                    staging.add(line, row)
                else:
                    staging.reject(line, str(problem), text)
    return staging, columns, delimiter


def sniff_delimiter(head: list[str]) -> str:
    """Find the delimiter that cuts most lines into the same number of cells, more cells before fewer."""
    head = [line for line in head if line.strip()]

    def quality(delimiter: str) -> tuple[bool, float, int]:
        widths = [len(row) for row in _rows(iter(head), delimiter, quotes=True, strict=False) if row]
        if not widths or widths[0] == 1:
            return False, 0.0, 0
        return True, round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0]

    return max(DELIMITERS, key=quality)


def _rows(source: Iterator[str], delimiter: str, *, quotes: bool, strict: bool) -> Iterator[list[str]]:
    if len(delimiter) > 1:
        return (line.rstrip("\r\n").split(delimiter) for line in source)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    return csv.reader(source, delimiter=delimiter, quoting=quoting, strict=strict)


def _records(stream: TextIO, name: str, delimiter: str, *, quotes: bool) -> Iterator[tuple[int, list[str] | str, str]]:
    """Give (first line, cells or what is wrong, text) of each record that is not blank."""
    feeder = _Feeder(lines(stream, name))
    reader = _rows(feeder, delimiter, quotes=quotes, strict=True)
    line, width = 1, 0
    while True:
        feeder.record.clear()
        row: list[str] | str
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RunawayQuoteError):
            feeder.give_back_all_but_first()
            row = mark("a quote that is not closed or not doubled")
        width = width or len(row)
        if len(feeder.record) > 1 and len(row) != width:
            feeder.give_back_all_but_first()
            row = mark("a quote that is not closed or not doubled")
        if row:
            yield line, row, feeder.record[0] if len(feeder.record) == 1 else "".join(feeder.record)
        line += len(feeder.record)


def _header(records: Iterator[tuple[int, list[str] | str, str]], name: str) -> list[str]:
    try:
        _, row, text = next(records)
    except StopIteration:
        raise InvalidLogError.of("The file has no rows", name, "Choose the file that holds the log") from None
    if isinstance(row, str):
        raise InvalidLogError.of(
            f"The first row holds {row}", f"{name}: {readable(text)[:80]}", "Correct the first row"
        )
    columns = [str(cell).strip() for cell in row]
    wrong = fault("".join(columns))
    if wrong:
        raise InvalidLogError.of(f"The first row holds {wrong}", name, "Correct the first row or choose the encoding")
    check_columns(columns, name)
    if sum(_is_number(column) for column in columns) > 1:
        raise InvalidLogError.of(
            "The first row looks like data, not like names of columns",
            f"{name}: {readable(text)[:80]}",
            "Add a first row that names the columns",
        )
    return columns


def _row_fault(row: list[str], width: int, text: str) -> str | None:
    if len(row) != width:
        return mark(f"{len(row)} cells where there are {width} columns")
    return fault(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
