import importlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from recviz.jobs import journal, supervisor
from recviz.jobs.machine import created, end_session, is_alive, this_machine
from recviz.jobs.store import JobStore
from tests.jobs.scripted import queue

LONG = {"steps": 1000, "step_seconds": 0.02}


def kill(job):
    os.kill(job.pid, signal.SIGKILL)


def app(settings, **options):
    """Start a process that supervises like the app does."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("app_without_pages.py"))],
        env=supervisor._environment(settings) | {"PYTHONPATH": str(Path.cwd())},
        **options,
    )


def steps_of(settings, run_id):
    return journal.read(settings.runs / run_id)["step"].tolist()


def wait_for_steps(settings, run_id, count):
    deadline = time.monotonic() + 60
    while len(steps_of(settings, run_id)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.fault(17)
def test_a_killed_worker_is_told_within_two_heartbeats_and_can_be_resumed(settings, store, supervise, until):
    queue(settings, "run-1", steps=40, step_seconds=0.05)
    supervise()
    job = until("run-1", "running")
    wait_for_steps(settings, "run-1", 12)

    kill(job)
    failed = until("run-1", "failed", seconds=2 * settings.heartbeat_seconds + 1)

    assert failed.reason == "the worker died (signal 9)"
    assert "resume it" in failed.mend
    assert int((settings.runs / "run-1" / "checkpoint").read_text()) >= 5
    store.move("run-1", "queued", "queued again", reason="", mend="")
    until("run-1", "completed")
    assert steps_of(settings, "run-1") == [step for n in range(1, 41) for step in [n] + [n] * (n % 5 == 0)]


@pytest.mark.fault(18)
def test_a_restarted_supervisor_goes_on_with_the_living_worker(settings, store, supervise, until):
    queue(settings, "run-1", steps=150, step_seconds=0.03)
    first = supervise()
    pid = until("run-1", "running").pid
    first.stop()

    supervise()
    time.sleep(1.5)

    assert store.get("run-1").pid == pid
    assert until("run-1", "completed").attempt == 1


@pytest.mark.fault(18)
def test_a_killed_app_leaves_its_worker_which_the_next_app_settles(settings, store, supervise, until):
    queue(settings, "run-1", **LONG)
    running = app(settings)
    job = until("run-1", "running")
    running.kill()
    running.wait()

    assert is_alive(job.process)
    supervise()
    time.sleep(1)
    assert store.get("run-1").state == "running"
    kill(job)
    assert until("run-1", "failed", seconds=3).reason == "the worker died"


@pytest.mark.fault(16)
@pytest.mark.fault(18)
def test_a_machine_that_sleeps_finds_its_run_still_learning(settings, store, supervise, until):
    queue(settings, "run-1", steps=60, step_seconds=0.02)
    supervise()
    job = until("run-1", "running")

    os.kill(job.pid, signal.SIGSTOP)  # nothing of it moves, as on a laptop whose lid is closed
    time.sleep(6 * settings.heartbeat_seconds)
    asleep = store.get("run-1")
    os.kill(job.pid, signal.SIGCONT)

    assert (asleep.state, asleep.process) == ("running", job.process)
    assert until("run-1", "completed").attempt == 1
    assert steps_of(settings, "run-1")[-1] == 60


@pytest.mark.fault(18)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_app_and_all_of_its_group_does_not_reach_the_worker(settings, until, number):
    queue(settings, "run-1", **LONG)
    running = app(settings, start_new_session=True)
    job = until("run-1", "running")

    os.killpg(running.pid, number)  # what Ctrl-C in its terminal does
    running.wait()
    time.sleep(0.5)

    assert is_alive(job.process)
    assert os.getsid(job.pid) == os.getpgid(job.pid) == job.pid
    assert len(steps_of(settings, "run-1")) > 0
    end_session(job.process, signal.SIGKILL)


@pytest.mark.fault(18)
def test_an_app_that_dies_between_claim_and_start_loses_no_run(settings, store, supervise, until):
    queue(settings, "run-1")
    store.claim_next()  # and then nothing: the app died here

    supervise()

    assert until("run-1", "completed").attempt == 2


@pytest.mark.fault(19)
@pytest.mark.parametrize(("state", "end"), [("running", "failed"), ("cancelling", "cancelled")])
def test_a_foreign_process_with_the_same_number_is_neither_shown_nor_killed(
    settings, store, supervise, until, state, end
):
    foreign = subprocess.Popen(["sleep", "60"], start_new_session=True)
    queue(settings, "run-1")
    claimed = store.claim_next()
    store.change("run-1", attempt=claimed.attempt, machine=this_machine(), pid=foreign.pid,
                 process_created=created(foreign.pid) - 100)  # fmt: skip
    store.move("run-1", "running", "running")
    if state == "cancelling":
        store.move("run-1", "cancelling", "cancel was asked for")

    supervise()
    until("run-1", end)
    time.sleep(0.5)
    spared = foreign.poll() is None
    foreign.kill()
    foreign.wait()

    assert spared


@pytest.mark.fault(18)
def test_a_run_of_before_the_last_boot_is_failed_and_says_so(settings, store, supervise, until):
    queue(settings, "run-1")
    claimed = store.claim_next()
    store.move("run-1", "running", "running", attempt=claimed.attempt, machine="another-boot pid:[1]", pid=os.getpid(),
               process_created=created(os.getpid()))  # fmt: skip

    supervise()

    assert until("run-1", "failed").reason == "the machine was restarted while it ran"
    store.change("run-1", pid=None)


@pytest.mark.fault(20)
def test_two_supervisors_never_start_a_run_twice(settings, store, supervise, until):
    for number in range(4):
        queue(settings, f"run-{number}", steps=5)

    supervise()
    supervise()

    for number in range(4):
        until(f"run-{number}", "completed")
        starts = [line for line in store.history(f"run-{number}") if line.text.startswith("a worker started")]
        assert len(starts) == 1


@pytest.mark.fault(20)
@pytest.mark.fault(18)
@pytest.mark.slow_fault
def test_two_apps_share_a_queue_and_when_one_is_killed_the_other_goes_on(settings, store, until):
    for number in range(4):
        queue(settings, f"run-{number}", steps=20, step_seconds=0.05)
    first, second = (app(settings) for _ in range(2))
    try:
        until("run-1", "running")
        first.kill()
        first.wait()
        for number in range(4):
            until(f"run-{number}", "completed")
    finally:
        for one in (first, second):
            one.kill()
            one.wait()

    jobs = [store.get(f"run-{number}") for number in range(4)]
    assert [job.ended <= later.started for job, later in pairwise(jobs)] == [True] * 3, "two were at work at once"
    for number in range(4):
        assert jobs[number].attempt == 1
        starts = [line for line in store.history(f"run-{number}") if line.text.startswith("a worker started")]
        assert len(starts) == 1


@pytest.mark.fault(20)
def test_when_one_supervisor_ends_the_other_takes_over(settings, supervise, until):
    first = supervise()
    time.sleep(0.2)
    supervise()
    first.stop()

    queue(settings, "run-1")

    until("run-1", "completed")


@pytest.mark.fault(27)
def test_asking_for_a_supervisor_again_does_not_start_a_second(settings, monkeypatch):
    def named():
        return [thread for thread in threading.enumerate() if str(settings.workspace) in thread.name]

    supervisor.ensure(settings)
    for name in [name for name in sys.modules if name.startswith("recviz.jobs")]:
        monkeypatch.delitem(sys.modules, name)  # what Streamlit does when a source file is saved
    loaded_anew = importlib.import_module("recviz.jobs.supervisor")

    loaded_anew.ensure(settings)
    loaded_anew.ensure(settings)

    assert loaded_anew is not supervisor
    assert len(named()) == 1
    named()[0].stop()


@pytest.mark.fault(21)
@pytest.mark.parametrize(
    ("phase", "script"),
    [
        ("training", LONG),
        pytest.param(
            "training, deaf to signals in a long step",
            {"steps": 2, "step_seconds": 300, "deaf": True},
            marks=pytest.mark.slow_fault,
        ),
        pytest.param("a long step", {"steps": 2, "step_seconds": 300}, marks=pytest.mark.slow_fault),
        ("evaluating", {"steps": 2, "evaluate_seconds": 300}),
    ],
)
def test_cancel_ends_within_ten_seconds(settings, store, supervise, until, phase, script):
    queue(settings, "run-1", **script)
    supervise()
    until("run-1", "evaluating" if phase == "evaluating" else "running")
    time.sleep(0.7)

    deadline = time.monotonic() + 10
    store.move("run-1", "cancelling", "cancel was asked for")
    job = until("run-1", "cancelled", seconds=10)

    while psutil.pid_exists(job.pid) and created(job.pid) is not None:
        assert time.monotonic() < deadline, "the worker outlived its cancelled run"
        time.sleep(0.05)


@pytest.mark.fault(20)
@pytest.mark.fault(21)
def test_when_a_run_is_cancelled_the_next_starts_by_itself(settings, store, supervise, until):
    queue(settings, "run-1", **LONG)
    queue(settings, "run-2")
    supervise()
    until("run-1", "running")
    assert store.get("run-2").state == "queued"

    store.move("run-1", "cancelling", "cancel was asked for")

    until("run-1", "cancelled", seconds=10)
    until("run-2", "completed")
    assert store.get("run-2").started >= store.get("run-1").ended


@pytest.mark.fault(21)
@pytest.mark.slow_fault
@pytest.mark.parametrize("readopted", [False, True])
def test_a_worker_that_does_not_leave_after_its_end_is_killed_and_frees_the_device(
    settings, store, supervise, until, readopted
):
    queue(settings, "run-1", **LONG, lingers_seconds=300)
    first = supervise()
    job = until("run-1", "running")
    if readopted:
        first.stop()
        supervise()
        time.sleep(1.5)

    asked = time.monotonic()
    store.move("run-1", "cancelling", "cancel was asked for")
    until("run-1", "cancelled", seconds=10)

    while is_alive(job.process):
        assert time.monotonic() < asked + 10, "it still holds the device"
        time.sleep(0.05)


@pytest.mark.fault(21)
def test_a_run_that_is_cancelled_while_it_starts_ends_too(settings, store, supervise, until):
    queue(settings, "run-1", **LONG)
    supervise()
    until("run-1", "starting", "running")
    store.move("run-1", "cancelling", "cancel was asked for")

    until("run-1", "cancelled", seconds=10)


@pytest.mark.fault(24)
def test_a_store_that_cannot_be_written_does_not_end_the_supervisor(settings, supervise, until, monkeypatch):
    full = {"yes": True}
    original = JobStore.claim_next

    def claim(self, slots=1):
        if full["yes"]:
            raise sqlite3.OperationalError("database or disk is full")
        return original(self, slots)

    monkeypatch.setattr(JobStore, "claim_next", claim)
    queue(settings, "run-1")
    supervise()
    time.sleep(1)
    full["yes"] = False

    until("run-1", "completed")
