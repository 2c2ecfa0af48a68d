"""Lines of a text file, of bounded length, in a known encoding."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from recviz.errors import InvalidLogError
from recviz.language import mark

MAX_LINE = 4_000_000
"""Characters; a longer line is no row of a table."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A plain text file in a known encoding."""

    path: Path
    name: str
    """As the user calls it."""
    encoding: str


@contextmanager
def open_text(file: TextFile) -> Iterator[TextIO]:
    """Open a text file with its line ends as they are; bytes that are no UTF-8 become lone surrogates.

    Raises:
        InvalidLogError: If the bytes do not fit another encoding.
    """
    errors = "surrogateescape" if file.encoding.startswith("utf-8") else "strict"
    try:
        with file.path.open(encoding=file.encoding, errors=errors, newline="") as stream:
            yield stream
    except UnicodeError as error:
        raise InvalidLogError.of(
            f"The file cannot be read as {file.encoding}", f"{file.name}: {error}", "Choose another encoding"
        ) from error


def lines(stream: TextIO, name: str) -> Iterator[str]:
    """Give the lines one by one.

    Raises:
        InvalidLogError: If a line is longer than any row of a table.
    """
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and line[-1] not in "\r\n":
            raise InvalidLogError.of(
                f"A line is longer than {MAX_LINE:,} characters",
                f"{name}, line {number:,}",
                "Choose a file with one row in each line",
            )
        yield line


def fault(text: str) -> str | None:
    """Tell why a piece of text cannot be stored as it is, if so."""
    if text.isascii():
        return mark("a NUL byte") if "\0" in text else None
    if "\0" in text:
        return mark("a NUL byte")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return mark("bytes that are not UTF-8")
    return None
