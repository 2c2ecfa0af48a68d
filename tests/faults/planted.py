"""The real worker with one fault planted in it, as a file in the run's folder says. Also a program.

The product holds nothing for this: a function of it is wrapped in this process before the worker begins.
"""

import functools
import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from recviz.jobs.job import Job
from recviz.settings import settings_from_environment

PLAN, REACHED = "fault.json", "fault.reached"
JOURNAL = "recviz.jobs.journal:MetricsFile.write"
PAUSE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens, where, and from when on."""

    what: Literal["kill", "pause", "out of memory", "lost GPU", "no number", "clock back"]
    where: str
    """The function whose next call has the fault: ``module:name`` or ``module:Class.name``."""
    phase: str = ""
    """A step of this phase must have been told first; "" waits for none."""
    step: int = 0
    """At least so many steps of it."""
    after_ms: int = 0
    """How long into the call a kill comes."""

    def plant(self, folder: Path) -> None:
        """Let the next worker of a run have this fault, once."""
        (folder / REACHED).unlink(missing_ok=True)
        (folder / PLAN).write_text(json.dumps(asdict(self)), encoding="utf-8")


def command(job: Job) -> list[str]:
    """What a supervisor starts in place of the real worker; without a planted fault it is the real one."""
    return [sys.executable, __file__, job.id, "--attempt", str(job.attempt)]


class _Trap:
    """Waits for the fault's moment, and then does it."""

    def __init__(self, fault: Fault, folder: Path) -> None:
        self.fault, self.folder = fault, folder
        self.armed = not fault.phase
        self.sprung = False
        self._killer: threading.Timer | None = None

    def told(self, _: object, step: Any) -> None:
        """Hear of a step that training has reported."""
        self.armed = self.armed or (step.phase == self.fault.phase and step.step >= self.fault.step)

    def called(self, *_: object) -> None:
        """Do the fault, if it is time; only once."""
        if not self.armed or self.sprung:
            return
        self.sprung = True
        (self.folder / PLAN).unlink()
        (self.folder / REACHED).touch()
        match self.fault.what:
            case "kill":
                self._killer = threading.Timer(self.fault.after_ms / 1000, os.kill, (os.getpid(), signal.SIGKILL))
                self._killer.start()
            case "pause":
                self._pause()
            case "out of memory":
                torch = importlib.import_module("torch")
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 1.00 GiB free")
            case "lost GPU":
                raise RuntimeError("CUDA error: unspecified launch failure")
            case "no number":
                stage = importlib.import_module("recviz.training.stage")
                stage.step_losses = _without_numbers(stage.step_losses)
            case "clock back":
                importlib.import_module("recviz.jobs.store").datetime = _Yesterday

    def returned(self) -> None:
        """Let no call return that is to be killed."""
        if self._killer is not None:
            self._killer.join()

    def _pause(self) -> None:
        deadline = time.monotonic() + PAUSE_SECONDS
        while (self.folder / REACHED).exists() and time.monotonic() < deadline:
            time.sleep(0.05)


class _Yesterday(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) - timedelta(days=1)


def _without_numbers(losses: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Let losses be what values beyond all bounds make of them."""
    return lambda *given: {name: loss * float("nan") for name, loss in losses(*given).items()}


def find(where: str) -> tuple[Any, str, Callable[..., Any]]:
    """Return what holds the function ``module:name`` or ``module:Class.name``, its name there, and itself."""
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    return owner, name, getattr(owner, name)


def _wrap(where: str, before: Callable[..., None], after: Callable[[], None]) -> None:
    owner, name, original = find(where)

    @functools.wraps(original)
    def wrapped(*given, **named):
        before(*given)
        answer = original(*given, **named)
        after()
        return answer

    setattr(owner, name, wrapped)


def _main() -> None:
    folder = settings_from_environment().runs / sys.argv[1]
    plan = folder / PLAN
    if plan.exists():
        trap = _Trap(Fault(**json.loads(plan.read_text(encoding="utf-8"))), folder)
        _wrap(JOURNAL, trap.told, lambda: None)
        _wrap(trap.fault.where, trap.called, trap.returned)
    importlib.import_module("recviz.jobs.worker").main()


if __name__ == "__main__":
    _main()
