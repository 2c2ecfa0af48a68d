"""The backtest: the model and the baselines, asked at the cut about what then happened."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.choice import QUICK, chosen
from recviz.baselines.counts import CountForecast
from recviz.errors import UnsupportedError
from recviz.evaluate.answers import ask_volume_and_mix, batches
from recviz.evaluate.calibration import coverage, deciles, period_reliability, randomised_pit, reliability
from recviz.evaluate.files import write_users
from recviz.evaluate.held_out import (
    RANKING_DAYS,
    Activity,
    activity_after,
    last_event_targets,
    targets_after,
)
from recviz.evaluate.judging import LAST_SORTS, SORTS, Judge
from recviz.evaluate.result import Evaluation, TaskName
from recviz.evaluate.rolling import judged, later_origins, origin_steps
from recviz.evaluate.steps import Report, Steps
from recviz.evaluate.tasks import count_task, present_activity
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]
FOLDER = "evaluation"


class Groups(Protocol):
    """A partition of the item table into categories."""

    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def code(self) -> NDArray[np.int64]: ...


def evaluate_run(
    predictor: Predictor,
    folder: Path,
    progress: Report,
    grouping: Callable[[Predictor], Groups] | None = None,
    *,
    baselines: str = QUICK,
    later: Callable[[], Predictor] | None = None,
) -> Evaluation:
    """Compare the model with the baselines on what the cut held out, and write ``folder / "evaluation"``.

    Logs with an order only, and leave-one-out splits, are judged by ranking and value alone.

    Args:
        predictor: A run opened at its cut.
        folder: The run's folder.
        progress: Told about each step.
        grouping: Gives the categories whose shares are judged (`recviz.forecast.categories.categories_of`); without it
            shares are not judged.
        baselines: Which; see `recviz.baselines.choice.chosen`.
        later: Opens the same run at the log's end, to ask it from later origins too; without it only the cut is judged.

    Raises:
        UnsupportedError: If nothing was held out that could be scored.
        RunFailedError: If the model's answers are not finite.
        InvalidSettingError: If a baseline is unknown.
        ValueError: If the predictor stands at another origin than the cut.
    """
    if predictor.origin != "cut":
        raise ValueError(f"a backtest is made at the cut, not at {predictor.origin}")
    started, out = time.monotonic(), folder / FOLDER
    judge = Judge(predictor, chosen(baselines), Steps(progress), out)
    out.mkdir(parents=True, exist_ok=True)
    found = _after_the_cut(judge, grouping, later) if predictor.split.kind == "time" else _last_events(judge)
    found = replace(found, seconds=time.monotonic() - started)
    found.write(out)
    judge.steps.finish("writing what was found")
    return found


def _after_the_cut(
    judge: Judge, grouping: Callable[[Predictor], Groups] | None, later: Callable[[], Predictor] | None
) -> Evaluation:
    predictor, steps, choice = judge.predictor, judge.steps, judge.choice
    activity = activity_after(predictor)
    if not activity.scored or not len(activity.users):
        raise UnsupportedError.of(
            "Nothing was held out that could be compared",
            "no user before the cut" if activity.scored else "the log ends before one whole period after the cut",
            "Choose another origin for the run",
        )
    others = 0 if later is None else len(origin_steps(activity.scored)) - 1
    steps.expect(batches(len(activity.users)) + 5 + others + judge.training_steps)
    groups = None if grouping is None else grouping(predictor)
    volume, events = ask_volume_and_mix(
        predictor,
        activity.users,
        None if groups is None else np.eye(len(groups.labels))[groups.code[predictor.candidates]],
        lambda: steps.done("asking the model"),
    )
    said = CountForecast(volume.mean[:, : activity.scored], volume.shape)
    counted = count_task(activity, said, choice.counts)
    best = counted.best.mean[activity.users, : activity.scored]
    write_users(judge.folder, predictor.dataset.user_ids[activity.users], activity, said, best)
    steps.done("comparing volume")
    mixes = [] if groups is None or events is None else judge.mixes(activity, groups.code, len(groups.labels), events)
    steps.done("comparing mixes")
    lately = np.zeros(predictor.dataset.store.n_users, np.int64)
    lately[activity.users] = present_activity(activity)
    days = min(RANKING_DAYS, activity.covered.days)
    ranked, told = judge.rankings([(name, targets_after(predictor, days, which)) for name, which in SORTS], lately)
    valued, said_of_values = judge.values(activity.covered.days, lately)
    origins = [judged(activity, said, counted.task, predictor.instant, predictor.level.horizon)]
    if later is not None and others:
        origins += later_origins(
            later(), predictor.instant, activity.scored, choice.counts, lambda: steps.done("asking from later origins")
        )
    tasks = (counted.task, *mixes, *ranked, *valued)
    found = Evaluation(
        split="time",
        period=predictor.split.period,
        horizon=predictor.split.horizon,
        periods_scored=activity.scored,
        users=len(activity.users),
        active_share=float((activity.actual.sum(axis=1) > 0).mean()),
        tasks=tasks,
        origins=tuple(origins),
        notes=(*_notes(predictor, activity.scored, {task.name for task in tasks}), *told, *said_of_values),
    )
    return _with_trust(found, activity, said, best, predictor.level.horizon)


def _with_trust(found: Evaluation, activity: Activity, said: CountForecast, best: Floats, level: float) -> Evaluation:
    """Add how far chances, bands and levels can be trusted; ``best`` is the best baseline's forecast, ``(U, scored)``."""
    shape = np.ones(len(activity.users)) if said.shape is None else said.shape
    total, expected = activity.actual.sum(axis=1), said.mean.sum(axis=1)
    days = np.diff(activity.covered.edges).astype(np.float64)
    weekly = -np.expm1(-shape[:, None] * np.log1p(said.mean / shape[:, None]))
    return replace(
        found,
        reliability=reliability(said.chance_active(), total > 0),
        reliability_period=period_reliability(weekly, activity.actual > 0),
        deciles=deciles(total, expected, best.sum(axis=1)),
        coverage=coverage(total, expected, shape, float(days.sum()), level),
        pit=randomised_pit(activity.actual, said.mean, shape, days),
    )


def _last_events(judge: Judge) -> Evaluation:
    predictor = judge.predictor
    sorts = [(name, last_event_targets(predictor, which)) for name, which in LAST_SORTS]
    if not len(sorts[0][1].users):
        raise UnsupportedError.of(
            "No user has three events of which the last is new to the user, so nothing can be compared",
            f"log {predictor.dataset.manifest.name}",
            "Bring a log with longer histories",
        )
    judge.steps.expect(3 + judge.training_steps)
    nobody = np.empty(0, np.int64)
    ranked, told = judge.rankings(sorts, nobody)
    valued, said_of_values = judge.values(0, nobody)
    about = (
        "Only each user's last event is held out, so ranking is judged, and curves and shares are not."
        if predictor.dataset.has_times
        else "The log has an order only: ranking is judged, and there are no weeks whose curves could be."
    )
    return Evaluation(
        split="leave-one-out",
        period=predictor.split.period,
        horizon=predictor.split.horizon,
        periods_scored=0,
        users=len(predictor.users),
        active_share=None,
        tasks=(*ranked, *valued),
        notes=(about, *told, *said_of_values),
    )


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
