"""Reading a file of any supported format into rows, by its content and never by its name."""

from dataclasses import replace
from pathlib import Path
from typing import assert_never

import polars as pl

from recviz.data.encoding import check_encoding, detect_encoding
from recviz.data.findings import FileFacts, ReadOptions
from recviz.data.raw import LINE, REASON, RawTable
from recviz.data.reading_delimited import read_delimited
from recviz.data.reading_json import looks_like_json_lines, read_json_lines
from recviz.data.reading_lines import TextFile, open_text
from recviz.data.reading_tables import read_excel, read_parquet
from recviz.data.unpacking import UNPACKED, Limits, Unpacked, unpack
from recviz.errors import InvalidLogError


def read_table(source: Path, name: str, folder: Path, options: ReadOptions, limits: Limits) -> RawTable:
    """Read a file's rows; those of text formats are staged in ``folder``, which must outlive the table.

    Args:
        source: The file.
        name: What the user calls it.
        folder: An empty folder for what is unpacked and staged.
        options: What is known of the file beforehand.
        limits: The largest log that is read.

    Raises:
        InvalidLogError: If the file cannot be read, is too large, or has no rows.
    """
    unpacked = unpack(source, name, folder, limits)
    facts = FileFacts(
        name=name,
        sha256=unpacked.sha256,
        n_bytes=unpacked.n_bytes,
        format="delimited text",
        compression=unpacked.compression,
    )
    match unpacked.content:
        case "text":
            table = _read_text(unpacked, facts, folder, options, limits)
        case "Parquet" | "Excel":
            read = read_parquet if unpacked.content == "Parquet" else read_excel
            frame, columns, n_rows = read(unpacked.path, name, limits)
            facts = replace(facts, format=unpacked.content, columns=tuple(columns), n_rows=n_rows)
            table = RawTable(facts=facts, frame=frame, malformed=_NO_MALFORMED)
        case _:
            assert_never(unpacked.content)
    if not table.facts.n_rows:
        raise InvalidLogError.of("The file has no rows", name, "Choose the file that holds the log")
    return table


_NO_MALFORMED = pl.LazyFrame(schema={LINE: pl.Int64, REASON: pl.String, "text": pl.String})


def _read_text(unpacked: Unpacked, facts: FileFacts, folder: Path, options: ReadOptions, limits: Limits) -> RawTable:
    path, name = unpacked.path, facts.name
    encoding = options.encoding and check_encoding(options.encoding, name)
    encoding = encoding or detect_encoding(path, name)
    file = TextFile(path, name, encoding)
    delimiter = None
    with open_text(file) as stream:
        is_json = looks_like_json_lines(stream.read(1000), name)
    if is_json:
        staging, columns = read_json_lines(file, folder, limits)
    else:
        staging, columns, delimiter = read_delimited(file, folder, options.delimiter, limits, quotes=options.quotes)
    rows, malformed = staging.tables()
    (folder / UNPACKED).unlink(missing_ok=True)
    facts = replace(
        facts,
        format="JSON lines" if is_json else "delimited text",
        encoding=encoding,
        delimiter=delimiter,
        columns=tuple(columns),
        n_rows=staging.n_rows + staging.n_malformed,
        n_malformed=staging.n_malformed,
    )
    return RawTable(facts=facts, frame=rows, malformed=malformed)
