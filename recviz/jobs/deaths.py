"""Why a worker died that could not say so itself."""

import signal
from pathlib import Path

import psutil

from recviz.jobs import usage
from recviz.jobs.job import Job
from recviz.jobs.machine import same_boot
from recviz.jobs.verdict import DISK_FULL_EXIT, DISK_FULL_MEND, GO_ON, Verdict, no_memory
from recviz.language import mark
from recviz.model.config import RunConfig

MUCH_MEMORY = 0.6
"""A worker that held such a share of the machine's memory was probably killed for it."""


def why_dead(job: Job, exit_code: int | None, folder: Path) -> Verdict:
    """Judge a worker's death.

    Args:
        job: As the store has it.
        exit_code: Of the worker; ``None`` where another process started it.
        folder: The run's.
    """
    keep_on = mark(f"Resume it: {GO_ON}")
    if job.machine and not same_boot(job.machine):
        return Verdict(mark("the machine was restarted while it ran"), keep_on)
    if exit_code == DISK_FULL_EXIT:
        return Verdict(mark("the disk is full"), DISK_FULL_MEND)
    if exit_code == -signal.SIGKILL:
        return _killed(folder)
    if exit_code is None:
        return Verdict(mark("the worker died"), keep_on)
    if exit_code < 0:
        return Verdict(mark(f"the worker died (signal {-exit_code})"), keep_on)
    return Verdict(mark(f"the worker ended with code {exit_code}"), mark("The end of its log says why; then resume it"))


def _killed(folder: Path) -> Verdict:
    config = RunConfig.read(folder) if (folder / "config.json").is_file() else RunConfig()
    held, whole = usage.read(folder)["memory_mb"].tail(1).sum() * 1e6, psutil.virtual_memory().total
    if held > MUCH_MEMORY * whole:
        part = f"{held / whole:.0%}".replace("%", " %")
        reason = mark(f"the worker died (signal 9): the machine probably ran out of memory, of which it held {part}")
        return no_memory(reason, config)
    less = no_memory(mark("the worker died (signal 9)"), config)
    mend = mark(f"Somebody ended it, or the machine ran out of memory: resume it, and if it dies again: {less.mend}")
    return Verdict(less.reason, mend, less.to_try)
