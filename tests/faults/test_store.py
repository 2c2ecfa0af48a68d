"""The job store: locked by others, of an older or a newer recviz, asked for one run twice."""

import hashlib
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest

from recviz.errors import UnsupportedError
from recviz.jobs import database
from recviz.jobs.database import MIGRATIONS, StoreError
from recviz.jobs.store import JobStore
from recviz.services import runs
from tests.faults.aftermath import page_of
from tests.faults.workspaces import EARLIER
from tests.jobs.scripted import queue

HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
db.execute("ROLLBACK")
"""
OPEN = """
import sys
from pathlib import Path
from recviz.jobs.store import JobStore
sys.stdin.readline()
print(len(JobStore(Path(sys.argv[1])).all()))
"""


@contextmanager
def held_by_another_program(settings, seconds):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.database), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    yield
    holder.kill()
    holder.communicate()


@pytest.mark.fault(28)
def test_a_store_that_another_program_has_locked_only_delays_a_run(settings, store, supervise, until):
    queue(settings, "run-1", steps=20, step_seconds=0.05)
    supervise()
    until("run-1", "running")

    with held_by_another_program(settings, 2):
        began = time.monotonic()
        store.note("run-1", "waited")
        waited = time.monotonic() - began

    assert waited > 1
    assert until("run-1", "completed").attempt == 1


@pytest.mark.fault(28)
def test_a_store_that_stays_locked_is_told_plainly_and_can_still_be_read(ws, settings, monkeypatch):
    queue(settings, "run-1")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)

    with held_by_another_program(settings, 60):
        with pytest.raises(StoreError, match="has been locked for"):
            runs.cancel(ws, "run-1")
        said = page_of(settings, "run-1")

    assert "waits for its turn" in said
    assert runs.cancel(ws, "run-1").state == "cancelled"


@pytest.fixture
def first_version(settings):
    """The store of the workspace as the first recviz would have written it."""
    old = settings.database.with_name("old.db")
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        for statement in MIGRATIONS[0]:
            db.execute(statement)
        names = ", ".join(row[1] for row in db.execute("PRAGMA table_info(job)"))
        db.execute("ATTACH ? AS now", (str(settings.database),))
        db.execute(f"INSERT INTO job ({names}) SELECT {names} FROM now.job")  # noqa: S608 - our own columns
        db.execute("INSERT INTO happening SELECT * FROM now.happening")
        db.execute("PRAGMA user_version = 1")
    for path in settings.workspace.glob("recviz.db*"):
        path.unlink()
    old.rename(settings.database)
    return settings


@pytest.mark.fault(28)
def test_a_store_of_an_older_recviz_is_brought_up_to_date_and_kept_as_it_was(first_version):
    before = hashlib.sha256(first_version.database.read_bytes()).hexdigest()

    job = JobStore(first_version.database).get(EARLIER)

    assert job.state == "completed"
    assert JobStore(first_version.database).history(EARLIER)[-1].text == "completed"
    backup = first_version.database.with_name("recviz.db.version-1")
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT id FROM job").fetchall() == [(EARLIER,)]
    assert before != hashlib.sha256(first_version.database.read_bytes()).hexdigest()


@pytest.mark.fault(28)
def test_many_programs_that_find_an_old_store_at_once_all_open_it(first_version):
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(first_version.database)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    time.sleep(2)  # all have imported what they need

    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    told = [opener.communicate() for opener in openers]

    assert [said for said, _ in told] == ["1\n"] * 4, [error for _, error in told]


@pytest.mark.fault(28)
def test_a_store_of_a_newer_recviz_is_refused_plainly_and_left_as_it_is(settings):
    with closing(sqlite3.connect(settings.database)) as db:
        db.execute("PRAGMA user_version = 99")
    before = settings.database.read_bytes()

    with pytest.raises(UnsupportedError, match="version 99"):
        JobStore(settings.database)
    said = page_of(settings, EARLIER)

    assert f"The job store has version 99, this recviz knows {len(MIGRATIONS)}" in said
    assert "Use the newer recviz that made it, or another workspace" in said
    assert settings.database.read_bytes() == before
    with closing(sqlite3.connect(settings.database)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@pytest.mark.fault(20)
def test_many_clicks_at_once_make_one_run(ws, config):
    together = threading.Barrier(6)
    launched, troubles = [], []

    def click():
        together.wait()
        try:
            launched.append(runs.launch(ws, config, "Clicked", key="one form"))
        except Exception as trouble:  # noqa: BLE001 - told below
            troubles.append(trouble)

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert not troubles
    assert len(set(launched)) == 1
    assert [job.id for job in runs.runs(ws)] == [launched[0], EARLIER]
    assert {folder.name for folder in ws.settings.runs.iterdir()} == {launched[0], EARLIER}
