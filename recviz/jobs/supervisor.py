"""The supervisor: starts queued jobs in processes of their own, follows them, and settles what ended.

It keeps nothing that the store and the operating system do not know, so it may die at any instant; whoever comes
next goes on. One lock file in the workspace lets only one supervisor act, whatever number of apps are open.
"""

import fcntl
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path

from recviz.errors import BusyError, InvalidSettingError
from recviz.jobs.announce import TIMEOUT_SECONDS, announce
from recviz.jobs.deaths import why_dead
from recviz.jobs.job import Job, ProcessMark
from recviz.jobs.journal import LOG
from recviz.jobs.machine import (
    device_words,
    end_session,
    is_alive,
    mark_of,
    same_boot,
    slots,
    this_machine,
    worker_environment,
)
from recviz.jobs.store import JobStore, utc_now
from recviz.jobs.verdict import Verdict
from recviz.language import mark
from recviz.settings import Settings, settings_from_environment

TICK_SECONDS = 0.5
ASK_SECONDS = 3.0
"""A cancelled worker may take so long to stop by itself, then it is asked by a signal."""
KILL_SECONDS = 6.0
"""After so long it is killed, with all that it started."""
LEAVE_SECONDS = 4 * TIMEOUT_SECONDS
"""A worker whose run has ended may take so long to leave, as to tell a webhook that is slow at each turn; then it is
killed."""
SILENT_HEARTBEATS = 5
"""A worker whose process cannot be seen from here is taken for dead after so many heartbeats without one."""
LOCK = "supervisor.lock"
_log = logging.getLogger(__name__)


class Supervisor(threading.Thread):
    """A thread that works the queue of one workspace off."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name=_thread_name(settings), daemon=True)
        self.settings = settings
        self.store = JobStore(settings.database)
        self._children: dict[tuple[str, int], subprocess.Popen[bytes]] = {}  # by run and attempt
        self._cancel_seen: dict[str, float] = {}
        self._workers: dict[tuple[str, int], ProcessMark] = {}
        self._leaving_since: dict[tuple[str, int], float] = {}
        self._slots: list[str] = []
        self._stopping = threading.Event()

    def run(self) -> None:
        """Wait for the workspace's lock, then act until told to stop."""
        while not self._stopping.is_set():
            with _only_one(self.settings.workspace / LOCK) as is_mine:
                while is_mine and not self._stopping.is_set():
                    self._tick_or_say_why_not()
                    self._stopping.wait(TICK_SECONDS)
            self._stopping.wait(TICK_SECONDS)

    def stop(self) -> None:
        """Stop supervising and wait for the thread; workers go on."""
        self._stopping.set()
        self.join()
        for child in self._children.values():
            _let_go(child)

    def tick(self) -> None:
        """Settle what ended, then start what may start. Only the holder of the lock may call this."""
        active = self.store.active()
        self._see_off(active)
        for job in active:
            with suppress(BusyError):  # the worker moved it in the meantime: look again next time
                self._settle(job)
        for start, child in list(self._children.items()):
            if child.poll() is not None:
                del self._children[start]
        self._slots = self._slots or slots(self.settings)
        while (claimed := self.store.claim_next(self._slots)) is not None:
            self._start(claimed)
        if self.store.unannounced():
            threading.Thread(target=self._announce, daemon=True).start()  # another machine may be slow to answer

    def _tick_or_say_why_not(self) -> None:
        try:
            self.tick()
        except (sqlite3.OperationalError, OSError):  # a full disk, a store locked for long: both may pass
            _log.exception("The queue could not be looked at; trying again")

    def _start(self, job: Job) -> None:
        try:
            self._spawn(job)
        except OSError as error:
            mend = mark("Mend that on this machine, then resume it")
            self._fail(job, Verdict(mark(f"its worker could not be started: {error}"), mend))

    def _spawn(self, job: Job) -> None:
        with (self.settings.runs / job.id / LOG).open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 - our own module
                worker_command(job),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=_environment(self.settings) | worker_environment(self.settings, job.slot),
            )
        self._children[job.id, job.attempt] = child
        process = mark_of(child.pid)
        if process is not None:
            self.store.change(job.id, attempt=job.attempt, machine=process.machine, pid=process.pid,
                              process_created=process.created, started=job.started or utc_now())  # fmt: skip
        with suppress(InvalidSettingError):  # a GPU that is not there: the worker says so
            self.store.change(job.id, attempt=job.attempt, device=device_words(self.settings, job.slot))

    def _settle(self, job: Job) -> None:
        child = self._children.get((job.id, job.attempt))
        exit_code = None if child is None else child.poll()
        if exit_code is None and self._lives(job, child):
            if job.state == "cancelling":
                self._press(job)
            return
        self._cancel_seen.pop(job.id, None)
        if job.process is not None:
            end_session(job.process, signal.SIGKILL)  # whatever it started and left behind
        if job.state == "starting" and job.process is None and child is None:
            told = mark("queued again: its worker was never started")
            self.store.move(job.id, "queued", told, attempt=job.attempt)
        elif job.state == "cancelling":
            self.store.move(job.id, "cancelled", "cancelled", phase="cancelled", ended=utc_now(), attempt=job.attempt)
        else:
            self._fail(job, why_dead(job, exit_code, self.settings.runs / job.id))

    def _see_off(self, active: Sequence[Job]) -> None:
        """End workers that live on though their run has ended: they would hold the device, and nobody would ask."""
        at_work = {(job.id, job.attempt): job.process for job in active}
        self._workers |= {start: process for start, process in at_work.items() if process is not None}
        for start in self._workers.keys() - at_work.keys():
            waited = time.monotonic() - self._leaving_since.setdefault(start, time.monotonic())
            if not is_alive(self._workers[start]):
                del self._workers[start], self._leaving_since[start]
            elif waited > LEAVE_SECONDS:
                end_session(self._workers[start], signal.SIGKILL)

    def _announce(self) -> None:
        try:
            for job in self.store.unannounced():
                announce(self.settings, self.store, job.id)
        except (sqlite3.OperationalError, OSError):
            _log.exception("The end of a run could not be announced; trying again")

    def _fail(self, job: Job, why: Verdict) -> None:
        self.store.move(
            job.id,
            "failed",
            mark(f"failed: {why.reason}"),
            attempt=job.attempt,
            reason=why.reason,
            mend=why.mend,
            to_try=why.words_to_try,
            phase="failed",
            eta_seconds=None,
            ended=utc_now(),
        )

    def _lives(self, job: Job, child: subprocess.Popen[bytes] | None) -> bool:
        if child is not None:
            return True
        if job.process is None:
            return False
        if job.machine == this_machine() or not same_boot(job.machine):
            return is_alive(job.process)
        since_beat = time.monotonic() - (job.heartbeat or 0.0)  # it runs in another container of this machine
        return since_beat < SILENT_HEARTBEATS * self.settings.heartbeat_seconds

    def _press(self, job: Job) -> None:
        seen = self._cancel_seen.setdefault(job.id, time.monotonic())
        waited = time.monotonic() - seen
        if job.process is not None and waited > ASK_SECONDS:
            end_session(job.process, signal.SIGKILL if waited > KILL_SECONDS else signal.SIGTERM)


def worker_command(job: Job) -> list[str]:
    """Return the program that does a job."""
    return [sys.executable, "-m", "recviz.jobs.worker", job.id, "--attempt", str(job.attempt)]


def ensure(settings: Settings) -> None:
    """Start a supervisor of this workspace in this process, unless a thread of that name runs already.

    The thread's name is the anchor, not a variable: Streamlit throws modules away when a file is edited, and any
    browser may clear its caches, while threads stay.
    """
    if not threads_of(settings):
        Supervisor(settings).start()


def threads_of(settings: Settings) -> list[threading.Thread]:
    """Return this process's living supervisors of this workspace."""
    return [thread for thread in threading.enumerate() if thread.name == _thread_name(settings)]


def detach(settings: Settings) -> None:
    """Start a process that works the queue off, outlives this one, and ends when nothing is left to do."""
    with (settings.workspace / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "recviz.jobs.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=_environment(settings),
        )
    _let_go(process)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    process.returncode = process.returncode or 0  # it is meant to outlive this handle: no warning when that goes


def work_off(settings: Settings) -> None:
    """Supervise in this process until no job is queued or active."""
    ensure(settings)
    store = JobStore(settings.database)
    while any(not job.has_ended for job in store.all()):
        time.sleep(TICK_SECONDS)


def _thread_name(settings: Settings) -> str:
    return f"recviz-supervisor {settings.workspace.resolve()}"


def _environment(settings: Settings) -> dict[str, str]:
    """Return a child's environment, with the workspace's settings."""
    given = {f"RECVIZ_{spec.name.upper()}": str(getattr(settings, spec.name)) for spec in fields(settings)}
    given["RECVIZ_WORKSPACE"] = str(settings.workspace.resolve())
    return {"PYTHONUNBUFFERED": "1", **os.environ, **given}


@contextmanager
def _only_one(path: Path) -> Iterator[bool]:
    """Hold a lock that the system frees when the process dies; yield whether it is ours."""
    with path.open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


if __name__ == "__main__":
    work_off(settings_from_environment())
