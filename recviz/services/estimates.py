"""What a run will cost on this machine, told before it is launched."""

from dataclasses import dataclass
from statistics import median

from recviz.errors import NotFoundError
from recviz.jobs.costs import memory_mb, phase_seconds, sizes, speed
from recviz.jobs.job import Job
from recviz.jobs.machine import device_words
from recviz.language import retold, tr, tr_n
from recviz.model.config import RunConfig
from recviz.services.starts import chooses_passes
from recviz.services.workspace import Workspace

RUNS_TO_LEARN_FROM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Time and memory of a run that has not been launched."""

    seconds: float
    """Training and evaluation, without waiting in the queue."""
    memory_bytes: float
    """The most that the run's process will hold."""
    device: str
    """Where it will run: "CPU, 2 cores", or the GPU's name."""
    reason: str
    """What the estimate goes by, in a sentence."""


def estimate(ws: Workspace, config: RunConfig) -> Estimate:
    """Estimate a run from the sizes of its log, a short measurement of this machine, and earlier runs here.

    Raises:
        NotFoundError: If the workspace has no such log, or not the run that ``config.continues`` names.
        InvalidSettingError: If the settings cannot work for this log.
    """
    device = device_words(ws.settings)
    found = sizes(ws.dataset(config.dataset), config)
    guess = sum(phase_seconds(found, config, chooses=chooses_passes(ws, config)).values()) / speed(ws.settings)
    ratios = _taken_against_guessed(ws, config, device)
    if ratios:
        words = tr_n(
            "Goes by the size of the log and {n} earlier run on this machine ({device}).",
            "Goes by the size of the log and {n} earlier runs on this machine ({device}).",
            len(ratios),
        )
    else:
        words = tr("Goes by the size of the log and a short measurement of this machine ({device}).")
    return Estimate(
        seconds=guess * median(ratios or [1.0]),
        memory_bytes=memory_mb(found, config) * 1e6,
        device=device,
        reason=words.format(n=len(ratios), device=retold(device)),
    )


def _taken_against_guessed(ws: Workspace, config: RunConfig, device: str) -> list[float]:
    """Return how much longer than guessed the newest comparable runs took: those of this tuning, else any."""
    ratios: list[tuple[bool, float]] = []
    for job in ws.jobs.all():
        past = _finished_config(ws, job, device)
        if past is None:
            continue
        guess = sum(phase_seconds(sizes(ws.dataset(past.dataset), past), past).values())
        ratios.append((past.tuning == config.tuning, job.took_seconds * speed(ws.settings) / guess))
    alike = [ratio for same, ratio in ratios if same]
    return (alike or [ratio for _, ratio in ratios])[:RUNS_TO_LEARN_FROM]


def _finished_config(ws: Workspace, job: Job, device: str) -> RunConfig | None:
    """Return the settings of a run that went through at one go on this device; ``None`` for any other."""
    if job.state != "completed" or job.attempt != 1 or job.finish_early or job.device != device:
        return None
    try:
        config = ws.run_config(job.id)
        ws.dataset(config.dataset)
    except NotFoundError:
        return None
    return None if config.continues else config
