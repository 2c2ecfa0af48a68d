"""A full disk: while a checkpoint, the log and metrics, or the store is written."""

import time

import pytest

from recviz.jobs import supervisor as supervisor_module
from recviz.model.checkpoint import fault_of, newest_complete
from recviz.services import runs
from tests.faults.aftermath import page_of
from tests.faults.disks import small_disk
from tests.faults.planted import REACHED, Fault
from tests.faults.points import CHOOSING
from tests.faults.workspaces import copied

RUN_SECONDS = 180
ROOM_FOR_THE_STORE = 128 * 1024
"""Bytes: the store and the log can still be written, a checkpoint of some 300 kB cannot."""
WHERE = {
    "checkpoint": "recviz.model.checkpoint:save_file",
    "log and metrics": "recviz.jobs.journal:MetricsFile.write",
    "store": "recviz.jobs.store:JobStore.note",
}
pytestmark = [pytest.mark.fault(24), pytest.mark.slow_fault]


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def settings(disk, template):
    return copied(template, disk.folder / "workspace")


@pytest.fixture
def stopped_at(ws, config, supervise_real):
    """Start a run and return its id once it has come to a call, where it waits."""

    def started(where):
        run_id = runs.launch(ws, config, "On a full disk")
        reached = ws.run_folder(run_id) / REACHED
        Fault(what="pause", where=where, phase=CHOOSING, step=7).plant(ws.run_folder(run_id))
        supervise_real()
        deadline = time.monotonic() + RUN_SECONDS
        while not reached.exists():
            assert time.monotonic() < deadline, "the run never came to the point"
            time.sleep(0.05)
        return run_id

    return started


def go_on(ws, run_id):
    (ws.run_folder(run_id) / REACHED).unlink()


def completes_once_there_is_room(ws, run_id, until):
    runs.resume(ws, run_id)
    until(run_id, "completed", seconds=RUN_SECONDS)
    assert any(happening.text.startswith("Resumed from step-") for happening in runs.history(ws, run_id))


def test_while_a_checkpoint_is_written(ws, disk, stopped_at, until):
    run_id = stopped_at(WHERE["checkpoint"])
    disk.fill(runs.run(ws, run_id), ROOM_FOR_THE_STORE)

    go_on(ws, run_id)
    failed = until(run_id, "failed", seconds=RUN_SECONDS)

    assert failed.reason == "The disk is full"
    assert failed.mend.startswith("Free some space")
    found, _ = newest_complete(ws.run_folder(run_id) / "checkpoints")
    assert found.name == "step-6"
    assert "The disk is full" in page_of(ws.settings, run_id)
    disk.free()
    completes_once_there_is_room(ws, run_id, until)


@pytest.mark.parametrize("what", ["log and metrics", "store"])
def test_while_nothing_at_all_can_be_written(ws, disk, stopped_at, until, what):
    run_id = stopped_at(WHERE[what])
    disk.fill(runs.run(ws, run_id))

    go_on(ws, run_id)
    worker = runs.run(ws, run_id).process
    deadline = time.monotonic() + RUN_SECONDS
    while runs.run(ws, run_id).process == worker and supervisor_module.is_alive(worker):
        assert time.monotonic() < deadline, "the worker goes on without writing anything"
        time.sleep(0.05)
    said = page_of(ws.settings, run_id)  # the app still opens while the disk is full
    disk.free()
    failed = until(run_id, "failed", seconds=RUN_SECONDS)

    assert "On a full disk" in said
    assert failed.reason.lower() == "the disk is full"
    assert fault_of(newest_complete(ws.run_folder(run_id) / "checkpoints")[0]) is None
    completes_once_there_is_room(ws, run_id, until)
