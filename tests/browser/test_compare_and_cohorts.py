"""Runs side by side and cohorts, in a real browser against the served app."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import PATIENCE, fits, settled, visit
from tests.tiny import make_twin

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def twins(ready) -> tuple[str, str]:
    return ready.run, make_twin(ready.settings, ready.dataset, ready.run)


def test_two_runs_are_compared_from_a_link_and_both_curves_of_a_user_open(page: Page, ready, twins):
    visit(page, f"{ready.url}/compare?runs={','.join(twins)}")
    main = page.get_by_test_id("stMain")

    expect(main.get_by_role("heading", name=re.compile("alike: what differs is inside the noise"))).to_be_visible(
        timeout=PATIENCE
    )
    expect(main.get_by_text("Asking").first).to_be_hidden(timeout=PATIENCE)
    expect(main.get_by_role("figure", name=re.compile("Tiny run expects .* and Twin .*run.* expects"))).to_be_visible(
        timeout=PATIENCE
    )
    fits(page)
    settled(page)  # a click on a table that is about to be drawn again goes nowhere
    shown = page.get_by_text(re.compile(r"^User \d+: Tiny run expects")).inner_text()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 20, "y": 35 * 3 + 18})
    expect(page.get_by_text(re.compile(r"^User \d+: Tiny run expects"))).not_to_have_text(shown, timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"user=\d+"))
    again = page.context.new_page()
    visit(again, page.url)
    expect(again.get_by_text(re.compile(r"^User \d+: Tiny run expects"))).to_be_visible(timeout=PATIENCE)


def test_a_cohort_says_who_is_heading_where_and_hands_its_users_out(page: Page, ready):
    visit(page, f"{ready.url}/interest?run={ready.run}&view=Cohort")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text(re.compile(r"^Of 48 users \d+ rise"))).to_be_visible(timeout=PATIENCE)
    fits(page)

    with page.expect_download() as told:
        main.get_by_role("button", name="CSV", exact=True).click()
    lines = told.value.path().read_text(encoding="utf-8-sig").splitlines()

    assert told.value.suggested_filename == "cohort.csv"
    assert lines[0].startswith("user_id,direction,")
    assert len(lines) == 49
    page.get_by_test_id("stDataFrame").first.click(position={"x": 20, "y": 35 + 18})
    expect(page.get_by_role("heading", name=re.compile("is likely to be active"))).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"user=\d+"))


def test_a_link_of_600_kib_gives_the_page(page: Page, ready):
    visit(page, f"{ready.url}/interest?run={ready.run}&topic={'A' * 600 * 1024}")

    expect(page.get_by_role("heading", name=re.compile("is likely to be active"))).to_be_visible(timeout=PATIENCE)
    assert len(page.url) < 2_000
