"""What a run writes as it goes, in its folder: ``metrics.jsonl``, a line a step, and ``log.txt``."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, TextIO

import pandas as pd

METRICS = "metrics.jsonl"
LOG = "log.txt"
COLUMNS = ("phase", "step", "steps", "pass_", "validation")
BYTES_PER_LINE = 400
"""A generous guess of a log line's length, so that a tail reads a few blocks and not the file."""


class MetricsFile:
    """Appends lines to ``metrics.jsonl`` so that, after a resume, no step stands in it twice and none is missing.

    A resumed run goes on after its checkpoint, which may lie before the last lines that the dead worker wrote.
    The first line of each phase therefore cuts away what stands there from its own step on.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / METRICS
        self._resumed: set[str] = set()
        self._file: TextIO = self.path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, report: Any) -> None:  # noqa: ANN401 - a Progress of training, whose libraries load later
        """Append one step (it has losses) or one validation, a line each."""
        line = asdict(report)
        if line["phase"] not in self._resumed:
            self._resumed.add(line["phase"])
            self._cut_from(line)
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def _cut_from(self, line: Mapping[str, Any]) -> None:
        keep = 0
        for start, end, old in _lines(self.path):
            if old["phase"] == line["phase"] and _order(old) >= _order(line):
                keep = start
                break
            keep = end
        self._file.truncate(keep)


def read(folder: Path) -> pd.DataFrame:
    """Read the lines as a table: phase, step, steps, pass_, validation, and ``loss_NAME`` for each loss."""
    rows = []
    for _, _, line in _lines(folder / METRICS):
        losses = {f"loss_{name}": value for name, value in line.pop("losses").items()}
        rows.append(line | losses)
    frame = pd.DataFrame(rows)
    named = [name for name in frame.columns if str(name).startswith("loss_")]
    return frame.reindex(columns=[*COLUMNS, *named]).astype({"validation": float})


def tail(path: Path, lines: int) -> str:
    """Return the last lines of a text file; "" if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - lines * BYTES_PER_LINE))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _order(line: Mapping[str, Any]) -> tuple[int, bool]:
    return line["step"], line["validation"] is not None  # a validation stands after the step that it validates


def _lines(path: Path) -> list[tuple[int, int, dict[str, Any]]]:
    """Return (start, end, content) of every whole line; a worker that was killed may have left a torn last one."""
    if not path.is_file():
        return []
    found, start = [], 0
    for raw in path.read_bytes().splitlines(keepends=True):
        end = start + len(raw)
        if not raw.endswith(b"\n"):
            break
        found.append((start, end, json.loads(raw)))
        start = end
    return found
