"""What an analyst does, in a real browser against the served app."""

import re

import pytest
from playwright.sync_api import Page, expect

from recviz.jobs.store import JobStore
from tests.browser.visiting import PATIENCE, fits, visit
from tests.tiny import tiny_log

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_sample_shop_is_one_click_away_and_its_run_survives_the_closed_tab(page: Page, empty):
    visit(page, empty.url)
    expect(page.get_by_role("heading", name="What will each user want in the coming weeks, and why?")).to_be_visible()

    page.get_by_role("button", name="Try the sample shop").dblclick()

    at_work = re.compile("waiting|starting|learning")
    expect(page.get_by_test_id("stMain").get_by_text(at_work).first).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("/runs.*run="))
    address = page.url
    page.close()
    again = page.context.new_page()
    visit(again, address)
    expect(again.get_by_role("button", name="Cancel")).to_be_visible(timeout=PATIENCE)
    expect(again.get_by_test_id("stMain").get_by_text(at_work).first).to_be_visible()
    assert len(JobStore(empty.settings.database).all()) == 1
    again.get_by_role("button", name="Cancel").click()
    expect(again.get_by_text("Demo was cancelled")).to_be_visible(timeout=PATIENCE)


def test_a_log_is_brought_in_step_by_step_and_nothing_is_stored_before_one_says_so(page: Page, empty):
    visit(page, f"{empty.url}/log")
    content = tiny_log().to_csv(index=False).encode()

    page.locator("input[type=file]").set_input_files({"name": "shop.csv", "mimeType": "text/csv", "buffer": content})

    expect(page.get_by_text("2 · Columns")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Check all rows").click()
    expect(page.get_by_text(re.compile("1,234 rows become 1,234 events"))).to_be_visible(timeout=PATIENCE)
    assert not any(empty.settings.datasets.iterdir())
    fits(page)
    page.get_by_role("textbox", name="Name").fill("My shop")
    page.get_by_role("textbox", name="Name").press("Enter")
    page.get_by_role("button", name="Store this log").click()
    expect(page.get_by_role("heading", name=re.compile("My shop: 1,234 events of 48 users"))).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_role("figure", name=re.compile("Busiest week"))).to_be_visible()
    assert len(list(empty.settings.datasets.iterdir())) == 1
    assert not any(empty.settings.uploads.iterdir())


BAD_FILES = (
    ("empty.csv", b"", "empty|no rows"),
    ("header.csv", b"user,item,time\n", "no rows"),
    ("../../evil <b>.csv", b"PK\x03\x04 not a zip at all", "not|cannot"),
)


def test_a_bad_file_is_told_what_to_do_and_stores_nothing(page: Page, empty):
    for name, content, said in BAD_FILES:
        visit(page, f"{empty.url}/log")

        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})

        expect(page.get_by_text("Something to put right").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id("stMain")).to_contain_text(re.compile(said, re.IGNORECASE))
        expect(page.get_by_role("button", name="Store this log")).to_have_count(0)
    assert not any(empty.settings.datasets.iterdir())


def test_a_ready_run_answers_what_a_user_will_want_and_why(page: Page, ready):
    visit(page, f"{ready.url}/interest?run={ready.run}")
    expect(page.get_by_role("heading", name=re.compile("is likely to be active|will be active"))).to_be_visible(
        timeout=PATIENCE
    )

    page.get_by_role("textbox", name=re.compile("topic", re.IGNORECASE)).fill("tent")
    page.get_by_role("textbox", name=re.compile("topic", re.IGNORECASE)).press("Enter")

    expect(page.get_by_test_id("stMain")).to_contain_text("Alpine tent for two", timeout=PATIENCE)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Explain").click()
    expect(page).to_have_url(re.compile(f"/explain.*run={ready.run}"))
    expect(page.get_by_role("heading", name=re.compile("Why"))).to_be_visible(timeout=PATIENCE)
    fits(page)


@pytest.mark.parametrize("path", ["", "log", "fine-tune", "runs"])
def test_every_page_opens_from_a_link_in_a_fresh_browser(page: Page, ready, path):
    visit(page, f"{ready.url}/{path}?dataset={ready.dataset}&run={ready.run}")

    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stMain").get_by_role("link", name="Tiny run").first).to_be_visible()
    fits(page)


@pytest.mark.parametrize(
    "path", ["runs?run=nope", "interest?run=..%2f..%2fetc", "explain?run=nope&user=%00", "log?dataset=no"]
)
def test_an_unknown_link_gets_a_friendly_page(page: Page, ready, path):
    visit(page, f"{ready.url}/{path}")

    expect(page.get_by_text("Something to put right").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_the_very_first_visit_to_a_server_may_be_a_deep_link(page: Page, empty):
    visit(page, f"{empty.url}/interest")

    expect(page.get_by_text("Empty workspace")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link")).to_have_count(7)
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Fine-tune")).to_be_visible()
