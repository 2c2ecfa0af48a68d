"""Faults that really happen to real processes. Numbers are those of the list of faults that the project keeps."""

import time

import pytest

from recviz.jobs import supervisor as supervisor_module
from recviz.jobs.store import JobStore
from recviz.jobs.supervisor import Supervisor
from recviz.jobs.worker import do
from recviz.model.config import RunConfig
from recviz.services import runs
from recviz.services.workspace import Workspace
from tests.faults import aftermath, planted
from tests.faults.workspaces import EARLIER, copied, make_settings, tiny_log
from tests.jobs import scripted
from tests.tiny_backbones import write_tiny_backbone


@pytest.fixture(scope="session")
def backbone(tmp_path_factory):
    return write_tiny_backbone(tmp_path_factory.mktemp("backbone") / "bert", "bert")


@pytest.fixture(scope="session")
def config(backbone):
    """A run of 4 passes with 8 steps each, a refit, and a checkpoint after every third step."""
    return RunConfig(
        dataset="log", backbone=str(backbone), tuning="top", horizon=3, width=16, heads=2, layers=1, passes=4,
        patience=4, batch_users=5, checkpoint_every=3, texts_per_step=8, max_history=16, precision="fp32",
    )  # fmt: skip


@pytest.fixture(scope="session")
def template(tmp_path_factory, config):
    """A workspace with a log and a completed run, to be copied."""
    ws = Workspace(make_settings(tmp_path_factory.mktemp("template") / "workspace"))
    tiny_log(ws.settings.datasets / "log")
    launched = runs.launch(ws, config, "Earlier")
    (ws.settings.runs / launched).rename(ws.settings.runs / EARLIER)
    with ws.jobs._transaction() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("UPDATE job SET id = ? WHERE id = ?", (EARLIER, launched))
        db.execute("UPDATE happening SET job = ? WHERE job = ?", (EARLIER, launched))
    claimed = ws.jobs.claim_next()
    assert do(ws.settings, EARLIER, claimed.attempt) == 0
    done = ws.jobs.change(EARLIER, pid=None, process_created=None)  # it ran in this process, which lives on
    assert done.state == "completed", done.reason
    return ws.settings


@pytest.fixture
def settings(tmp_path, template):
    """A workspace with a log and a completed run, for the fault to happen in."""
    return copied(template, tmp_path / "workspace")


@pytest.fixture(autouse=True)
def nothing_is_lost(settings):
    """After every fault: the page says what happened, the store is whole, earlier runs load, no process is left."""
    yield
    aftermath.nobody_is_left(settings)
    aftermath.store_is_whole(settings)
    aftermath.earlier_run_loads(settings, EARLIER)
    aftermath.page_says_what_happened(settings)


@pytest.fixture
def store(settings):
    return JobStore(settings.database)


@pytest.fixture
def ws(settings):
    return Workspace(settings)


@pytest.fixture
def supervise(settings, monkeypatch):
    """Start a supervisor whose workers follow scripts; stops it at the end, as often as it was started."""
    yield from supervising(settings, monkeypatch, scripted.command)


@pytest.fixture
def supervise_real(settings, monkeypatch):
    """Start a supervisor of real workers, in which a fault may be planted."""
    yield from supervising(settings, monkeypatch, planted.command)


def supervising(settings, monkeypatch, command):
    monkeypatch.setattr(supervisor_module, "worker_command", command)
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

    def wait(run_id: str, *states: str, seconds: float = 180.0):
        deadline = time.monotonic() + seconds
        while (job := store.get(run_id)).state not in states:
            assert time.monotonic() < deadline, f"still {job.state} ({job.phase}) after {seconds} s, wanted {states}"
            assert not job.has_ended, f"{job.state}: {job.reason}"
            time.sleep(0.05)
        return job

    return wait
