"""This machine and its processes: which process is which, whether it lives, and how to end it."""

import os
import signal
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from recviz.jobs.job import ProcessMark
from recviz.language import mark
from recviz.settings import Settings

START_FIELD = 19
"""Place of the start time among the fields that follow the name in ``/proc/PID/stat``."""


@cache
def this_machine() -> str:
    """Name this boot of this machine, and the namespace that its process ids are counted in."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    if not boot.is_file():
        return f"boot {psutil.boot_time():.0f}"
    return f"{boot.read_text(encoding='ascii').strip()} {Path('/proc/self/ns/pid').readlink()}"


def same_boot(machine: str) -> bool:
    """Whether a mark's machine is this one, not restarted since; its namespace may be another container's."""
    return machine.rpartition(" ")[0] == this_machine().rpartition(" ")[0]


def created(pid: int) -> float | None:
    """Return when a process began, in a count that no change of the clock moves; ``None`` if it is gone or a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if Path("/proc/self/stat").is_file():
            state, *rest = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            return None if state in {"Z", "X"} else float(rest[START_FIELD - 1])
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (OSError, psutil.NoSuchProcess):
        return None


def mark_of(pid: int) -> ProcessMark | None:
    """Name a living process for good; ``None`` if it has ended."""
    since = created(pid)
    return None if since is None else ProcessMark(this_machine(), pid, since)


def is_alive(mark: ProcessMark) -> bool:
    """Whether this very process lives, not merely one with its number."""
    return mark.machine == this_machine() and created(mark.pid) == mark.created


def end_session(mark: ProcessMark, number: signal.Signals) -> None:
    """Send a signal to a worker and all that it started; a process that only has its number is left alone.

    A process id is not given away while a session of that number has members, so members found after
    the leader's death are the worker's own.
    """
    if mark.machine != this_machine():
        return
    if psutil.pid_exists(mark.pid) and created(mark.pid) not in {None, mark.created}:
        return
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == mark.pid:
                os.kill(process.pid, number)


LOOKS = "1000"
"""How often a thread of a run that has the processor's slot to itself looks for work before it sleeps.

Steps are short, and to fall asleep and be woken takes longer than most of a run's waits: it trained a third longer with
threads that slept at once. With many more looks two runs beside each other take the cores that they wait for from one
another (benchmarks/README.md, 30 November, third part).
"""


def slots(settings: Settings) -> list[str]:
    """Name a place for each run that may work at once: as many on each device as the settings say."""
    devices = ["cpu"]
    if settings.device != "cpu":
        import torch

        devices = [f"cuda:{number}" for number in range(torch.cuda.device_count())] or devices
    return [device for _ in range(settings.slots) for device in devices]  # each device once before any has two


def worker_environment(settings: Settings, slot: str) -> dict[str, str]:
    """Return what makes a worker see the device of its slot alone, and wait well for its own threads."""
    kind, _, number = slot.partition(":")
    if kind != "cuda":
        sleeps = os.environ.get("OMP_WAIT_POLICY") == "PASSIVE" and "GOMP_SPINCOUNT" not in os.environ
        return {"GOMP_SPINCOUNT": LOOKS} if sleeps and settings.slots == 1 else {}
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return {"CUDA_VISIBLE_DEVICES": visible[int(number)] if visible else number}


def device_words(settings: Settings, slot: str = "") -> str:
    """Name for people what a run is trained on: "CPU, 2 cores", or the GPU (the slot's, where one is given)."""
    if settings.device != "cpu":
        import torch

        from recviz.model.device import pick_device

        if pick_device(settings.device).type == "cuda":
            return torch.cuda.get_device_name(slot or None)
    number = cores(settings)
    return mark("CPU, 1 core") if number == 1 else mark(f"CPU, {number} cores")


def cores(settings: Settings) -> int:
    """Return on how many cores a run computes."""
    return settings.threads or len(os.sched_getaffinity(0))
