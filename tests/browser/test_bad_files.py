"""Files that are wrong, brought to the Log page of the served app: each is told plainly and nothing is stored."""

import gzip
import io
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from recviz.settings import Settings
from tests.browser.conftest import Served
from tests.browser.serving import start_app
from tests.browser.visiting import PATIENCE, fits, settled, visit
from tests.tiny import tiny_log

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LIMITS = {"RECVIZ_MAX_UPLOAD_MB": "1", "RECVIZ_MAX_UNPACKED_MB": "8", "RECVIZ_MAX_ROWS": "20000"}
LOG = tiny_log()
LINES = LOG.to_csv(index=False).splitlines()
ACCENTED = LOG.assign(title=LOG["title"] + " café").to_csv(index=False)
NUMBERED = [f"{1 + at % 12:02d}/{1 + at // 12 % 12:02d}/2025" for at in range(len(LOG))]
ODD_IDS = ("007", "9007199254740993", "NA", "null", "us\u0430r")


@pytest.fixture(scope="module")
def limited(tmp_path_factory) -> Iterator[Served]:
    """The app on an empty workspace, with limits that a small file can pass."""
    settings = Settings(workspace=tmp_path_factory.mktemp("limited"), device="cpu", threads=1)
    app = start_app(settings, options=LIMITS)
    yield Served(app.url, settings)
    app.stop()


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def _with_line(line: str) -> bytes:
    """The log with one more line, its 41st."""
    return "\n".join([*LINES[:40], line, *LINES[40:], ""]).encode()


def _parquet(table: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    table.to_parquet(stream, index=False)
    return stream.getvalue()


REFUSED = {
    "1 without rows": [("empty.csv", b"", "is empty"), ("header.csv", LINES[0].encode(), "no rows")],
    "2 not what its name says": [
        ("shop.csv", b"PK\x03\x04 not a zip at all", "broken or cut short"),
        ("shop.csv", b"MZ\x90\x00" + bytes(range(256)) * 20, "Windows program"),
        ("shop.csv", b"<!doctype html><html><body>Please sign in</body></html>", "web page"),
    ],
    "3 small until it is unpacked": [
        ("shop.csv.gz", gzip.compress(b"\n".join([LINES[0].encode(), *[LINES[1].encode()] * 400_000])), "unpacked")
    ],
    "6 columns that are missing or there twice": [
        ("shop.csv", _csv(LOG).replace(b"title,category", b"title,title", 1), "'title' is there 2 times"),
        ("shop.csv", _csv(LOG[["product", "title", "amount"]]), "No column says who"),
    ],
    "8 times that cannot be": [
        ("shop.csv", _csv(LOG.assign(bought="some day")), "No column says when"),
        ("shop.csv", _csv(LOG.assign(bought=LOG["bought"].str.replace("2025", "2125"))), "No column says when"),
        ("shop.csv", _csv(LOG.assign(bought=NUMBERED)), "Which comes first"),
    ],
    "12 more rows than the limit": [
        ("shop.csv.gz", gzip.compress("\n".join([LINES[0], *LINES[1:] * 17]).encode()), "more than 20,000 rows")
    ],
    "13 cut short": [("shop.parquet", _parquet(LOG)[:-200], "Parquet file is broken or cut short")],
}
TAKEN = {
    "4 in another encoding": [
        ("utf16.csv", ACCENTED.encode("utf-16"), "café"),
        ("latin1.csv", ACCENTED.encode("latin-1"), "café"),
        ("marked.csv", ACCENTED.encode("utf-8-sig"), "café"),
    ],
    "5 with lines that are torn": [
        ("torn.csv", _with_line("10001,T001,only three"), "1 row would be left out"),
        ("quote.csv", _with_line('10001,T001,"open,Tents,2025-01-06 10:00:00,1'), "1 row would be left out"),
    ],
    "7 with odd ids": [
        ("ids.csv", _csv(LOG.assign(customer=[ODD_IDS[at % 5] for at in range(len(LOG))])), "9007199254740993")
    ],
    "9 with everything twice": [("twice.csv", _csv(pd.concat([LOG, LOG])), "1,255 rows equal an earlier row")],
    "10 of a single user": [("one.csv", _csv(LOG.assign(customer="u1")), "1,234 rows become 1,234 events")],
    "13 with a line that is no JSON": [
        ("shop.jsonl", LOG.to_json(orient="records", lines=True).replace("\n", "\n{oops\n", 1).encode(), "1 row would")
    ],
    "14 of a hostile name": [("../../<b>x</b> CON\u202e.csv", _csv(LOG), "<b>x</b> CON")],
}


def _bring(page: Page, name: str, content: bytes) -> None:
    """Put a file where the log goes, in place of the one before: there are other places, for items and users."""
    another = page.get_by_role("button", name="Another file")
    place = page.get_by_test_id("stFileUploader").filter(has_text="Who did what")
    settled(page)  # else a page that is being drawn may show neither, and the last file's words as if of this one
    expect(another.or_(place).first).to_be_visible(timeout=PATIENCE)
    if another.count():
        another.click()
        expect(place).to_be_visible(timeout=PATIENCE)
        settled(page)
    kind = "application/octet-stream"
    place.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})


@pytest.mark.parametrize("files", REFUSED.values(), ids=REFUSED)
def test_a_file_is_refused_with_what_to_do(page: Page, limited, files):
    visit(page, f"{limited.url}/log")
    for name, content, said in files:
        _bring(page, name, content)

        expect(page.get_by_test_id("stMain")).to_contain_text(said, timeout=PATIENCE)
        expect(page.get_by_text("Something to put right").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_role("button", name="Store this log")).to_have_count(0)
    fits(page)
    assert not any(limited.settings.datasets.iterdir())


@pytest.mark.parametrize("files", TAKEN.values(), ids=TAKEN)
def test_a_file_is_read_and_what_is_odd_in_it_is_told(page: Page, limited, files):
    visit(page, f"{limited.url}/log")
    for name, content, said in files:
        _bring(page, name, content)
        page.get_by_role("button", name="Check all rows").click(timeout=PATIENCE)

        expect(page.get_by_text(re.compile("rows become"))).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stMain")).to_contain_text(said)
        expect(page.get_by_role("button", name="Store this log")).to_be_enabled()
    fits(page)
    assert not any(limited.settings.datasets.iterdir())


def test_a_file_over_the_limit_is_refused_before_it_is_sent(page: Page, limited):
    visit(page, f"{limited.url}/log")
    there = {*limited.settings.uploads.iterdir()}

    _bring(page, "large.csv", b"\n".join([line.encode() for line in LINES] * 17))

    expect(page.get_by_test_id("stFileChipIconError")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("2 · Columns")).to_have_count(0)
    assert {*limited.settings.uploads.iterdir()} == there


def test_an_upload_that_breaks_off_stores_nothing_and_the_same_file_twice_is_one_log(page: Page, empty, console):
    visit(page, f"{empty.url}/log")
    page.route("**/_stcore/upload_file/**", lambda route: route.abort())
    _bring(page, "shop.csv", _csv(LOG))
    expect(page.get_by_test_id("stFileChipIconError")).to_be_visible(timeout=PATIENCE)
    assert not any(empty.settings.uploads.iterdir())
    page.unroute("**/_stcore/upload_file/**")
    console.clear()  # the browser complains of what was broken off

    for told in ("The log is stored.", "This log was here already."):
        visit(page, f"{empty.url}/log")
        if any(empty.settings.datasets.iterdir()):
            page.get_by_text("Bring a log", exact=True).click()
        _bring(page, "shop.csv", _csv(LOG))
        page.get_by_role("button", name="Check all rows").click(timeout=PATIENCE)
        page.get_by_role("button", name="Store this log").click(timeout=PATIENCE)
        expect(page.get_by_test_id("stToast")).to_contain_text(told, timeout=PATIENCE)

    assert len(list(empty.settings.datasets.iterdir())) == 1
    assert not any(empty.settings.uploads.iterdir())
