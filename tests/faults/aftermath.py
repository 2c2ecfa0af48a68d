"""What must hold after every fault, whatever it was: the store is whole, earlier runs load, nothing is left running."""

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import psutil
import pytest

from recviz.data.dataset import open_dataset
from recviz.jobs import supervisor
from recviz.jobs.store import JobStore
from recviz.model.predictor import load_predictor
from recviz.settings import Settings
from recviz.ui.formats import literal
from recviz.ui.run_words import SENTENCES
from recviz.ui.setting_words import in_words
from tests.pages.ready import forget_caches, open_page

LEAVING_SECONDS = 20
"""A worker that has told its end is still leaving for at most so long, on a machine that others keep busy."""


def page_of(settings: Settings, run_id: str) -> str:
    """Open the Runs page on a run, as a browser would, and return all that it says; it must not crash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECVIZ_WORKSPACE", str(settings.workspace))
        patch.setenv("RECVIZ_DEVICE", settings.device)
        patch.setattr(supervisor, "ensure", lambda _: None)  # who supervises is the test's business
        forget_caches()
        page = open_page("runs", run=run_id)
        forget_caches()
    assert not page.exception, page.exception
    return "\n".join(_words(element) for element in page.main)


def _words(element) -> str:
    value = getattr(element, "value", None)
    if isinstance(value, pd.DataFrame):
        return value.to_csv()
    return "" if value is None else str(value)


def processes_of(workspace: Path) -> list[psutil.Process]:
    """List the processes that were started for a workspace and still live."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ() if process.pid != os.getpid() else {}
            mine = environment.get("RECVIZ_WORKSPACE") == str(workspace.resolve())
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def nobody_is_left(settings: Settings) -> None:
    """Check that no process of the workspace lives on; end those that do, so that the next test starts clean."""
    deadline = time.monotonic() + LEAVING_SECONDS
    while (left := processes_of(settings.workspace)) and time.monotonic() < deadline:
        time.sleep(0.05)
    told = [" ".join(process.cmdline()[-4:]) for process in left]
    for process in left:
        process.send_signal(signal.SIGKILL)
    assert not left, f"processes left behind: {told}"


def store_is_whole(settings: Settings) -> None:
    """Check that SQLite finds nothing wrong in the job store."""
    with closing(sqlite3.connect(settings.database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def earlier_run_loads(settings: Settings, run_id: str) -> None:
    """Check that a run that was completed before the fault still opens and answers."""
    folder = settings.runs / run_id
    predictor = load_predictor(open_dataset(settings.datasets, "log"), folder, "cut", "cpu")
    user = int(predictor.users[0])
    assert predictor.predict([predictor.history(user)]).mu.isfinite().all()
    assert JobStore(settings.database).get(run_id).state == "completed"


def page_says_what_happened(settings: Settings) -> None:
    """Check that the Runs page tells the newest run's state, and why it failed and what to do where it did."""
    job = JobStore(settings.database).all()[0]
    said = page_of(settings, job.id)
    why = (job.reason, job.mend) if job.state == "failed" else ()
    for words in (SENTENCES[job.state].format(name=job.name), *why):
        told = words in said or literal(in_words(words)) in said
        assert told, f"the page of a {job.state} run does not say {words!r}:\n{said}"
