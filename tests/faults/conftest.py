"""Faults that really happen to real processes. Numbers are those of the list of faults that the project keeps."""

import os
import signal
import time

import pytest

from recviz.jobs import supervisor as supervisor_module
from recviz.jobs.machine import is_alive
from recviz.jobs.store import JobStore
from recviz.jobs.supervisor import Supervisor
from recviz.settings import Settings
from tests.jobs import scripted


@pytest.fixture
def settings(tmp_path):
    made = Settings(workspace=tmp_path / "workspace", heartbeat_seconds=0.5, device="cpu")
    made.runs.mkdir(parents=True)
    return made


@pytest.fixture
def store(settings):
    """The job store; afterwards it is whole, and no process of a run is left."""
    made = JobStore(settings.database)
    yield made
    marks = [job.process for job in made.all() if job.process is not None]
    deadline = time.monotonic() + 5
    while (left := [mark for mark in marks if is_alive(mark)]) and time.monotonic() < deadline:
        time.sleep(0.05)  # one that has told its end is still leaving
    for mark in left:
        os.kill(mark.pid, signal.SIGKILL)
    with made._transaction() as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert not left, f"processes left behind: {left}"


@pytest.fixture
def supervise(settings, monkeypatch):
    """Start a supervisor whose workers follow scripts; stops it at the end, as often as it was started."""
    monkeypatch.setattr(supervisor_module, "worker_command", scripted.command)
    started = []

    def start() -> Supervisor:
        supervisor = Supervisor(settings)
        supervisor.start()
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


@pytest.fixture
def until(store):
    """Wait until a run is in one of these states, at most so long."""

    def wait(run_id: str, *states: str, seconds: float = 15.0):
        deadline = time.monotonic() + seconds
        while (job := store.get(run_id)).state not in states:
            assert time.monotonic() < deadline, f"still {job.state} ({job.phase}) after {seconds} s, wanted {states}"
            time.sleep(0.05)
        return job

    return wait
