"""The promise of the job system, kept before the eyes of an analyst: nothing that happens to the page ends a run."""

import re
import shutil
import time

import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from recviz.jobs import journal
from recviz.jobs.machine import is_alive
from recviz.jobs.store import JobStore
from recviz.model.config import preset_config
from recviz.services import datasets, runs
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.browser.conftest import end_workers
from tests.browser.serving import ROOT, start_app
from tests.faults.aftermath import nobody_is_left, store_is_whole
from tests.tiny import tiny_log

pytestmark = [pytest.mark.browser, pytest.mark.slow_fault]
PATIENCE = 120_000
"""Milliseconds: two busy cores may load a model in that time."""
COPIES = 16
"""So many times the tiny shop's users, so that a run takes long enough for all that happens meanwhile."""
LEARNT_STEPS = 40
SAME_RUN_SECONDS = 4
POINTS = "[...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => chart.data.map(line => [...line.x]))"


@pytest.fixture
def shop(tmp_path):
    """A workspace with the tiny shop's log, many times, and no run yet; afterwards nothing of it is left running."""
    settings = Settings(workspace=tmp_path / "workspace", device="cpu", threads=1)
    ws = Workspace(settings)
    file = tmp_path / "tiny.csv"
    log = tiny_log()
    many = [log.assign(customer=f"{copy}-" + log["customer"]) for copy in range(COPIES)]
    pd.concat(many).to_csv(file, index=False)
    files = datasets.LogFiles(events=datasets.local_file(file))
    datasets.ingest(ws, files, datasets.preview(ws, files).plan, "Tiny shop")
    yield settings
    end_workers(settings)
    nobody_is_left(settings)
    store_is_whole(settings)


@pytest.fixture
def start(shop, context):
    """Start the app on that workspace, as often as it was ended."""
    started = []

    def app(*more):
        started.append(start_app(shop, *more))
        return started[-1]

    yield app
    for open_page in context.pages:
        open_page.close()  # before its app goes
    for one in started:
        one.stop()


@pytest.mark.fault(16)
@pytest.mark.fault(18)
def test_a_run_survives_the_closed_tab_and_the_killed_app_and_is_found_again_with_its_full_curve(
    page: Page, shop, start
):
    app = start()
    launch(page, app.url)
    job = learning(shop)
    address = page.url.removeprefix(app.url)

    page.close()
    app.kill()
    before = len(journal.read(shop.runs / job.id))
    time.sleep(SAME_RUN_SECONDS)
    assert is_alive(job.process)
    assert len(journal.read(shop.runs / job.id)) > before, "the run stands still without its app"
    app = start()
    again = page.context.new_page()
    opened(again, f"{app.url}{address}")

    expect(again.get_by_role("heading", name=re.compile("is learning|Learning|judged"))).to_be_visible(timeout=PATIENCE)
    known = JobStore(shop.database).get(job.id)
    assert (known.process, known.attempt) == (job.process, 1), "it is another worker"
    expect(again.locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE)
    lines = again.evaluate(POINTS)
    assert min(lines[0]) == 1, "the curve does not begin with the first step"
    assert max(lines[0]) >= LEARNT_STEPS
    expect(again.get_by_role("heading", name=re.compile("is ready")).first).to_be_visible(timeout=3 * PATIENCE)
    ended = JobStore(shop.database).get(job.id)
    assert (ended.state, ended.attempt) == ("completed", 1)
    told = journal.read(shop.runs / job.id)
    taken = told[told["validation"].isna()].groupby("phase")["step"]
    assert all(steps.tolist() == list(range(1, len(steps) + 1)) for _, steps in taken)


@pytest.mark.fault(27)
def test_another_browser_may_clear_the_caches_and_a_source_file_may_change_while_a_run_learns(
    page: Page, shop, start, tmp_path
):
    source = tmp_path / "source"
    for name in ("recviz", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", source)
    app = start(source, {"STREAMLIT_SERVER_FILE_WATCHER_TYPE": "poll"})
    run = long_run(shop)
    opened(page, f"{app.url}/runs?run={run}")
    job = learning(shop)

    clear_caches_as_another_browser(page, app.url)
    for name in ("supervisor", "store", "worker"):
        with (source / "recviz" / "jobs" / f"{name}.py").open("a") as file:
            file.write("\n# changed while a run learns\n")
    time.sleep(SAME_RUN_SECONDS)
    opened(page, page.url)

    expect(page.get_by_role("heading", name=re.compile("is learning|Learning|judged"))).to_be_visible(timeout=PATIENCE)
    known = JobStore(shop.database).get(job.id)
    assert (known.state, known.process, known.attempt) == ("running", job.process, 1)
    page.get_by_role("button", name="Stop and finish").click()
    expect(page.get_by_role("heading", name=re.compile("is ready")).first).to_be_visible(timeout=3 * PATIENCE)
    starts = [line for line in JobStore(shop.database).history(job.id) if line.text.startswith("a worker started")]
    assert len(starts) == 1
    app.kill()  # asked to end, Streamlit's polling watcher of files, which nothing but this test uses, takes its time


def launch(page, url):
    """Start a run through the page, with the default preset."""
    opened(page, f"{url}/fine-tune")
    page.get_by_role("button", name=re.compile("^Start, about")).click()
    expect(page).to_have_url(re.compile("/runs.*run="), timeout=PATIENCE)


def long_run(shop):
    """Launch a run that outlasts whatever a slow machine makes of a test; only Stop and finish ends it."""
    ws = Workspace(shop)
    (log,) = datasets.list_datasets(ws)
    long = {"passes": 5_000, "patience": 5_000, "width": 16, "layers": 1, "heads": 4, "max_tokens": 16}
    return runs.launch(ws, preset_config("fast", dataset=log.manifest.id, horizon=6, **long), "Long")


def learning(shop):
    """Wait until the run has taken some steps, and return it."""
    deadline = time.monotonic() + 3 * PATIENCE / 1000
    while True:
        (job,) = JobStore(shop.database).all()
        if len(journal.read(shop.runs / job.id)) > LEARNT_STEPS:
            return job
        assert not job.has_ended, job.reason
        assert time.monotonic() < deadline, "it does not begin to learn"
        time.sleep(0.2)


def opened(page, url):
    page.goto(url, timeout=PATIENCE)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)


def clear_caches_as_another_browser(page, url):
    """Send what the menu of any connected browser can send; no setting of the server stops it."""
    message = list(BackMsg(clear_cache=True).SerializeToString())
    other = page.context.browser.new_context()
    visitor = other.new_page()
    opened(visitor, url)
    visitor.evaluate(
        """([address, message]) => new Promise((resolve, reject) => {
            const socket = new WebSocket(address, ['streamlit'])
            socket.binaryType = 'arraybuffer'
            socket.onerror = () => reject(new Error('no connection'))
            socket.onopen = () => {
                socket.send(new Uint8Array(message))
                setTimeout(() => { socket.close(); resolve() }, 500)
            }
        })""",
        [url.replace("http", "ws") + "/_stcore/stream", message],
    )
    other.close()
