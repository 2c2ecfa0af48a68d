"""What an analyst does with runs, in a real browser: stop one early, cancel one, and hear of one from elsewhere."""

import json
import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from recviz.jobs.store import JobStore
from recviz.model.config import preset_config
from recviz.services import datasets, runs
from recviz.services.workspace import Workspace
from tests.browser.visiting import PATIENCE, visit
from tests.tiny import tiny_log

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = {"passes": 500, "patience": 500, "width": 16, "layers": 1, "heads": 4, "batch_users": 16, "max_tokens": 16}


@pytest.fixture
def shop(empty, tmp_path):
    """The app's workspace with the tiny shop in it; the log's id."""
    ws = Workspace(empty.settings)
    file = tmp_path / "tiny.csv"
    tiny_log().to_csv(file, index=False)
    files = datasets.LogFiles(events=datasets.local_file(file))
    return ws, datasets.ingest(ws, files, datasets.preview(ws, files).plan, "Tiny shop").dataset_id


def _long_run(ws: Workspace, log: str, name: str) -> str:
    return runs.launch(ws, preset_config("fast", dataset=log, horizon=6, **LONG), name)


def test_a_run_is_stopped_early_and_judged_while_the_next_one_is_cancelled(page: Page, empty, shop):
    ws, log = shop
    first, second = _long_run(ws, log, "First"), _long_run(ws, log, "Second")
    visit(page, f"{empty.url}/runs?run={first}")
    expect(page.get_by_role("heading", name="First is at work; 1 more waits")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name=re.compile("First is learning; best at step"))).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_role("figure", name=re.compile("Learning curves. Best at step"))).to_be_visible()

    page.get_by_role("button", name="Stop and finish").click()

    expect(page.get_by_role("heading", name="First is ready")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("tab", name="Against the baselines")).to_be_visible()
    with page.expect_download(timeout=PATIENCE) as wanted:
        page.get_by_role("button", name="Download the model").click()
    assert wanted.value.suggested_filename == f"{first}.zip"
    with zipfile.ZipFile(wanted.value.path()) as packed:
        assert packed.testzip() is None
        names = set(packed.namelist())
        about = json.loads(packed.read(f"{first}/about.json"))
    assert {f"{first}/{name}" for name in ("config.json", "model/complete.json", "model/network.safetensors")} <= names
    assert (about["run"], about["name"]) == (first, "First")
    assert JobStore(empty.settings.database).get(first).progress == 1.0
    visit(page, f"{empty.url}/runs?run={second}")
    expect(page.get_by_role("heading", name=re.compile("Second is learning"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Second was cancelled")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing is at work; 1 of 2 runs is ready")).to_be_visible()


def test_the_settings_of_a_cloned_run_outlive_a_reload_of_the_form(page: Page, empty, shop):
    ws, log = shop
    run = _long_run(ws, log, "Pattern")
    visit(page, f"{empty.url}/runs?run={run}")
    expect(page.get_by_role("heading", name=re.compile("Pattern is learning"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="More").click(timeout=PATIENCE)
    page.get_by_text("Clone with changes").click()
    told = page.get_by_text("These are the settings of Pattern")
    expect(told).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(f"/fine-tune.*like={run}"))

    page.reload(timeout=PATIENCE)

    expect(told).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Name of the run")).to_have_value("Pattern, changed")
    runs.cancel(ws, run)


def test_a_run_that_ends_is_told_on_another_page_once(page: Page, empty, shop):
    ws, log = shop
    run = _long_run(ws, log, "In the background")
    visit(page, f"{empty.url}/log?dataset={log}")
    expect(page.get_by_role("heading", name=re.compile("Tiny shop: 1,234 events"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stToast")).to_have_count(0)

    runs.cancel(ws, run)

    notice = page.get_by_test_id("stToast")
    expect(notice).to_contain_text("In the background was cancelled. See it under Runs.", timeout=PATIENCE)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Fine-tune").click()
    expect(page.get_by_role("heading", name="Fine-tune a model on this log")).to_be_visible(timeout=PATIENCE)
    expect(notice).to_have_count(0, timeout=PATIENCE)
