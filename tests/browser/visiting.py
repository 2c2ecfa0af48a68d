"""What every visit of a page begins with, and what holds on every page."""

from playwright.sync_api import Page, expect

PATIENCE = 120_000
"""Milliseconds: two busy cores may load a model in that time."""
WIDTHS = (1440, 1024)
"""Pixels: the window that pages are made for, and the narrowest in which they must work."""


def visit(page: Page, url: str) -> None:
    """Open an address and wait until its script has come to its end."""
    page.goto(url, timeout=PATIENCE)
    settled(page)


def settled(page: Page) -> None:
    """Wait until nothing is worked out any more and nothing waits to be drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)


def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
