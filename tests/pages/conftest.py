"""The app under Streamlit's own test driver: on a workspace with a finished run, and on ones made without training."""

import io
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from recviz.jobs import supervisor
from recviz.services import datasets
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.pages.ready import forget_caches
from tests.tiny import make_ready_workspace, tiny_log

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
"""A page's first run imports what it needs."""


@pytest.fixture(scope="session")
def tiny_workspace(tmp_path_factory):
    """Settings of a workspace with the tiny shop, its log's id and its run's id."""
    return make_ready_workspace(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def ready(tiny_workspace, monkeypatch):
    """The log's id and the run's id; the app opened in this process finds that workspace."""
    settings, dataset, run = tiny_workspace
    monkeypatch.setenv("RECVIZ_WORKSPACE", str(settings.workspace))
    monkeypatch.setenv("RECVIZ_DEVICE", "cpu")
    forget_caches()
    yield dataset, run
    forget_caches()


@pytest.fixture
def ws(tmp_path, monkeypatch):
    """An empty workspace that the app will open, with no supervisor: what is queued stays queued."""
    monkeypatch.setenv("RECVIZ_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("RECVIZ_DEVICE", "cpu")
    monkeypatch.setattr(supervisor, "ensure", lambda _: None)
    forget_caches()
    yield Workspace(Settings(workspace=tmp_path / "workspace", device="cpu"))
    forget_caches()


@pytest.fixture
def store(ws):
    """Store a table as a log and return its id."""

    def stored(table: pd.DataFrame, name: str = "Tiny shop") -> str:
        upload = datasets.receive_upload(ws, f"{name}.csv", io.BytesIO(table.to_csv(index=False).encode()))
        files = datasets.LogFiles(events=upload)
        stored = datasets.ingest(ws, files, datasets.preview(ws, files).plan, name).dataset_id
        datasets.delete_upload(ws, upload.id)
        return stored

    return stored


@pytest.fixture
def log(store) -> str:
    """The tiny shop's log, stored; its id."""
    return store(tiny_log())


@pytest.fixture
def visit():
    """Open a page of the app as a link would."""

    def opened(page: str, **address: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=SECONDS)
        app.query_params.update(address)
        app.run()
        return app.switch_page(f"pages/{page}.py").run() if page != "home" else app

    return opened
