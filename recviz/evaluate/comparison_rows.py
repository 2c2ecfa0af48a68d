"""Every measure of runs side by side, its differences paired by user with bootstrap intervals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd

from recviz.data.split import PERIOD_DAYS
from recviz.evaluate.bootstrap import Losses, compare
from recviz.evaluate.comparison import Judged, Row, RunsCompared, no_backtest, obstacle
from recviz.evaluate.counts import user_deviance
from recviz.evaluate.held_out import RANKING_DAYS
from recviz.evaluate.result import Evaluation, TaskName

Values = Mapping[int, pd.Series]
"""Place of a run -> one value a user, indexed by user id."""


class _Measure(NamedTuple):
    task: TaskName
    name: str
    lower_is_better: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """A run whose scores compare with those of the first."""

    at: int
    judged: Judged
    found: Evaluation

    @property
    def name(self) -> str:
        return self.judged.name


def compare_runs(judged: Sequence[Judged]) -> RunsCompared:
    """Put runs side by side; the first is what the others are compared with.

    Runs are compared on the same users and, in time, on the same periods: those that all of them forecast.
    """
    reference = judged[0]
    reasons = [obstacle(reference, other) for other in judged[1:]]
    if reference.evaluation is None:
        reasons = [no_backtest(reference), *reasons]
    sides = [
        _Side(at, one, one.evaluation)
        for at, one in enumerate(judged)
        if reference.evaluation is not None and one.evaluation is not None and (at == 0 or not obstacle(reference, one))
    ]
    periods = min((side.found.periods_scored for side in sides), default=0)
    width = len(judged)
    return RunsCompared(
        runs=tuple(one.run for one in judged),
        names=tuple(one.name for one in judged),
        compares=tuple(at in {side.at for side in sides} for at in range(width)),
        period=reference.held_out.period,
        periods=periods,
        rows=(*_count_rows(sides, periods, width), *_score_rows(sides, width)) if sides else (),
        obstacles=(*(reason for reason in reasons if reason), *_partly(sides, periods)),
        evaluations={one.run: one.evaluation for one in judged if one.evaluation is not None},
    )


def _count_rows(sides: Sequence[_Side], periods: int, width: int) -> Iterator[Row]:
    """Compare activity on the periods that all have; the chance to return only where all mean the same horizon."""
    tables = {
        side.at: _counts(side.judged.periods, periods) for side in sides if periods and side.judged.periods is not None
    }
    if 0 not in tables:
        return
    whole = all(side.found.periods_scored == periods for side in sides)
    for name in ("deviance", "mae"):
        values = {at: table[name] for at, table in tables.items()}
        yield _row(_Measure("counts", name, lower_is_better=True), values, sides, width, beside_baseline=whole)
    if whole and len({side.found.horizon for side in sides}) == 1:
        chances = {side.at: _brier(side.judged.users) for side in sides if side.judged.users is not None}
        yield _row(_Measure("counts", "brier", lower_is_better=True), chances, sides, width)


def _counts(periods: pd.DataFrame, count: int) -> pd.DataFrame:
    within = periods[periods["period"] <= count]
    actual, mean = (within.pivot_table(index="user_id", columns="period", values=name) for name in ("actual", "model"))
    a, m = actual.to_numpy(np.float64), mean.to_numpy(np.float64)
    return pd.DataFrame(
        {"deviance": user_deviance(a, m), "mae": np.abs(a.sum(axis=1) - m.sum(axis=1))}, index=actual.index
    )


def _brier(users: pd.DataFrame) -> pd.Series:
    by_user = users.set_index("user_id")
    return (by_user["p_active_horizon"].clip(0, 1) - (by_user["actual"] > 0)) ** 2


def _score_rows(sides: Sequence[_Side], width: int) -> Iterator[Row]:
    """Compare shares and next items, user by user where that is worked out, else by the evaluations' own figures."""
    for task in sides[0].found.tasks:
        if task.name == "counts":
            continue
        measure = _Measure(task.name, task.measure, task.lower_is_better)
        span = _span(sides[0], task.name)
        judged = [side for side in sides if side.found.task(task.name) is not None]  # an older backtest has fewer tasks
        fit = [side for side in judged if _span(side, task.name) == span]
        scores = {side.at: side.judged.scores for side in fit}
        values = {at: _of_task(table, task.name) for at, table in scores.items() if table is not None}
        if len(values) == len(fit) and all(len(value) for value in values.values()):
            yield _row(measure, values, fit, width)
        else:
            yield _without_users(measure, fit, width, is_pending=len(values) < len(fit))


def _span(side: _Side, task: TaskName) -> object:
    """Return what must be the same of two runs whose values on a task compare."""
    scored = side.found.periods_scored
    if task == "shares":
        return side.judged.held_out.groups, scored
    if task == "value" and side.found.split == "time":
        return scored  # of all that the horizon brought, unlike next items
    if side.found.split != "time":
        return side.found.split
    return min(RANKING_DAYS, scored * PERIOD_DAYS[side.judged.held_out.period])


def _of_task(scores: pd.DataFrame, task: TaskName) -> pd.Series:
    return scores[scores["task"] == task].set_index("user_id")["value"]


def _row(measure: _Measure, values: Values, sides: Sequence[_Side], width: int, *, beside_baseline: bool = True) -> Row:
    common = reduce(lambda one, other: one.intersection(other), (value.index for value in values.values()))
    aligned = {at: value.loc[common].to_numpy(np.float64) for at, value in values.items()}
    reference = Losses(sides[0].name, aligned[0])
    differences = {
        at: compare(one, reference, measure.name, lower_is_better=measure.lower_is_better)
        for at, one in aligned.items()
        if at and len(common)
    }
    baseline, baseline_value = _best_baseline(sides[0].found, measure) if beside_baseline else ("", None)
    return Row(
        task=measure.task,
        measure=measure.name,
        lower_is_better=measure.lower_is_better,
        users=len(common),
        values=tuple(float(aligned[at].mean()) if at in aligned and len(common) else None for at in range(width)),
        comparisons=tuple(differences.get(at) for at in range(width)),
        baseline=baseline,
        baseline_value=baseline_value,
    )


def _without_users(measure: _Measure, sides: Sequence[_Side], width: int, *, is_pending: bool) -> Row:
    """Put the evaluations' own figures side by side: nothing is known of single users."""
    tasks = {side.at: side.found.task(measure.task) for side in sides}
    baseline, baseline_value = _best_baseline(sides[0].found, measure)
    return Row(
        task=measure.task,
        measure=measure.name,
        lower_is_better=measure.lower_is_better,
        users=max(task.users for task in tasks.values() if task is not None),
        values=tuple(
            None if (task := tasks.get(at)) is None else task.model.scores.get(measure.name) for at in range(width)
        ),
        comparisons=(None,) * width,
        is_pending=is_pending,
        baseline=baseline,
        baseline_value=baseline_value,
    )


def _best_baseline(found: Evaluation, measure: _Measure) -> tuple[str, float | None]:
    task = found.task(measure.task)
    scores = {
        method.name: value
        for method in (() if task is None else task.methods)
        if not method.is_model and (value := method.scores.get(measure.name)) is not None
    }
    if not scores:
        return "", None
    best = (min if measure.lower_is_better else max)(scores, key=scores.__getitem__)
    return best, scores[best]


def _partly(sides: Sequence[_Side], periods: int) -> Iterator[str]:
    """Say what compares only in part."""
    if not sides or sides[0].found.split != "time":
        return
    longer = [side.name for side in sides if side.found.periods_scored > periods]
    if longer:
        yield (
            f"Activity is compared on the first {periods} {sides[0].found.period}s, which all of them forecast; "
            f"{' and '.join(longer)} {'looks' if len(longer) == 1 else 'look'} further ahead, so shares of categories "
            "and values do not compare."
        )
    others = [side.name for side in sides if side.judged.held_out.groups != sides[0].judged.held_out.groups]
    if others:
        yield (
            f"This log has no categories, and {' and '.join(others)} groups items by another reading of their texts "
            f"than {sides[0].name}: shares of the groups do not compare."
        )
