"""The main path without a pointer, and two people before one workspace."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visiting import PATIENCE, settled, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_TABS = 90
"""Presses of the tabulator after which a person has given up."""


def _tab_to(page: Page, wanted: Locator) -> None:
    """Press the tabulator until the element has the focus."""
    expect(wanted).to_be_visible(timeout=PATIENCE)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{wanted} is not reached by the tabulator")


def test_the_main_path_is_walked_by_keyboard_alone(page: Page, ready):
    visit(page, f"{ready.url}/?run={ready.run}&user=10000")
    places = page.get_by_test_id("stSidebarNav")

    _tab_to(page, places.get_by_role("link", name="Fine-tune"))
    page.keyboard.press("Enter")
    _tab_to(page, page.get_by_role("button", name=re.compile("^Start, about")))

    page.keyboard.press("Control+Home")
    places.get_by_role("link", name="Home").focus()
    _tab_to(page, places.get_by_role("link", name="Interest"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("is likely to be active"))).to_be_visible(timeout=PATIENCE)
    settled(page)
    _tab_to(page, page.get_by_role("button", name="How to read this"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("An interest curve")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    _tab_to(page, page.get_by_role("textbox", name="A topic in your own words"))
    page.keyboard.type("tent")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("Taken to mean"))).to_be_visible(timeout=PATIENCE)
    settled(page)

    places.get_by_role("link", name="Interest").focus()
    _tab_to(page, places.get_by_role("link", name="Explain"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Why"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("the rest follow"))).to_have_count(0, timeout=PATIENCE)
    settled(page)
    trust = page.get_by_role("tab", name="How far to trust it")
    _tab_to(page, trust)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="What if")).to_be_focused()
    expect(page.get_by_text("Nothing is otherwise yet.")).to_be_visible(timeout=PATIENCE)


def test_two_people_look_at_the_same_run_each_at_their_own_user(browser: Browser, browser_context_args, ready):
    users = ("10000", "10001")
    windows = [browser.new_context(**browser_context_args) for _ in users]
    pages = [window.new_page() for window in windows]

    for page, user in zip(pages, users, strict=True):
        page.goto(f"{ready.url}/interest?run={ready.run}&user={user}")
    for page in pages:
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Explain").click(timeout=PATIENCE)

    for page, user in zip(pages, users, strict=True):
        expect(page.get_by_role("heading", name=re.compile(f"^Why.*{user}"))).to_be_visible(timeout=PATIENCE)
        expect(page).to_have_url(re.compile(f"user={user}"))
        expect(page.get_by_test_id("stException")).to_have_count(0)
    for window in windows:
        window.close()
