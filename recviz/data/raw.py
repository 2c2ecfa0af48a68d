"""A file, read: rows as they stand in it, with line numbers, before any of them means anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from recviz.data.findings import FileFacts
from recviz.data.unpacking import Limits
from recviz.errors import InvalidLogError, Problem

LINE = "line number in file"
"""The column that says where a row came from: its first line in a text file, else its row."""
REASON = "reason"
BATCH = 65_536
_MALFORMED = pa.schema([(LINE, pa.int64()), (REASON, pa.string()), ("text", pa.string())])


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A file's rows."""

    facts: FileFacts
    frame: pl.LazyFrame
    """`LINE` and the file's columns: texts, "" or null where a cell is empty; own types in Parquet."""
    malformed: pl.LazyFrame
    """Rows that could not be read as rows: `LINE`, `REASON`, ``text``."""

    def text(self, column: str) -> pl.Expr:
        """Return a column's cells as texts, byte for byte; whole numbers without a fraction."""
        return as_text(column, self.frame.collect_schema()[column])


def as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column of this type as texts.

    A whole number that a file keeps as a fraction (17850.0, since its column has gaps) is written without it.
    """
    cell = pl.col(column)
    if dtype == pl.String:
        return cell
    if dtype.is_float():
        is_whole = (cell == cell.floor()) & (cell.abs() < 2**53)
        return pl.when(is_whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(cell.cast(pl.String))
    return cell.cast(pl.String)


def check_columns(columns: list[str], name: str) -> None:
    """Refuse names that would leave a column without a way to be called.

    Raises:
        InvalidLogError: With every missing or repeated name.
    """
    seen: dict[str, list[int]] = {}
    for number, column in enumerate(columns, start=1):
        seen.setdefault(column, []).append(number)
    problems = [
        Problem(
            f"The column name {column!r} is there {len(numbers)} times" if column else "A column has no name",
            f"{name}, columns {', '.join(map(str, numbers))}",
            "Give each column a name of its own in the first row",
        )
        for column, numbers in seen.items()
        if len(numbers) > 1 or not column or column == LINE
    ]
    if problems:
        raise InvalidLogError(problems)


class Staging:
    """Rows on their way into a Parquet file, a batch at a time, so that no log needs to fit in memory."""

    def __init__(self, folder: Path, columns: list[str], name: str, limits: Limits) -> None:
        self._schema = pa.schema([(LINE, pa.int64()), *((column, pa.string()) for column in columns)])
        self._name = name
        self._limits = limits
        self._paths = (folder / "rows.parquet", folder / "malformed.parquet")
        self._rows = pq.ParquetWriter(self._paths[0], self._schema)
        self._bad = pq.ParquetWriter(self._paths[1], _MALFORMED)
        self._batch: list[Sequence[str | None]] = []
        self._lines: list[int] = []
        self._bad_batch: list[tuple[int, str, str]] = []
        self.n_rows = 0
        self.n_malformed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._rows.close()
        self._bad.close()

    def add(self, line: int, row: Sequence[str | None]) -> None:
        """Take a row that has a cell for every column.

        Raises:
            InvalidLogError: If the log has more rows than are read.
        """
        self._batch.append(row)
        self._lines.append(line)
        self.n_rows += 1
        if len(self._batch) == BATCH:
            self._flush()
        if self.n_rows + self.n_malformed > self._limits.max_rows:
            raise too_many_rows(self._name, self._limits)

    def reject(self, line: int, reason: str, text: str) -> None:
        """Set aside what could not be read as a row."""
        self._bad_batch.append((line, reason, readable(text)))
        self.n_malformed += 1
        if len(self._bad_batch) == BATCH:
            self._flush()
        if self.n_rows + self.n_malformed > self._limits.max_rows:
            raise too_many_rows(self._name, self._limits)

    def tables(self) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """Return the staged rows and the malformed ones; only after the staging ended."""
        return pl.scan_parquet(self._paths[0]), pl.scan_parquet(self._paths[1])

    def _flush(self) -> None:
        if self._batch:
            cells: Iterable[Iterable[str | None]] = zip(*self._batch, strict=True)
            arrays = [pa.array(self._lines, pa.int64()), *(pa.array(column, pa.string()) for column in cells)]
            self._rows.write_table(pa.table(arrays, schema=self._schema))
            self._batch.clear()
            self._lines.clear()
        if self._bad_batch:
            bad: Iterator[tuple[object, ...]] = zip(*self._bad_batch, strict=True)
            self._bad.write_table(pa.table([pa.array(column) for column in bad], schema=_MALFORMED))
            self._bad_batch.clear()


def too_many_rows(name: str, limits: Limits) -> InvalidLogError:
    """Say that a log has more rows than are read."""
    return InvalidLogError.of(
        f"The file has more than {limits.max_rows:,} rows", name, "Split it, or raise RECVIZ_MAX_ROWS"
    )


def readable(text: str) -> str:
    """Make bytes that were no characters, which Python carries as lone surrogates, fit to be stored and shown."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").rstrip("\r\n")[:10_000]
