"""The worker: one run in a process of its own. ``python -m recviz.jobs.worker RUN``."""

import argparse
import logging
import os
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

from recviz.errors import BusyError, RecvizError
from recviz.jobs.announce import announce
from recviz.jobs.database import StoreError
from recviz.jobs.job import Job
from recviz.jobs.journal import MetricsFile
from recviz.jobs.machine import mark_of
from recviz.jobs.pace import EVALUATING, Pace
from recviz.jobs.pulse import Pulse, StopAskedError
from recviz.jobs.store import JobStore, utc_now
from recviz.jobs.the_run import TheRun
from recviz.jobs.usage import Usage
from recviz.jobs.verdict import DISK_FULL_EXIT, GO_ON, Verdict, is_full_disk, verdict
from recviz.language import mark
from recviz.model.config import RunConfig
from recviz.settings import Settings, settings_from_environment

NICENESS = 5
"""The app that people look at comes first on a machine with few cores."""
_log = logging.getLogger(__name__)


class EndedBySignal(BaseException):
    """Somebody asked the process to end: the supervisor after a cancel, or the machine shutting down."""


class Step(Protocol):
    """What training reports: see `recviz.training.progress.Progress`."""

    @property
    def phase(self) -> str: ...
    @property
    def step(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def pass_(self) -> int: ...
    @property
    def losses(self) -> dict[str, float]: ...
    @property
    def validation(self) -> float | None: ...
    @property
    def note(self) -> str: ...


class Work(Protocol):
    """What a run consists of; `recviz.jobs.the_run.TheRun` is the real one."""

    def phases(self) -> dict[str, float]: ...
    def train(self, ends_early: Callable[[], bool]) -> Generator[Step]: ...
    def evaluate(self, report: Callable[[str, int, int], None]) -> str: ...


def do(settings: Settings, run_id: str, attempt: int | None = None, work: Work | None = None) -> int:
    """Do a run that a supervisor has claimed, and write down how it ended.

    Returns:
        The process's exit code: 0 where the store knows how the run ended.
    """
    store = JobStore(settings.database)
    job = _begin(store, run_id, attempt)
    if job is None:
        return 0
    folder = settings.runs / run_id
    try:
        with _settled(settings, store, job):
            work = work or TheRun(settings, RunConfig.read(folder), folder)
            beat = settings.heartbeat_seconds
            with Pulse(store, job, Pace(work.phases()), beat, Usage(folder, beat, job.took_seconds)) as pulse:
                _perform(work, store, job, folder, pulse)
    except StoreError as error:
        _log.warning("Ended, and could not say so in the store: %s", error)
        return DISK_FULL_EXIT if is_full_disk(error) else 1
    except (StopAskedError, EndedBySignal, RecvizError) as told:
        _log.warning("Ended: %s", told)
    announce(settings, store, run_id)
    return 0


def _begin(store: JobStore, run_id: str, attempt: int | None) -> Job | None:
    """Take the claimed job as this process's own; ``None`` if it is not to be done, or by another worker."""
    process = mark_of(os.getpid())
    if process is None:
        raise RuntimeError("this process cannot find itself")
    try:
        return store.move(
            run_id,
            "running",
            mark(f"a worker started (process {process.pid})"),
            attempt=attempt,
            phase="loading",
            machine=process.machine,
            pid=process.pid,
            process_created=process.created,
            started=store.get(run_id).started or utc_now(),
        )
    except BusyError as busy:
        _log.warning("Not started: %s", busy)
        return None


def _perform(work: Work, store: JobStore, job: Job, folder: Path, pulse: Pulse) -> None:
    before = ""
    with MetricsFile(folder) as metrics, closing(work.train(pulse.finish_asked)) as steps:
        for step in steps:
            if step.losses or step.validation is not None:
                metrics.write(step)
            for words in _worth_telling(step, before):
                _log.info(words)
                store.note(job.id, words)
            before = step.phase
            pulse.told(step.phase, step.step, step.steps)
    store.move(job.id, "evaluating", "evaluating", attempt=job.attempt)
    versus = work.evaluate(lambda part, at, of: pulse.told(EVALUATING, at, of, part))
    store.move(
        job.id,
        "completed",
        "completed",
        attempt=job.attempt,
        phase="completed",
        progress=1.0,
        eta_seconds=None,
        took_seconds=pulse.took_seconds,
        versus_baseline=versus,
        ended=utc_now(),
    )


def _worth_telling(step: Step, before: str) -> Iterator[str]:
    """Say what the history keeps of a step: notes, validations, and a phase without losses once, where it begins."""
    if step.note:
        yield step.note
    if step.validation is not None:
        yield mark(f"{step.phase}, pass {step.pass_}: validation loss {step.validation:.4f}")
    elif not step.losses and step.phase != before:
        yield step.phase


@contextmanager
def _settled(settings: Settings, store: JobStore, job: Job) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        _settle(store, job, error, settings.runs / job.id)
        if store.get(job.id).state != "cancelled":  # then the device is wanted back at once: the supervisor tells
            announce(settings, store, job.id)
        raise


def _settle(store: JobStore, job: Job, error: BaseException, folder: Path) -> None:
    now = store.get(job.id)
    if now.attempt != job.attempt or not now.is_active:
        return  # another worker has taken over, or the supervisor has settled it
    if now.state == "cancelling":
        store.move(job.id, "cancelled", "cancelled", phase="cancelled", eta_seconds=None, ended=utc_now())
        return
    if isinstance(error, EndedBySignal):
        why = Verdict(mark("The worker was asked to end (signal 15)"), mark(f"Resume it: {GO_ON}"))
    else:
        why = verdict(error, RunConfig.read(folder))
    store.move(
        job.id,
        "failed",
        mark(f"failed: {why.reason}"),
        reason=why.reason,
        mend=why.mend,
        to_try=why.words_to_try,
        phase="failed",
        eta_seconds=None,
        ended=utc_now(),
    )


def _on_term(*_: object) -> NoReturn:
    raise EndedBySignal


def main() -> NoReturn:
    """Run as a program; what it prints goes to the run's log."""
    parser = argparse.ArgumentParser(description="Do one run. Started by the supervisor.")
    parser.add_argument("run", help="the run's id")
    parser.add_argument("--attempt", type=int, help="the start that this worker belongs to")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    signal.signal(signal.SIGTERM, _on_term)
    os.nice(NICENESS)
    code = do(settings_from_environment(), arguments.run, arguments.attempt)
    logging.shutdown()
    os._exit(code)  # at once: on a busy machine the libraries take seconds to leave, and the device is wanted back


if __name__ == "__main__":
    main()
