"""Every page, in light and in dark, in both widths: nothing sticks out, and axe finds nothing serious."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import listen
from tests.browser.visiting import PATIENCE, WIDTHS, fits, settled, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 25, 28)"}
PAGES = {
    "home": "",
    "log": "log?",
    "fine-tune": "fine-tune?",
    "runs": "runs?",
    "interest": "interest?topic=tent&",
    "cohort": "interest?view=Cohort&",
    "explain": "explain?user=10000&item=T004&",
    "compare": "compare?",
}
OUR_DUTY = {"serious", "critical"}


@pytest.fixture(params=PAPER)
def scheme(request) -> str:
    return request.param


@pytest.fixture
def seen(browser: Browser, browser_context_args, scheme, console):
    """A page of a browser that asks for light or for dark."""
    context = browser.new_context(**browser_context_args, color_scheme=scheme)
    listen(context, console)
    yield context.new_page()
    context.close()


def _findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in OUR_DUTY
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_is_legible_to_everybody_and_fits(seen: Page, scheme, ready, path):
    visit(seen, f"{ready.url}/{path}{'' if '?' in path else '?'}run={ready.run}")
    expect(seen.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible(timeout=PATIENCE)
    expect(seen.get_by_test_id("stException")).to_have_count(0)
    expect(seen.get_by_test_id("stApp")).to_have_css("background-color", PAPER[scheme])

    for width in WIDTHS[::-1]:
        seen.set_viewport_size({"width": width, "height": 900})
        settled(seen)
        fits(seen)

    assert _findings(seen) == []
