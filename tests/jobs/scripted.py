"""A worker whose work is a script in the run's folder: real process, real store, no training. Also a program."""

import json
import logging
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from recviz.errors import DivergedError
from recviz.jobs.job import Job
from recviz.jobs.store import JobStore, utc_now
from recviz.jobs.worker import _on_term, do
from recviz.model.config import RunConfig
from recviz.settings import Settings, settings_from_environment

SCRIPT = "script.json"
ERRORS = {
    "NaN loss": DivergedError.of("The loss is not a number any more", "step 3", "Lower the learning rate"),
    "out of memory": MemoryError(),
    "disk full": OSError(28, "No space left on device"),
    "surprise": ZeroDivisionError("division by zero"),
}


@dataclass(frozen=True)
class ScriptedStep:
    step: int
    steps: int
    phase: str = "fitting"
    pass_: int = 1
    losses: dict[str, float] = field(default_factory=dict)
    validation: float | None = None
    note: str = ""


@dataclass
class ScriptedWork:
    """Takes steps, remembers every fifth as a checkpoint, and fails, hangs or ends as the script says."""

    folder: Path
    steps: int = 10
    step_seconds: float = 0.0
    error: str = ""
    error_at: int = 3
    evaluate_seconds: float = 0.0
    lingers_seconds: float = 0.0
    """How long the process stays when all is done."""
    deaf: bool = False
    """Ignores the signal that asks it to end, as a library in a long call would."""

    def phases(self):
        return {"fitting": 0.9, "evaluating": 0.1}

    def train(self, ends_early):
        if self.deaf:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        mark = self.folder / "checkpoint"
        start = int(mark.read_text()) if mark.exists() else 0
        for step in range(start + 1, self.steps + 1):
            if self.error and step == self.error_at:
                raise ERRORS[self.error]
            time.sleep(self.step_seconds)
            yield ScriptedStep(step, self.steps, losses={"volume": 1 / step})
            if step % 5 == 0:
                yield ScriptedStep(step, self.steps, losses={"validation volume": 1.0}, validation=1 / step)
                mark.write_text(str(step))
            if ends_early():
                yield ScriptedStep(step, self.steps, note=f"Training ended early, at step {step}")
                return

    def evaluate(self, report):
        report("baselines", 0, 1)
        time.sleep(self.evaluate_seconds)
        return "+9 % (5 to 13) against LightGBM"


def queue(settings: Settings, run_id: str, **script) -> Job:
    """Queue a run that will follow a script."""
    folder = settings.runs / run_id
    folder.mkdir(parents=True)
    RunConfig(dataset="log").write(folder)
    (folder / SCRIPT).write_text(json.dumps(script))
    job = Job(id=run_id, name=run_id, dataset="log", preset="balanced", created=utc_now())
    return JobStore(settings.database).add(job)


def command(job: Job) -> list[str]:
    """What a supervisor starts in place of the real worker."""
    return [sys.executable, __file__, job.id, str(job.attempt)]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, _on_term)
    settings = settings_from_environment()
    folder = settings.runs / sys.argv[1]
    script = json.loads((folder / SCRIPT).read_text())
    work = ScriptedWork(folder, **script)
    code = do(settings, sys.argv[1], int(sys.argv[2]), work)
    time.sleep(work.lingers_seconds)
    sys.exit(code)
