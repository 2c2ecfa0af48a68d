"""The whole way of an analyst: from a file to a report, with numbers that the command line gives too."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from recviz.settings import Settings
from tests.browser.serving import ROOT
from tests.browser.visiting import PATIENCE, fits, settled, visit
from tests.tiny import tiny_log

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EXPECTED = (
    "[...document.querySelectorAll('.js-plotly-plot')[0].data].find(line => line.name === 'expected').y.map(Number)"
)
REAL_FILE = ROOT.parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop's file of invoices, and what the pages have to say of it."""

    file: Callable[[Path], Path]
    """Returns the file, which may be written into the folder that is given."""
    name: str
    checked: str
    """What becomes of its rows."""
    stored: str
    """What it holds."""
    topic: str
    match: str
    """The title of an item of the topic."""
    settings: Mapping[str, int]
    """What differs from the preset Fast, by the words of the page."""
    training: int
    """Milliseconds that it may take on a busy machine."""


def small_file(folder: Path) -> Path:
    """The tiny log as a shop keeps its invoices: returns among the rows, and rows of nobody."""
    log = tiny_log()
    rows = pd.DataFrame(
        {
            "InvoiceNo": [str(536365 + at // 3) for at in range(len(log))],
            "StockCode": log["product"],
            "Description": log["title"].str.upper(),
            "Quantity": log["amount"],
            "InvoiceDate": log["bought"],
            "UnitPrice": 2.55,
            "CustomerID": log["customer"],
            "Country": "United Kingdom",
        }
    )
    returns = rows[::40].assign(InvoiceNo="C" + rows["InvoiceNo"], Quantity=-1)
    nobodys = rows[::60].assign(CustomerID="")
    pd.concat([rows, returns, nobodys]).to_csv(folder / "retail.csv", index=False)
    return folder / "retail.csv"


def real_file(_: Path) -> Path:
    if not REAL_FILE.is_file():
        pytest.skip("Online Retail is not beside the checkout")
    return REAL_FILE


SMALL = Shop(
    file=small_file,
    name="Retail",
    checked="1,286 rows become 1,234 events; 52 rows would be left out",
    stored="1,234 events of 48 users",
    topic="tent",
    match="ALPINE TENT FOR TWO",
    settings={"Most passes": 1},
    training=2 * PATIENCE,
)
REAL = Shop(
    file=real_file,
    name="Online retail",
    checked="541,909 rows become 397,924 events",
    stored="397,924 events of 4,339 users",
    topic="christmas decoration",
    match="WOODEN.*CHRISTMAS DECORATION",
    settings={"Most passes": 1, "Steps ahead": 4, "Width": 32, "Events remembered": 32},
    training=15 * PATIENCE,
)


def command_line(settings: Settings, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-c", "from recviz.cli import main; main()", *words],
        cwd=ROOT, env={**os.environ, "RECVIZ_WORKSPACE": str(settings.workspace), "RECVIZ_DEVICE": "cpu",
                       "RECVIZ_THREADS": "1"},
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip


@pytest.mark.parametrize(
    "shop",
    [
        pytest.param(SMALL, id="small"),
        pytest.param(REAL, id="online-retail", marks=[pytest.mark.slow_journey, pytest.mark.timeout(3600)]),
    ],
)
def test_from_a_file_to_a_report_with_the_numbers_of_the_command_line(page: Page, empty, tmp_path, shop: Shop):
    main = page.get_by_test_id("stMain")
    _bring(page, empty.url, shop, shop.file(tmp_path))
    run = _train(page, shop)

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Interest").click()
    expect(page.get_by_role("heading", name=re.compile("is likely to be active"))).to_be_visible(timeout=PATIENCE)
    settled(page)
    user = re.search(r"user=([^&]+)", page.url)[1]
    command_line(empty.settings, "forecast", run, "--out", str(tmp_path / "forecast.parquet"))
    told = pd.read_parquet(tmp_path / "forecast.parquet")
    assert page.evaluate(EXPECTED) == pytest.approx(told[told["user_id"] == user]["mean"].tolist())

    page.get_by_role("textbox", name="A topic in your own words").fill(shop.topic)
    page.get_by_role("textbox", name="A topic in your own words").press("Enter")
    expect(main.get_by_text(re.compile(shop.match, re.IGNORECASE)).first).to_be_attached(timeout=PATIENCE)
    fits(page)

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Explain").click()
    expect(page.get_by_role("heading", name=re.compile("^Why"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("the rest follow"))).to_have_count(0, timeout=PATIENCE)
    settled(page)
    item = re.search(r"item=([^&]+)", page.url)[1]
    page.get_by_role("tab", name="Numbers and files").click()
    with page.expect_download(timeout=PATIENCE) as saved:
        main.get_by_role("button", name="JSON", exact=True).click()
    shown = json.loads(saved.value.path().read_text())
    command_line(empty.settings, "explain", run, "--user", user, "--item", item, "--out", str(tmp_path / "why.json"))
    said = json.loads((tmp_path / "why.json").read_text())
    assert _values(shown) == pytest.approx(_values(said))
    assert shown["score"] == pytest.approx(said["score"])

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs").click()
    with page.expect_download(timeout=PATIENCE) as report:
        page.get_by_role("button", name="Report").click(timeout=PATIENCE)
    assert report.value.suggested_filename == f"{run}.html"
    again = page.context.new_page()
    again.route("**/*", lambda route: route.abort() if route.request.url.startswith("http") else route.continue_())
    report.value.save_as(tmp_path / "report.html")
    again.goto((tmp_path / "report.html").as_uri())
    expect(again.get_by_role("heading", level=1)).to_be_visible()
    assert again.locator(".js-plotly-plot").count() > 3


def _bring(page: Page, url: str, shop: Shop, file: Path) -> None:
    visit(page, f"{url}/log")
    page.locator("input[type=file]").set_input_files(file)
    rule = page.get_by_role("combobox", name="Keep only rows where")
    expect(rule).to_be_visible(timeout=PATIENCE)
    settled(page)
    rule.click()
    page.keyboard.type("Quantity > 0")
    expect(page.get_by_role("option", name="Quantity > 0")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # an open list hides all else from those who listen
    expect(page.get_by_test_id("stMultiSelect").get_by_text("Quantity > 0")).to_be_visible(timeout=PATIENCE)
    settled(page)
    page.get_by_role("button", name="Check all rows").click(timeout=PATIENCE)
    expect(page.get_by_text(shop.checked)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Store this log").click()
    expect(page.get_by_role("heading", name=re.compile(f"{shop.name}: {shop.stored}"))).to_be_visible(timeout=PATIENCE)
    settled(page)
    fits(page)


def _train(page: Page, shop: Shop) -> str:
    page.get_by_role("link", name="Fine-tune a model on this log").click()
    page.get_by_role("button", name="Take Fast").click(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Chosen")).to_be_visible(timeout=PATIENCE)
    settled(page)
    page.get_by_text("All settings").click()
    for name, number in shop.settings.items():
        field = page.get_by_role("spinbutton", name=name, exact=True)
        field.fill(str(number))
        field.press("Enter")
        settled(page)
    page.get_by_role("button", name=re.compile("^Start, about")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("/runs.*run="))
    expect(page.get_by_role("heading", name=f"Fast on {shop.name} is ready")).to_be_visible(timeout=shop.training)
    return re.search(r"run=([^&]+)", page.url)[1]


def _values(explanation: dict) -> list[float]:
    return [event["value"] for event in explanation["events"]]
