"""The real app, really served, and headless Chromium before it."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, expect

from recviz.jobs.machine import is_alive
from recviz.jobs.store import JobStore
from recviz.settings import Settings
from tests.browser.serving import served
from tests.tiny import make_ready_workspace

expect.set_options(timeout=20_000)
"""Milliseconds that a busy machine may take for what is there at once on a quiet one; the library's own 5,000 are few."""
HARMLESS = ("_stcore/health", "_stcore/host-config")
"""Streamlit asks for these below a deep link's own path first, and then finds them at the root."""


@dataclass(frozen=True)
class Served:
    """An app at work."""

    url: str
    settings: Settings
    dataset: str = ""
    run: str = ""


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address of its own: each test has its app's (and the plugin's own fixture warns under this pytest)."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine")
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def ready(tmp_path_factory) -> Iterator[Served]:
    """The app on a workspace with the tiny log and a finished run."""
    settings, dataset, run = make_ready_workspace(tmp_path_factory.mktemp("ready"))
    with served(settings) as url:
        yield Served(url, settings, dataset, run)


@pytest.fixture
def empty(tmp_path, context: BrowserContext, console: list[str]) -> Iterator[Served]:
    """The app on an empty workspace; afterwards no process of a run is left."""
    settings = Settings(workspace=tmp_path / "workspace", device="cpu", threads=1)
    with served(settings) as url:
        yield Served(url, settings)
        _was_calm(context, console)  # while the app still answers
    end_workers(settings)


@pytest.fixture(autouse=True)
def console(context: BrowserContext) -> Iterator[list[str]]:
    """Collect what the browser complains of; there may be nothing at the end."""
    complaints: list[str] = []
    listen(context, complaints)
    yield complaints
    _was_calm(context, complaints)


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Note what a browser complains of."""

    def note(message: ConsoleMessage) -> None:
        where = (message.location or {}).get("url", "")
        if message.type == "error" and not where.endswith(HARMLESS):
            complaints.append(f"{message.text} ({where})")

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))


def _was_calm(context: BrowserContext, complaints: list[str]) -> None:
    for page in context.pages:
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.close()
    assert not complaints


def end_workers(settings: Settings) -> None:
    if not settings.database.is_file():
        return
    for job in JobStore(settings.database).all():
        if job.process is not None and is_alive(job.process):
            os.killpg(job.process.pid, signal.SIGKILL)
