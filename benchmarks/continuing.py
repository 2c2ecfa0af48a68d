"""Measure whether continuing a run pays, and whether weighting by its errors does: on the sample shop.

    python benchmarks/continuing.py WORKSPACE [--seeds 0 1 2] [--preset balanced] [--set key=value ...]

Per seed: a run on the log as it was before 6 October (its own backtest reaches that day), then three runs on the whole
log with the default cut, 6 October: anew, continued, and continued with users weighted by the first run's errors.
Prints one line per run: deviance of active days, log-loss of shares, NDCG@10, passes, and seconds of training; then each
continued run's differences from the run anew and the weighted run's from the unweighted one, mean over seeds.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from recviz.evaluate.result import TaskName
from recviz.model.checkpoint import read_facts
from recviz.model.config import Preset, RunConfig, preset_config, with_text_changes
from recviz.model.predictor import MODEL
from recviz.services import datasets, evaluations, run_again, runs
from recviz.services.workspace import Workspace
from recviz.settings import Settings

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
KNOWN_UNTIL = "2025-10-06"
MEASURES: tuple[tuple[TaskName, str], ...] = (
    ("counts", "deviance"),
    ("shares", "log_loss_user"),
    ("ranking", "ndcg@10"),
)
ANEW, CONTINUED, WEIGHTED = "anew", "continued", "continued, weighted by errors"


@dataclass(frozen=True, slots=True)
class Found:
    """What one run reached."""

    name: str
    seed: int
    scores: tuple[float, ...]
    """Of `MEASURES`, in their order."""
    passes: int
    seconds: float


def store_logs(ws: Workspace) -> tuple[str, str]:
    """Store the sample log as it was before the day, and whole; return both ids."""
    whole = SAMPLE / "events.csv.gz"
    early = ws.settings.cache / "events-early.csv.gz"
    events = pd.read_csv(whole, dtype=str)
    events[events["bought_at"] < KNOWN_UNTIL].to_csv(early, index=False)
    return _store(ws, early, "Sample shop, early"), _store(ws, whole, "Sample shop")


def _store(ws: Workspace, events: Path, name: str) -> str:
    files = datasets.LogFiles(
        events=datasets.local_file(events),
        items=datasets.local_file(SAMPLE / "items.csv"),
        users=datasets.local_file(SAMPLE / "users.csv"),
    )
    return datasets.ingest(ws, files, datasets.preview(ws, files).plan, name).dataset_id


def trained(ws: Workspace, config: RunConfig, name: str) -> tuple[str, Found]:
    """Train and evaluate a run and read what it reached."""
    run_id = runs.launch(ws, config, f"{name}, seed {config.seed}")
    job = runs.wait(ws, run_id)
    if job.state != "completed":
        raise SystemExit(f"{name}: {job.state}: {job.reason}")
    tasks = {task.name: task.model.scores for task in evaluations.evaluation(ws, run_id).tasks}
    scores = tuple(float(tasks[task][measure] or np.nan) for task, measure in MEASURES)
    facts = read_facts(ws.run_folder(run_id) / MODEL)
    found = Found(name, config.seed, scores, int(facts["passes"]), job.took_seconds)
    told(found)
    return run_id, found


def told(found: Found) -> None:
    """Print a run's line."""
    scores = "  ".join(f"{measure} {score:.4f}" for (_, measure), score in zip(MEASURES, found.scores, strict=True))
    print(f"seed {found.seed}  {found.name:<32}{scores}  passes {found.passes}  {found.seconds:.0f} s", flush=True)


def measure(ws: Workspace, plan: RunConfig, logs: tuple[str, str]) -> list[Found]:
    """Train the four runs of one seed."""
    early, whole = logs
    first, found = trained(ws, replace(plan, dataset=early), "the run to continue")
    anew = trained(ws, replace(plan, dataset=whole), ANEW)[1]
    further = run_again.continuation(ws, first, whole)
    continued = trained(ws, further, CONTINUED)[1]
    weighted = trained(ws, replace(further, error_weight=1.0), WEIGHTED)[1]
    return [found, anew, continued, weighted]


def compare(found: Sequence[Found]) -> None:
    """Print paired differences, mean and range over seeds."""
    scores = {(each.name, each.seed): np.array(each.scores) for each in found}
    seeds = sorted({each.seed for each in found})
    for name, other in ((CONTINUED, ANEW), (WEIGHTED, ANEW), (WEIGHTED, CONTINUED)):
        gaps = np.array([scores[name, seed] - scores[other, seed] for seed in seeds])
        words = "  ".join(
            f"{measure} {gaps[:, at].mean():+.4f} ({gaps[:, at].min():+.4f} to {gaps[:, at].max():+.4f})"
            for at, (_, measure) in enumerate(MEASURES)
        )
        print(f"{name} minus {other}: {words}")


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description="Measure continuing a run, with and without weighting by errors.")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--set", action="append", default=[], metavar="key=value")
    given = parser.parse_args()
    ws = Workspace(Settings(workspace=given.workspace))
    logs, preset = store_logs(ws), given.preset
    changes = dict(pair.split("=", 1) for pair in given.set)
    found: list[Found] = []
    for seed in given.seeds:
        known: Preset = preset
        found += measure(ws, with_text_changes(preset_config(known, seed=seed), changes), logs)
    compare(found)


if __name__ == "__main__":
    main()
