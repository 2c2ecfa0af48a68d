"""The real app, really served, and headless Chromium before it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, expect

from recviz.jobs.machine import is_alive
from recviz.jobs.store import JobStore
from recviz.settings import Settings
from tests.tiny import make_ready_workspace

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
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
    with _served(settings) as url:
        yield Served(url, settings, dataset, run)


@pytest.fixture
def empty(tmp_path, context: BrowserContext, console: list[str]) -> Iterator[Served]:
    """The app on an empty workspace; afterwards no process of a run is left."""
    settings = Settings(workspace=tmp_path / "workspace", device="cpu", threads=1)
    with _served(settings) as url:
        yield Served(url, settings)
        _was_calm(context, console)  # while the app still answers
    _end_workers(settings)


@pytest.fixture(autouse=True)
def console(context: BrowserContext) -> Iterator[list[str]]:
    """Collect what the browser complains of; there may be nothing at the end."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        where = (message.location or {}).get("url", "")
        if message.type == "error" and not where.endswith(HARMLESS):
            complaints.append(f"{message.text} ({where})")

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    yield complaints
    _was_calm(context, complaints)


def _was_calm(context: BrowserContext, complaints: list[str]) -> None:
    for page in context.pages:
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.close()
    assert not complaints


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    port = _free_port()
    environment = {
        **os.environ,
        "RECVIZ_WORKSPACE": str(settings.workspace),
        "RECVIZ_DEVICE": "cpu",
        "RECVIZ_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    app = subprocess.Popen(
        [sys.executable, "-c", "from recviz.cli import main; main()", "serve", "--port", str(port)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, app)
        yield url
    finally:
        app.send_signal(signal.SIGTERM)
        app.communicate(timeout=20)


def _wait_for(url: str, app: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if app.poll() is not None:
            pytest.fail(f"the app ended: {app.communicate()[0]}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the app did not answer within {READY_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_workers(settings: Settings) -> None:
    if not settings.database.is_file():
        return
    for job in JobStore(settings.database).all():
        if job.process is not None and is_alive(job.process):
            os.killpg(job.process.pid, signal.SIGKILL)
