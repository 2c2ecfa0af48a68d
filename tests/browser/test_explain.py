"""The Explain page in a real browser: by keyboard, with hostile titles, in a narrow window, and reopened from its link."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120_000
"""Milliseconds: two busy cores may load a model in that time."""


def _open(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name=re.compile("^Why"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("All past events together")).first).to_be_visible(timeout=PATIENCE)
    _read(page)


def _read(page: Page) -> None:
    """Wait until the words of all events are there."""
    expect(page.get_by_text(re.compile("the rest follow"))).to_have_count(0, timeout=PATIENCE)


def test_the_words_of_an_event_are_read_by_keyboard_as_a_table(page: Page, ready):
    _open(page, f"{ready.url}/explain?run={ready.run}&user=10000")
    card = page.get_by_role("list", name=re.compile("Past events")).get_by_role("listitem").first

    card.locator("summary").first.focus()
    page.keyboard.press("Enter")

    expect(card.get_by_role("table")).to_be_visible()
    expect(card.get_by_role("columnheader", name="word")).to_be_visible()


def test_titles_stay_text_and_a_narrow_window_does_not_scroll_sideways(page: Page, ready):
    page.set_viewport_size({"width": 1024, "height": 768})

    _open(page, f"{ready.url}/explain?run={ready.run}&user=10000&item=T004")

    expect(page.get_by_text(re.compile("Bivouac <b>bag</b>")).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_link_reopens_exactly_this_explanation(page: Page, ready):
    _open(page, f"{ready.url}/explain?run={ready.run}&user=10000")
    page.get_by_text("Field", exact=True).click()
    page.get_by_role("button", name=re.compile("How:")).click()
    page.get_by_text("Leave one out", exact=True).click()
    expect(page).to_have_url(re.compile("method=leave-one-out"))
    page.keyboard.press("Escape")
    headline = page.get_by_role("heading", name=re.compile("^Why")).inner_text()
    cards = page.get_by_role("list", name=re.compile("Past events"))
    expect(page.get_by_role("button", name="How: leave one out")).to_be_visible(timeout=PATIENCE)
    # the note that the rest follows comes with the first words, so its absence alone does not say that all are there
    events = cards.first.get_by_role("listitem")
    expect(events.locator("summary")).to_have_count(events.count(), timeout=PATIENCE)
    _read(page)
    shown = cards.inner_text()
    address = page.url

    again = page.context.new_page()
    _open(again, address)

    expect(again.get_by_role("heading", name=re.compile("^Why"))).to_have_text(headline)
    assert again.get_by_role("list", name=re.compile("Past events")).inner_text() == shown
    for word in (f"run={ready.run}", "user=10000", "item=", "method=", "level=field"):
        assert word in address


def test_the_page_to_take_away_needs_no_script_and_no_network(page: Page, ready, tmp_path):
    _open(page, f"{ready.url}/explain?run={ready.run}&user=10000&item=T004")
    page.get_by_role("tab", name="Numbers and files").click()
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Page (HTML)").click()
    download.value.save_as(tmp_path / "why.html")
    content = (tmp_path / "why.html").read_text(encoding="utf-8")

    again = page.context.new_page()
    again.route("**/*", lambda route: route.abort() if route.request.url.startswith("http") else route.continue_())
    again.goto((tmp_path / "why.html").as_uri())

    assert "<script" not in content
    assert "http" not in content
    expect(again.get_by_role("heading", level=1)).to_contain_text("Why “Bivouac <b>bag</b>”")
    expect(again.get_by_role("list", name=re.compile("Past events"))).to_be_visible()
