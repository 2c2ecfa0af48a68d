"""The worker's second thread: says that the worker lives, how far it is, and hears when to stop."""

import logging
import sqlite3
import threading
import time
from typing import Self

from recviz.jobs.job import Job
from recviz.jobs.pace import Pace
from recviz.jobs.store import JobStore
from recviz.jobs.usage import Usage

LISTEN_SECONDS = 0.25
_log = logging.getLogger(__name__)


class StopAskedError(BaseException):
    """The run was cancelled, or taken over by a later worker: not an error, so nothing may swallow it."""


class Pulse(threading.Thread):
    """Beats into the store and listens there; the work itself calls `told` as often as it likes."""

    def __init__(self, store: JobStore, job: Job, pace: Pace, every_seconds: float, usage: Usage) -> None:
        super().__init__(name="recviz-pulse", daemon=True)
        self._usage = usage
        self._store = store
        self._job = job
        self._pace = pace
        self._every = every_seconds
        self._began = time.monotonic()
        self._phase = job.phase
        self._stop_asked = threading.Event()
        self._finish_asked = threading.Event()
        if job.finish_early:
            self._finish_asked.set()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    @property
    def took_seconds(self) -> float:
        """Seconds of work on this job, those of earlier workers included."""
        return self._job.took_seconds + time.monotonic() - self._began

    def finish_asked(self) -> bool:
        """Whether training is to end at the next step and keep the best so far."""
        return self._finish_asked.is_set()

    def told(self, phase: str, step: int, steps: int, part: str = "") -> None:
        """Take note of what is being done and how far it is.

        Args:
            phase: A phase that the pace knows.
            step: Steps of it that are done.
            steps: Steps that it takes.
            part: What exactly, in words, where the phase has parts.

        Raises:
            StopAskedError: If the run is to stop here.
        """
        if self._stop_asked.is_set():
            raise StopAskedError
        self._phase = f"{phase}: {part}" if part else phase
        self._pace.told(phase, step, steps)

    def run(self) -> None:
        """Beat and listen until the work is over."""
        next_beat = 0.0
        while not self._over.wait(LISTEN_SECONDS):
            try:
                if time.monotonic() >= next_beat:
                    next_beat = time.monotonic() + self._every
                    self._beat()
                else:
                    self._hear(self._store.get(self._job.id))
                self._usage.sample()
            except (sqlite3.OperationalError, OSError):  # a full disk, a store locked for long: the work may go on
                _log.exception("The store or the run's folder could not be written")

    def _beat(self) -> None:
        job = self._store.change(
            self._job.id,
            attempt=self._job.attempt,
            phase=self._phase,
            progress=self._pace.progress,
            eta_seconds=self._pace.eta_seconds,
            took_seconds=self.took_seconds,
            heartbeat=time.monotonic(),
        )
        if job is None:
            self._stop_asked.set()
        else:
            self._hear(job)

    def _hear(self, job: Job) -> None:
        if job.state == "cancelling":
            self._stop_asked.set()
        if job.finish_early:
            self._finish_asked.set()
