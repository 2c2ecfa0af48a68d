"""What a run's worker uses of the machine, sampled into a small file in the run's folder: ``usage.jsonl``."""

import json
import sys
import time
from pathlib import Path

import pandas as pd
import psutil

from recviz.data.whole import write_whole

USAGE = "usage.jsonl"
COLUMNS = ("seconds", "cpu_percent", "memory_mb", "gpu_memory_mb", "gpu_percent")
MOST_SAMPLES = 1_000
"""When there are more, every second one goes and the next are taken half as often: the file stays small."""


class Usage:
    """Samples this process and all that it started."""

    def __init__(self, folder: Path, every_seconds: float, began: float) -> None:
        """Go on with the folder's file.

        Args:
            folder: The run's.
            every_seconds: Between two samples, at first.
            began: Seconds that earlier workers spent on the run.
        """
        self.path = folder / USAGE
        self._every, self._began, self._start = every_seconds, began, time.monotonic()
        self._next = 0.0
        self._count = len(read(folder))
        self._process = psutil.Process()
        self._children: dict[int, psutil.Process] = {}
        self._process.cpu_percent()  # the first call only starts the count

    def sample(self) -> None:
        """Append a sample if one is due; call it as often as you like."""
        now = time.monotonic() - self._start
        if now < self._next:
            return
        self._next = now + self._every
        line = json.dumps({"seconds": round(self._began + now, 1), **self._used(), **_gpu()})
        with self.path.open("a", encoding="ascii") as file:
            file.write(line + "\n")
        self._count += 1
        if self._count > MOST_SAMPLES:
            self._thin()

    def _used(self) -> dict[str, float]:
        cpu, memory = self._process.cpu_percent(), self._process.memory_info().rss
        alive = {child.pid: self._children.get(child.pid, child) for child in self._process.children(recursive=True)}
        self._children = alive
        for child in alive.values():
            try:
                cpu, memory = cpu + child.cpu_percent(), memory + child.memory_info().rss
            except psutil.NoSuchProcess:  # it ended in between
                continue
        return {"cpu_percent": round(cpu, 1), "memory_mb": round(memory / 1e6, 1)}

    def _thin(self) -> None:
        lines = self.path.read_bytes().splitlines(keepends=True)[::2]
        write_whole(self.path, b"".join(lines))
        self._count, self._every = len(lines), 2 * self._every


def read(folder: Path) -> pd.DataFrame:
    """Read the samples of a run: `COLUMNS`, one row a sample, oldest first; empty where there are none."""
    path = folder / USAGE
    whole = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    rows = [json.loads(line) for line in whole if line.endswith(b"\n")]  # a killed worker may have left a torn line
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(float)


def _gpu() -> dict[str, float]:
    """Return what the whole GPU holds and does; nothing where training has not loaded torch, or there is none."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return {}
    free, whole = torch.cuda.mem_get_info()
    told = {"gpu_memory_mb": round((whole - free) / 1e6, 1)}
    try:
        return told | {"gpu_percent": float(torch.cuda.utilization())}
    except ModuleNotFoundError:  # the share of time needs NVIDIA's own Python package, which is no requirement
        return told
