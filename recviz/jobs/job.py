"""A job: one run as the store knows it, its states, and which may follow which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["queued", "starting", "running", "evaluating", "cancelling", "completed", "cancelled", "failed"]

ACTIVE: tuple[State, ...] = ("starting", "running", "evaluating", "cancelling")
"""A worker process exists, or is about to."""
ENDED: tuple[State, ...] = ("completed", "cancelled", "failed")

FOLLOWERS: dict[State, tuple[State, ...]] = {
    "queued": ("starting", "cancelled"),
    "starting": ("queued", "running", "cancelling", "failed"),
    "running": ("evaluating", "cancelling", "failed"),
    "evaluating": ("completed", "cancelling", "failed"),
    "cancelling": ("cancelled",),
    "completed": (),
    "cancelled": ("queued",),
    "failed": ("queued",),
}


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """Names one process for good: a process id alone may be given to another program later."""

    machine: str
    """Boot of the machine, and the namespace that process ids are counted in."""
    pid: int
    created: float
    """When the process began, in the machine's own count since boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the job store. Times are UTC; durations are seconds of a clock that never jumps."""

    id: str
    name: str
    dataset: str
    preset: str
    created: datetime
    key: str | None = None
    """Two launches with one key are one run."""
    state: State = "queued"
    phase: str = "waiting for its turn"
    """What it is doing, in words."""
    progress: float = 0.0
    """Share of the whole job that is done, from 0 to 1."""
    eta_seconds: float | None = None
    """Expected seconds until the job ends, never negative; ``None`` until there is something to go by."""
    took_seconds: float = 0.0
    """Seconds that workers have spent on it so far, waiting in the queue not counted."""
    device: str = ""
    """For people: "CPU, 2 cores", or the name of the GPU."""
    versus_baseline: str = ""
    """How it did against the best baseline, in words; "" until evaluated."""
    reason: str = ""
    """Why it failed, in a plain sentence."""
    mend: str = ""
    """What to do about it."""
    to_try: str = ""
    """Settings that may help, as ``name=value`` words: "texts_per_step=96"."""
    finish_early: bool = False
    """Whether training is to end at the next step and keep the best so far."""
    slot: str = ""
    """Which place on which device it holds: "cpu", "cuda:1"."""
    announced: bool = False
    """Whether its present end has been announced; see `recviz.jobs.announce`."""
    attempt: int = 0
    """Counts starts: a worker of an earlier start may no longer write."""
    machine: str = ""
    pid: int | None = None
    process_created: float | None = None
    heartbeat: float | None = None
    """When the worker last said that it lives, in the machine's count of seconds since boot."""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def process(self) -> ProcessMark | None:
        """The worker's process, once it is known."""
        if self.pid is None or self.process_created is None:
            return None
        return ProcessMark(self.machine, self.pid, self.process_created)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a job's history."""

    when: datetime
    text: str
