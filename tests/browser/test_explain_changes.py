"""The Explain page in a real browser: what if things were otherwise, and the explanation as a picture to take away."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120_000
"""Milliseconds: two busy cores may load a model in that time."""
USER, ITEM = "10000", "T004"
ROW = 35
"""Pixels of a row of a table, and of its head."""
SWITCH, NUMBER = 36, 440
"""Pixels from a table's left to its switches, and to the numbers of its events."""
TO_ADD = ("lantern", "Paper lantern")


def _open(page: Page, url: str, tab: str) -> Locator:
    page.goto(url)
    expect(page.get_by_text(re.compile("All past events together")).first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name=tab).click()
    return page.get_by_role("tabpanel", name=tab)


def test_past_events_the_day_and_the_title_are_changed_and_everything_is_worked_out_again(page: Page, ready):
    """Catches: a change that the answer does not follow; an answer that keeps an earlier change."""
    panel = _open(page, f"{ready.url}/explain?run={ready.run}&user={USER}&item={ITEM}", "What if")
    expect(panel.get_by_text("Nothing is otherwise yet.")).to_be_visible(timeout=PATIENCE)
    past = panel.get_by_test_id("stDataFrame").first

    past.click(position={"x": SWITCH, "y": 1.5 * ROW})
    _is_told(panel, "1 event off")
    past.dblclick(position={"x": NUMBER, "y": 2.5 * ROW})
    page.locator("#portal input").fill("7")
    page.keyboard.press("Enter")
    _is_told(panel, "1 event off, 1 event edited")
    changed = _ranks(panel)

    panel.get_by_label("Find an item to add").fill(TO_ADD[0])
    panel.get_by_label("Find an item to add").press("Enter")
    added = panel.get_by_test_id("stMultiSelect")
    expect(added).to_contain_text("found", timeout=PATIENCE)
    added.get_by_role("combobox").click()
    page.get_by_role("option", name=TO_ADD[1]).click()
    page.keyboard.press("Escape")
    _is_told(panel, "1 event off, 1 event edited, 1 event added")
    assert _ranks(panel) != changed

    _as_it_was(panel)
    panel.get_by_role("button", name="Choose date").click()
    page.get_by_role("grid").get_by_role("button", name=re.compile(r"\b15\b")).click()
    _is_told(panel, "Another day")
    expect(panel.get_by_text(re.compile("Looks ahead from .* instead of"))).to_be_visible()
    title = panel.get_by_label("Title of the recommended item")
    title.fill("Something else altogether")
    title.press("Enter")
    _is_told(panel, "Another day, another title")
    _as_it_was(panel)


def test_the_explanation_comes_as_a_picture(page: Page, ready, tmp_path):
    panel = _open(page, f"{ready.url}/explain?run={ready.run}&user={USER}&item={ITEM}", "Numbers and files")
    picture = panel.locator(".st-key-explain_picture")
    expect(picture.locator(".main-svg").first).to_be_visible(timeout=PATIENCE)

    with page.expect_download(timeout=PATIENCE) as download:
        picture.locator(".modebar-btn").click()

    download.value.save_as(tmp_path / "why.png")
    content = (tmp_path / "why.png").read_bytes()
    assert download.value.suggested_filename == f"why-{ITEM}-for-{USER}.png"
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20]) == 2 * 1000, "twice as many pixels as it is wide"
    expect(picture).to_contain_text("All past events together")


def _as_it_was(panel: Locator) -> None:
    """Take all changes back."""
    panel.get_by_role("button", name=re.compile("Everything as it was")).click()
    expect(panel.get_by_text("Nothing is otherwise yet.")).to_be_visible(timeout=PATIENCE)


def _is_told(panel: Locator, words: str) -> None:
    """Wait until the answer to exactly these changes is there, with curves and recommendations."""
    expect(panel.get_by_text(re.compile(rf"^{re.escape(words)}\."))).to_be_visible(timeout=PATIENCE)
    expect(panel.locator(".st-key-explain_what_if").first).to_be_visible(timeout=PATIENCE)
    expect(panel.get_by_text(re.compile("ranks? changed")).first).to_be_visible(timeout=PATIENCE)


def _ranks(panel: Locator) -> str:
    """What the answer says: the expected activity, and how many ranks changed."""
    return "; ".join(panel.get_by_text(re.compile("ranks? changed|active days")).all_text_contents())
