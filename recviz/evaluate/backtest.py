"""The backtest: the model and the baselines, asked at the cut about what then happened."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.counts import CountForecast
from recviz.baselines.ranking import Ranker, past_items
from recviz.baselines.shares import past_mix
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.errors import UnsupportedError
from recviz.evaluate.answers import ask_hits, ask_volume_and_mix, batches
from recviz.evaluate.calibration import coverage, randomised_pit, reliability
from recviz.evaluate.files import write_users
from recviz.evaluate.held_out import (
    RANKING_DAYS,
    Activity,
    activity_after,
    categories_after,
    last_event_targets,
    window_targets,
)
from recviz.evaluate.ranking import Targets
from recviz.evaluate.result import Evaluation, Task, TaskName
from recviz.evaluate.tasks import count_task, present_activity, rankers, ranking_task, share_task
from recviz.model.predictor import Predictor

Report = Callable[[str, int, int], None]
"""Called with what is being done ("asking the model", ...), steps done and steps in all."""
Floats = NDArray[np.float64]
FOLDER = "evaluation"
WEEK = 7 * MICROSECONDS_PER_DAY


class Groups(Protocol):
    """A partition of the item table into categories."""

    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def code(self) -> NDArray[np.int64]: ...


class _Steps:
    """Counts steps for the report."""

    def __init__(self, report: Report, steps: int) -> None:
        self._report, self._steps, self._done = report, steps, 0

    def done(self, what: str) -> None:
        self._done = min(self._done + 1, self._steps)
        self._report(what, self._done, self._steps)


def evaluate_run(
    predictor: Predictor, folder: Path, progress: Report, grouping: Callable[[Predictor], Groups] | None = None
) -> Evaluation:
    """Compare the model with the baselines on what the cut held out, and write ``folder / "evaluation"``.

    Logs with an order only, and leave-one-out splits, are judged by ranking alone.

    Args:
        predictor: A run opened at its cut.
        folder: The run's folder.
        progress: Told about each step.
        grouping: Gives the categories whose shares are judged (`recviz.forecast.categories.categories_of`); without it
            shares are not judged.

    Raises:
        UnsupportedError: If nothing was held out that could be scored.
        RunFailedError: If the model's answers are not finite.
        ValueError: If the predictor stands at another origin than the cut.
    """
    if predictor.origin != "cut":
        raise ValueError(f"a backtest is made at the cut, not at {predictor.origin}")
    started, out = time.monotonic(), folder / FOLDER
    out.mkdir(parents=True, exist_ok=True)
    if predictor.split.kind == "time":
        found = _after_the_cut(predictor, out, progress, grouping)
    else:
        found = _last_events(predictor, progress)
    found = replace(found, seconds=time.monotonic() - started)
    found.write(out)
    return found


def _after_the_cut(
    predictor: Predictor, out: Path, progress: Report, grouping: Callable[[Predictor], Groups] | None
) -> Evaluation:
    activity = activity_after(predictor)
    if not activity.scored or not len(activity.users):
        raise UnsupportedError.of(
            "Nothing was held out that could be compared",
            "no user before the cut" if activity.scored else "the log ends before one whole period after the cut",
            "Choose another origin for the run",
        )
    steps = _Steps(progress, batches(len(activity.users)) + 3)
    groups = None if grouping is None else grouping(predictor)
    volume, events = ask_volume_and_mix(
        predictor,
        activity.users,
        None if groups is None else np.eye(len(groups.labels))[groups.code[predictor.candidates]],
        lambda: steps.done("asking the model"),
    )
    said = CountForecast(volume.mean[:, : activity.scored], volume.shape)
    counted = count_task(activity, said)
    best = counted.best.mean[activity.users, : activity.scored]
    write_users(out, predictor.dataset.user_ids[activity.users], activity, said, best)
    steps.done("comparing volume")
    tasks = [counted.task]
    if groups is not None and events is not None:
        tasks += _mixes(predictor, activity, groups, events)
    steps.done("comparing mixes")
    tasks += _rankings(predictor, activity)
    steps.done("comparing rankings")
    total, days = activity.actual.sum(axis=1), np.diff(activity.covered.edges).astype(np.float64)
    return Evaluation(
        split="time",
        period=predictor.split.period,
        horizon=predictor.split.horizon,
        periods_scored=activity.scored,
        users=len(activity.users),
        active_share=float((total > 0).mean()),
        tasks=tuple(tasks),
        reliability=reliability(said.chance_active(), total > 0),
        coverage=coverage(total, said.mean.sum(axis=1), volume.shape, float(days.sum())),
        pit=randomised_pit(activity.actual, said.mean, volume.shape, days),
        notes=_notes(predictor, activity.scored, {task.name for task in tasks}),
    )


def _last_events(predictor: Predictor, progress: Report) -> Evaluation:
    targets = last_event_targets(predictor)
    if not len(targets.users):
        raise UnsupportedError.of(
            "No user has three events of which the last is new to the user, so nothing can be compared",
            f"log {predictor.dataset.manifest.name}",
            "Bring a log with longer histories",
        )
    steps = _Steps(progress, 2)
    hits = ask_hits(predictor, targets)
    steps.done("asking the model")
    task = ranking_task("ranking", targets, hits, _fitted_rankers(predictor), np.empty(0, np.int64))
    steps.done("comparing rankings")
    return Evaluation(
        split="leave-one-out",
        period=predictor.split.period,
        horizon=predictor.split.horizon,
        periods_scored=0,
        users=len(predictor.users),
        active_share=None,
        tasks=(task,),
        notes=(
            "Only each user's last event is held out, so ranking is judged, and curves and shares are not."
            if predictor.dataset.has_times
            else "The log has an order only: ranking is judged, and there are no weeks whose curves could be.",
        ),
    )


def _mixes(predictor: Predictor, activity: Activity, groups: Groups, events: Floats) -> list[Task]:
    count, horizon = len(groups.labels), activity.horizon
    since = (horizon.origin - horizon.days) * MICROSECONDS_PER_DAY
    past = past_mix(predictor.view, predictor.dataset.target_kinds, groups.code, count, since)
    actual = categories_after(predictor, groups.code, count, activity.covered)
    expected = events[:, : activity.scored].sum(axis=1)
    task = share_task(past, actual, expected, activity)
    return [] if task is None else [task]


def _rankings(predictor: Predictor, activity: Activity) -> list[Task]:
    days = min(RANKING_DAYS, activity.covered.days)
    lately = np.zeros(predictor.dataset.store.n_users, np.int64)
    lately[activity.users] = present_activity(activity)
    asked: tuple[tuple[TaskName, Targets], ...] = (
        ("ranking", window_targets(predictor, days, new_only=False)),
        ("ranking_new", window_targets(predictor, days, new_only=True)),
    )
    baselines = _fitted_rankers(predictor)
    return [
        ranking_task(name, targets, ask_hits(predictor, targets), baselines, lately[targets.users])
        for name, targets in asked
        if len(targets.users)
    ]


def _fitted_rankers(predictor: Predictor) -> tuple[Ranker, ...]:
    past = past_items(predictor.view, predictor.dataset.target_kinds, predictor.position, len(predictor.candidates))
    week_before = predictor.instant - WEEK if predictor.split.kind == "time" else None
    return rankers(past, predictor.pretrained_vectors, week_before)


def _notes(predictor: Predictor, scored: int, done: set[TaskName]) -> tuple[str, ...]:
    split, notes = predictor.split, []
    if scored < split.horizon:
        notes.append(
            f"The log covers {scored} of {split.horizon} {split.period}s after the cut; only these are judged."
        )
    if "shares" not in done:
        notes.append("Shares are not judged: no categories were given, or no user has events before and after the cut.")
    if "ranking" not in done:
        notes.append("Ranking is not judged: no user with history took anything in the days after the cut.")
    return tuple(notes)
