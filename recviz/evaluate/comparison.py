"""Runs side by side: what compares at all, and every measure with its difference paired by user."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.split import PERIOD_DAYS, Period
from recviz.evaluate.bootstrap import Losses, compare
from recviz.evaluate.counts import user_deviance
from recviz.evaluate.held_out import RANKING_DAYS
from recviz.evaluate.result import Comparison, Evaluation, TaskName

Floats = NDArray[np.float64]
ByUser = pd.Series
"""One value a user, indexed by user id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What a run was judged on."""

    log: str
    """The log's id."""
    split: str
    """time or leave-one-out."""
    instant: int
    """First instant that was held out, microseconds since 1970 UTC."""
    period: Period
    groups: str = ""
    """What tells the groups apart whose shares are judged; equal groups have equal texts here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A run, with what its backtest left."""

    run: str
    name: str
    held_out: HeldOut
    evaluation: Evaluation | None = None
    """``None`` where there is no backtest."""
    users: pd.DataFrame | None = None
    """`recviz.evaluate.result.USERS_FILE`; ``None`` where there are no weeks."""
    periods: pd.DataFrame | None = None
    """`recviz.evaluate.result.PERIODS_FILE`."""
    scores: pd.DataFrame | None = None
    """`recviz.evaluate.user_scores.SCORES_FILE`; ``None`` until it is worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measure of all runs, in their order; the first is the reference."""

    task: TaskName
    measure: str
    lower_is_better: bool
    users: int
    values: tuple[float | None, ...]
    """``None`` for a run that does not compare with the reference."""
    comparisons: tuple[Comparison | None, ...]
    """Against the reference; a gain above 0 speaks for the run. ``None`` for the reference itself, for what does not
    compare, and while it is pending."""
    is_pending: bool = False
    """Whether values of single users are yet to be worked out, so that differences have no interval."""
    baseline: str = ""
    """The best baseline on this measure; "" where none was judged on the same."""
    baseline_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsCompared:
    """What a comparison of runs found."""

    runs: tuple[str, ...]
    names: tuple[str, ...]
    compares: tuple[bool, ...]
    """Whether each run's scores compare with those of the first."""
    period: str
    periods: int
    """Periods from the cut on that all of them forecast and the log covers: activity is judged on these."""
    rows: tuple[Row, ...]
    obstacles: tuple[str, ...] = ()
    """What does not compare and why, in sentences."""
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    """Run -> its backtest."""

    @property
    def is_pending(self) -> bool:
        """Whether an interval is yet to be worked out."""
        return any(row.is_pending for row in self.rows)


def compare_runs(judged: Sequence[Judged]) -> RunsCompared:
    """Put runs side by side; the first is what the others are compared with.

    Runs are compared on the same users and, in time, on the same periods: those that all of them forecast.
    """
    reference = judged[0]
    reasons = [obstacle(reference, other) for other in judged[1:]]
    compares = (reference.evaluation is not None, *(not reason for reason in reasons))
    alone = [] if reference.evaluation is not None else [no_backtest(reference)]
    sides = tuple(one if fits else None for one, fits in zip(judged, compares, strict=True))
    scored = [one.evaluation.periods_scored for one in sides if one is not None and one.evaluation is not None]
    periods = min(scored, default=0)
    rows = [*_count_rows(sides, periods), *_score_rows(sides)] if sides[0] is not None else []
    return RunsCompared(
        runs=tuple(one.run for one in judged),
        names=tuple(one.name for one in judged),
        compares=compares,
        period=reference.held_out.period,
        periods=periods,
        rows=tuple(rows),
        obstacles=(*alone, *(reason for reason in reasons if reason), *_partly(sides, periods)),
        evaluations={one.run: one.evaluation for one in judged if one.evaluation is not None},
    )


def no_backtest(one: Judged) -> str:
    """Say that a run was not judged."""
    return f"{one.name} has no backtest, so it has no scores to compare."


def obstacle(reference: Judged, other: Judged) -> str:
    """Say why two runs' scores do not compare; "" where they do."""
    ours, theirs = reference.held_out, other.held_out
    pair = f"{other.name} and {reference.name}"
    if ours.log != theirs.log:
        return f"{pair} learnt from different logs, so nothing about them compares but their settings."
    if ours.split != theirs.split:
        return f"{pair} hold out different things, a stretch of time and each user's last event: their scores do not compare."
    if ours.instant != theirs.instant:
        days = [_day(each.held_out.instant) for each in (other, reference)]
        return (
            f"{pair} look ahead from different days, {days[0]} and {days[1]}: what they were judged on differs, so "
            "their scores do not compare. Their curves from the end of the log do."
        )
    if ours.period != theirs.period:
        return (
            f"{other.name} forecasts by {theirs.period} and {reference.name} by {ours.period}: scores do not compare."
        )
    return no_backtest(other) if other.evaluation is None else ""


def differing_users(periods: Mapping[str, pd.DataFrame], count: int) -> pd.DataFrame:
    """Order users by how far the runs' expected active days lie apart, furthest first.

    Args:
        periods: Run -> its table of users and periods: ``user_id, period, model`` and, where it is known, ``actual``.
        count: Periods that all of them have.

    Returns:
        ``user_id``, ``gap`` (days), ``actual`` (missing where not known), ``nearest`` (the run that was nearest to what
        happened, "" where it is not known or several were) and, for each run, ``expected_RUN`` (days) and
        ``curve_RUN`` (a list, one number a period).
    """
    columns: dict[str, ByUser] = {}
    known = all("actual" in frame for frame in periods.values())
    for run, frame in periods.items():
        within = frame[frame["period"] <= count].sort_values(["user_id", "period"], kind="stable")
        by_user = within.groupby("user_id", sort=True)["model"]
        columns[f"expected_{run}"] = by_user.sum()
        columns[f"curve_{run}"] = by_user.agg(list)
        if known:
            columns["actual"] = within.groupby("user_id", sort=True)["actual"].sum()
    table = pd.DataFrame(columns).dropna()
    expected = table[[f"expected_{run}" for run in periods]].to_numpy(np.float64)
    table["gap"] = expected.max(axis=1) - expected.min(axis=1)
    table["actual"] = table["actual"] if known else np.nan
    table["nearest"] = _nearest(list(periods), expected, table["actual"].to_numpy(np.float64)) if known else ""
    ordered = table.iloc[np.argsort(-table["gap"].to_numpy(), kind="stable")]
    return ordered.rename_axis("user_id").reset_index()


def _nearest(runs: Sequence[str], expected: Floats, actual: Floats) -> list[str]:
    error = np.abs(expected - actual[:, None])
    best = error.min(axis=1, keepdims=True)
    alone = (error <= best + 1e-9).sum(axis=1) == 1
    return [runs[at] if only else "" for at, only in zip(error.argmin(axis=1), alone, strict=True)]


def _count_rows(sides: Sequence[Judged | None], periods: int) -> Iterator[Row]:
    """Compare activity on the periods that all have; the chance to return only where all mean the same horizon."""
    present = [side for side in sides if side is not None]
    if not periods or any(side.periods is None for side in present):
        return
    whole = all(side.evaluation is not None and side.evaluation.periods_scored == periods for side in present)
    tables = [None if side is None else _counts(side, periods) for side in sides]
    for measure in ("deviance", "mae"):
        yield _row("counts", measure, [None if table is None else table[measure] for table in tables], sides, whole)
    horizons = {side.evaluation.horizon for side in present if side.evaluation is not None}
    if whole and len(horizons) == 1:
        yield _row("counts", "brier", [None if side is None else _brier(side) for side in sides], sides, same=True)


def _counts(side: Judged, periods: int) -> pd.DataFrame:
    assert side.periods is not None
    within = side.periods[side.periods["period"] <= periods]
    actual, mean = (within.pivot_table(index="user_id", columns="period", values=name) for name in ("actual", "model"))
    a, m = actual.to_numpy(np.float64), mean.to_numpy(np.float64)
    return pd.DataFrame(
        {"deviance": user_deviance(a, m), "mae": np.abs(a.sum(axis=1) - m.sum(axis=1))}, index=actual.index
    )


def _brier(side: Judged) -> ByUser:
    assert side.users is not None
    users = side.users.set_index("user_id")
    return (users["p_active_horizon"].clip(0, 1) - (users["actual"] > 0)) ** 2


def _score_rows(sides: Sequence[Judged | None]) -> Iterator[Row]:
    """Compare shares and next items, user by user where that is worked out, else by the evaluations' own figures."""
    assert sides[0] is not None
    assert sides[0].evaluation is not None
    for task in sides[0].evaluation.tasks:
        if task.name == "counts":
            continue
        span = _span(sides[0], task.name)
        fit = [side if side is not None and _span(side, task.name) == span else None for side in sides]
        if any(side is not None and side.scores is None for side in fit):
            yield _pending(task.name, task.measure, fit)
            continue
        values = [None if side is None else _of_task(side, task.name) for side in fit]
        if values[0] is not None and len(values[0]):
            yield _row(task.name, task.measure, values, fit, same=True, lower=task.lower_is_better)


def _span(side: Judged, task: TaskName) -> object:
    """Return what must be the same of two runs whose values on a task compare."""
    scored = 0 if side.evaluation is None else side.evaluation.periods_scored
    if task == "shares":
        return side.held_out.groups, scored
    if side.held_out.split != "time":
        return side.held_out.split
    return min(RANKING_DAYS, scored * PERIOD_DAYS[side.held_out.period])


def _of_task(side: Judged, task: TaskName) -> ByUser:
    assert side.scores is not None
    return side.scores[side.scores["task"] == task].set_index("user_id")["value"]


def _row(  # noqa: PLR0913, PLR0917 - one measure of all runs
    task: TaskName,
    measure: str,
    values: Sequence[ByUser | None],
    sides: Sequence[Judged | None],
    same: bool,  # noqa: FBT001 - whether the evaluations judged the same periods
    lower: bool = True,  # noqa: FBT001, FBT002 - as above
) -> Row:
    common = reduce(lambda one, other: one.intersection(other), [v.index for v in values if v is not None])
    aligned = [None if value is None else value.loc[common].to_numpy(np.float64) for value in values]
    first, reference = aligned[0], sides[0]
    assert first is not None
    assert reference is not None
    baseline, baseline_value = _best_baseline(reference, task, measure, lower) if same else ("", None)
    return Row(
        task=task,
        measure=measure,
        lower_is_better=lower,
        users=len(common),
        values=tuple(None if part is None or not len(common) else float(part.mean()) for part in aligned),
        comparisons=tuple(
            compare(part, Losses(reference.name, first), measure, lower_is_better=lower)
            if at and part is not None and len(common)
            else None
            for at, part in enumerate(aligned)
        ),
        baseline=baseline,
        baseline_value=baseline_value,
    )


def _pending(name: TaskName, measure: str, sides: Sequence[Judged | None]) -> Row:
    tasks = [None if side is None or side.evaluation is None else side.evaluation.task(name) for side in sides]
    first = next(task for task in tasks if task is not None)
    assert sides[0] is not None
    baseline, value = _best_baseline(sides[0], name, measure, first.lower_is_better)
    return Row(
        task=name,
        measure=measure,
        lower_is_better=first.lower_is_better,
        users=first.users,
        values=tuple(None if task is None else task.model.scores.get(measure) for task in tasks),
        comparisons=tuple(None for _ in tasks),
        is_pending=True,
        baseline=baseline,
        baseline_value=value,
    )


def _best_baseline(side: Judged, name: TaskName, measure: str, lower: bool) -> tuple[str, float | None]:  # noqa: FBT001
    task = None if side.evaluation is None else side.evaluation.task(name)
    if task is None:
        return "", None
    scores = {
        method.name: value
        for method in task.methods
        if not method.is_model and (value := method.scores.get(measure)) is not None
    }
    if not scores:
        return "", None
    best = (min if lower else max)(scores, key=scores.__getitem__)
    return best, scores[best]


def _partly(sides: Sequence[Judged | None], periods: int) -> Iterator[str]:
    """Say what only partly compares."""
    present = [side for side in sides if side is not None and side.evaluation is not None]
    reference = present[0] if present else None
    if reference is None or reference.held_out.split != "time":
        return
    longer = [side.name for side in present if side.evaluation and side.evaluation.periods_scored > periods]
    if longer:
        yield (
            f"Activity is compared on the first {periods} {reference.held_out.period}s, which all of them forecast; "
            f"{' and '.join(longer)} {'looks' if len(longer) == 1 else 'look'} further ahead, so shares do not compare."
        )
    others = [side.name for side in present if side.held_out.groups != reference.held_out.groups]
    if others:
        yield (
            f"This log has no categories, and {' and '.join(others)} groups items by another language model than "
            f"{reference.name}: shares do not compare."
        )


def _day(instant: int) -> str:
    at = pd.Timestamp(instant, unit="us", tz="UTC")
    return f"{at.day} {at:%b %Y}"
