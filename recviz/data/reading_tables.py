"""Parquet and Excel files."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from recviz.data.raw import LINE, check_columns, too_many_rows
from recviz.data.unpacking import MEGABYTE, Limits
from recviz.errors import InvalidLogError

_EXCEL_BYTES = 1_000 * MEGABYTE
"""An Excel file is read as a whole; one that unpacks to more is not read at all."""


def read_parquet(path: Path, name: str, limits: Limits) -> tuple[pl.LazyFrame, list[str], int]:
    """Open a Parquet file; nothing but its description is read.

    Returns:
        The rows with `LINE`, the columns that hold plain values, and the number of rows.

    Raises:
        InvalidLogError: If the file is broken or too large.
    """
    try:
        description = pq.read_metadata(path)
        schema = description.schema.to_arrow_schema()
    except (pa.ArrowInvalid, OSError) as error:
        raise InvalidLogError.of(
            "The Parquet file is broken or cut short: the description at its end cannot be read",
            name,
            "Copy or download it again, then try once more",
        ) from error
    if description.num_rows > limits.max_rows:
        raise too_many_rows(name, limits)
    unpacked = sum(description.row_group(group).total_byte_size for group in range(description.num_row_groups))
    if unpacked > limits.max_bytes:
        raise InvalidLogError.of(
            f"The file is larger than {limits.max_bytes / MEGABYTE:,.0f} MB when unpacked",
            name,
            "Split it, or raise RECVIZ_MAX_UNPACKED_MB",
        )
    check_columns(list(schema.names), name)
    columns = [field.name for field in schema if not _is_nested(field.type)]
    frame = pl.scan_parquet(path).select(columns).with_row_index(LINE, offset=1)
    return frame.with_columns(pl.col(LINE).cast(pl.Int64)), columns, description.num_rows


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def read_excel(path: Path, name: str, limits: Limits) -> tuple[pl.LazyFrame, list[str], int]:
    """Read the first sheet of an Excel file, every cell as text.

    Returns:
        The rows with `LINE`, the columns and the number of rows.

    Raises:
        InvalidLogError: If the file is broken or too large, or its first row does not name the columns.
    """
    import zipfile

    import fastexcel

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > min(_EXCEL_BYTES, limits.max_bytes):
            raise InvalidLogError.of(
                f"The Excel file unpacks to {unpacked / MEGABYTE:,.0f} MB", name, "Save the log as CSV and choose that"
            )
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()
    except (fastexcel.FastExcelError, zipfile.BadZipFile) as error:
        raise InvalidLogError.of(
            "The Excel file is broken or holds no sheet", name, "Save it again as .xlsx, or as CSV"
        ) from error
    if len(sheet) < 2:  # noqa: PLR2004 - names and at least one row
        raise InvalidLogError.of("The first sheet has no rows", name, "Put the log on the first sheet")
    columns = [str(cell or "").strip() for cell in sheet.row(0)]
    check_columns(columns, name)
    sheet.columns = columns
    rows = sheet.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.Int64)).slice(1)
    rows = rows.filter(pl.any_horizontal(pl.col(columns).fill_null("") != ""))
    if len(rows) > limits.max_rows:
        raise too_many_rows(name, limits)
    return rows.lazy(), columns, len(rows)
