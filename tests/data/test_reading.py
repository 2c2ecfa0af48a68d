"""Files of every format and every fault: read by content, told by line."""

import bz2
import gzip
import io
import json
import resource
import string
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recviz.data.findings import ReadOptions
from recviz.data.raw import LINE, REASON, RawTable
from recviz.data.reading import read_table
from recviz.data.unpacking import Limits
from recviz.errors import InvalidLogError

LIMITS = Limits(max_bytes=10_000_000, max_rows=100_000)
ROWS = "user,item,when\n007,85123A,2011-01-01\n12345678901234567890,NA,2011-01-02\n"


def read(folder: Path, content: bytes, limits: Limits = LIMITS, **options: object) -> RawTable:
    source = folder / "source"
    source.write_bytes(content)
    staged = folder / "staged"
    staged.mkdir(exist_ok=True)
    return read_table(source, "log.csv", staged, ReadOptions(**options), limits)  # type: ignore[arg-type]  # each option has its own type


def rows(table: RawTable) -> list[tuple[object, ...]]:
    return table.frame.drop(LINE).collect().rows()


def malformed(table: RawTable) -> list[tuple[int, str]]:
    return table.malformed.select(LINE, REASON).collect().rows()


def zipped(content: bytes, name: str = "../../etc/log.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
        archive.writestr("__MACOSX/._log.csv", b"x")
    return packed.getvalue()


@pytest.mark.parametrize("packed", [lambda raw: raw, gzip.compress, zipped], ids=["plain", "gzip", "zip"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "\x01", "::"])
def test_delimited_text_is_read_whatever_its_delimiter_and_packing(tmp_path: Path, packed, delimiter: str):
    table = read(tmp_path, packed(ROWS.replace(",", delimiter).encode()))

    assert table.facts.delimiter == delimiter
    assert rows(table) == [("007", "85123A", "2011-01-01"), ("12345678901234567890", "NA", "2011-01-02")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_an_encoding_is_found_from_the_bytes_and_told(tmp_path: Path, encoding: str):
    text = "user,item\nzoé,crème brûlée\njürgen,straße\n"

    table = read(tmp_path, text.encode(encoding))

    assert rows(table) == [("zoé", "crème brûlée"), ("jürgen", "straße")]
    assert table.facts.encoding == encoding


def test_an_encoding_that_cannot_be_told_is_asked_for_and_never_guessed(tmp_path: Path):
    text = "用户,商品\n小明,自行车\n小红,帐篷睡袋\n"

    with pytest.raises(InvalidLogError, match=r"cannot be told[\s\S]*gb18030"):
        read(tmp_path, text.encode("gb18030"))

    assert rows(read(tmp_path, text.encode("gb18030"), encoding="gb18030"))[0] == ("小明", "自行车")


def test_a_few_broken_bytes_in_utf8_cost_their_lines_only(tmp_path: Path):
    lines = [b"user,item", *("jürgen,straße".encode() for _ in range(5)), b"j\xfcrgen,x", b"a,b"]

    table = read(tmp_path, b"\n".join(lines))

    assert table.facts.encoding == "utf-8"
    assert malformed(table) == [(7, "bytes that are not UTF-8")]
    assert len(rows(table)) == 6


def test_broken_rows_are_told_by_line_and_cost_no_other_row(tmp_path: Path):
    text = 'user,item\na,"two\nlines"\nb,x,extra\nc\nd,"never closed\ne,y\nf,nul\0\n\ng,"z"z\nh,last\n'

    table = read(tmp_path, text.encode())

    assert rows(table) == [("a", "two\nlines"), ("e", "y"), ("h", "last")]
    assert table.frame.collect()[LINE].to_list() == [2, 7, 11]
    assert malformed(table) == [
        (4, "3 cells where there are 2 columns"),
        (5, "1 cells where there are 2 columns"),
        (6, "a quote that is not closed or not doubled"),
        (8, "a NUL byte"),
        (10, "a quote that is not closed or not doubled"),
    ]
    assert table.facts.n_rows == 8


def test_quotes_are_plain_characters_where_the_reader_is_told_so(tmp_path: Path):
    table = read(tmp_path, b'user,item\na,"5 inch\nb,y\n', quotes=False)

    assert rows(table) == [("a", '"5 inch'), ("b", "y")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "no rows"),
        (b"user,item\n", "no rows"),
        (gzip.compress(b""), "empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" * 20, "a Windows program, whatever its name"),
        (b"\x7fELF" + bytes(60), "a program"),
        (b"<!DOCTYPE html><html><body>login</body></html>", "a web page"),
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (bz2.compress(ROWS.encode()), "packed with bzip2"),
        (gzip.compress(gzip.compress(ROWS.encode())), "packed twice"),
        (gzip.compress(ROWS.encode() * 100)[:-20], "gzip file is broken or cut short"),
        (zipped(ROWS.encode())[:-30], "zip file is broken or cut short"),
        (bytes(range(256)) * 20, "not text"),
        (b'[{"user": 1}]', "one object in each line"),
        (b"user,item,user\n1,2,3\n", "'user' is there 2 times[\\s\\S]*columns 1, 3"),
        (b"user,,item\n1,2,3\n", "no name[\\s\\S]*columns 2"),
        (b"1,2,978300760\n1,3,978300761\n", "looks like data"),
        (b"PAR1" + bytes(50), "Parquet file is broken or cut short"),
    ],
)
def test_what_is_no_log_is_refused_with_what_to_do(tmp_path: Path, content: bytes, message: str):
    with pytest.raises(InvalidLogError, match=message) as refused:
        read(tmp_path, content)

    assert all(problem.mend and problem.where for problem in refused.value.problems)


def test_a_truncated_parquet_file_is_told_plainly(tmp_path: Path):
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"user": ["a"] * 1000}).write_parquet(whole)

    with pytest.raises(InvalidLogError, match="broken or cut short"):
        read(tmp_path, whole.read_bytes()[:-10])


def test_a_bomb_is_stopped_before_it_fills_memory_or_disk(tmp_path: Path):
    bomb = gzip.compress(b"user,item\n" + b"a,b\n" * 50_000_000, compresslevel=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(InvalidLogError, match="larger than 10 MB when unpacked"):
        read(tmp_path, bomb)

    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3 < 100
    assert sum(path.stat().st_size for path in (tmp_path / "staged").iterdir()) < 12_000_000


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rows_beyond_the_limit_are_refused(tmp_path: Path, ending: str):
    many = pl.DataFrame({"user": [str(n) for n in range(300)], "item": ["x"] * 300})
    source = tmp_path / f"log.{ending}"
    {"csv": many.write_csv, "jsonl": many.write_ndjson, "parquet": many.write_parquet}[ending](source)

    with pytest.raises(InvalidLogError, match="more than 200 rows"):
        read(tmp_path, source.read_bytes(), Limits(max_bytes=10_000_000, max_rows=200))


def test_json_lines_keep_numbers_digit_for_digit_and_tell_bad_lines(tmp_path: Path):
    lines = [
        '{"user": 12345678901234567890, "item": "007", "n": 1.50}',
        '{"user": "a", "item": ',
        "[1, 2]",
        '{"item": null, "late": true, "user": "b"}',
        '{"user": 1, "user": 2}',
        '{"user": "s", "item": "\\ud800"}',
        '{"user": "n", "item": "\\u0000"}',
    ]

    table = read(tmp_path, "\n".join(lines).encode())

    assert table.facts.columns == ("user", "item", "n", "late")
    assert rows(table) == [("12345678901234567890", "007", "1.50", None), ("b", None, None, "true")]
    assert malformed(table) == [
        (2, "not valid JSON"),
        (3, "JSON that is not an object"),
        (5, "an object that holds a name twice"),
        (6, "bytes that are not UTF-8"),
        (7, "a NUL byte"),
    ]


def test_excel_keeps_ids_and_tells_repeated_columns(tmp_path: Path):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["user", "item", "n"])
        sheet.write_row(1, 0, [17850, "00123", 2.5])
        sheet.write_row(3, 0, ["x", "85123A", 3])

    table = read(tmp_path, book.getvalue())

    assert table.facts.format == "Excel"
    assert rows(table) == [("17850", "00123", "2.5"), ("x", "85123A", "3")]
    assert table.frame.collect()[LINE].to_list() == [2, 4]


def test_parquet_ids_that_gaps_made_fractions_are_whole_again(tmp_path: Path):
    source = tmp_path / "log.parquet"
    pl.DataFrame({"user": [17850.0, None, 2.5], "item": [1, 2, 3]}).write_parquet(source)

    table = read(tmp_path, source.read_bytes())

    assert table.frame.select(table.text("user"), table.text("item")).collect().rows() == [
        ("17850", "1"),
        (None, "2"),
        ("2.5", "3"),
    ]


ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(ids, ids), min_size=1, max_size=8))
def test_ids_come_through_delimited_text_byte_for_byte(tmp_path: Path, cells: list[tuple[str, str]]):
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    text = "user,item\n" + "".join(f"{quoted(user)},{quoted(item)}\n" for user, item in cells)

    table = read(tmp_path, text.encode())

    assert rows(table) == cells


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(ids, ids), min_size=1, max_size=8))
def test_ids_come_through_json_lines_byte_for_byte(tmp_path: Path, cells: list[tuple[str, str]]):
    text = "".join(json.dumps({"user": user, "item": item}, ensure_ascii=False) + "\n" for user, item in cells)

    table = read(tmp_path, text.encode())

    assert rows(table) == cells


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(string.printable + '"",,\n\n', max_size=80))
def test_no_text_crashes_the_reader_or_loses_a_row_in_silence(tmp_path: Path, text: str):
    try:
        table = read(tmp_path, ("user,item\n" + text + "\nlast,row").encode(), delimiter=",")
    except InvalidLogError:
        return

    assert table.facts.n_rows == len(rows(table)) + len(malformed(table)) > 0
