"""Runs side by side: what each was judged on, whether that compares, and what a comparison found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.split import Period
from recviz.evaluate.result import Comparison, Evaluation, TaskName

Floats = NDArray[np.float64]
COMPARED = ("difference", "low", "high", "gain", "gain_low", "gain_high", "verdict")
"""What a table takes over from a comparison."""


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
    """What the groups depend on whose shares are judged: "" for the log's own categories, else what reads the texts."""


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


def no_backtest(one: Judged) -> str:
    """Say that a run was not judged."""
    return f"{one.name} has no backtest, so it has no scores to compare."


def obstacle(reference: Judged, other: Judged) -> str:
    """Say why two runs' scores do not compare; "" where they do."""
    ours, theirs = reference.held_out, other.held_out
    pair = f"{other.name} and {reference.name}"
    if ours.log != theirs.log:
        return f"{pair} learnt from different logs: nothing about them compares but their settings."
    if ours.split != theirs.split:
        return (
            f"{pair} hold out different things, a stretch of time and each user's last event: their scores do not "
            "compare."
        )
    if ours.instant != theirs.instant:
        return (
            f"{pair} look ahead from different days, {_day(theirs.instant)} and {_day(ours.instant)}: what they were "
            "judged on differs, so their scores do not compare. Their curves from the end of the log do."
        )
    if ours.period != theirs.period:
        return (
            f"{other.name} forecasts by the {theirs.period} and {reference.name} by the {ours.period}: their scores "
            "do not compare."
        )
    return no_backtest(other) if other.evaluation is None else ""


def comparison_table(found: RunsCompared) -> pd.DataFrame:
    """Return every number of a comparison, a row each measure and run, in the order in which they are shown.

    Returns:
        ``task, measure, lower_is_better, users, run, name, value`` and, against the first run, ``difference, low, high``
        (95 %, in the measure's own unit), ``gain, gain_low, gain_high`` (above 0 speaks for the run), ``verdict``;
        missing where nothing compares.
    """
    rows = [
        {
            "task": row.task, "measure": row.measure, "lower_is_better": row.lower_is_better, "users": row.users,
            "run": run, "name": name, "value": value,
            **({} if said is None else {key: getattr(said, key) for key in COMPARED}),
        }
        for row in found.rows
        for run, name, value, said in zip(found.runs, found.names, row.values, row.comparisons, strict=True)
    ]  # fmt: skip
    head = ["task", "measure", "lower_is_better", "users", "run", "name", "value"]
    return pd.DataFrame(rows, columns=[*head, *COMPARED])


def differing_users(periods: Mapping[str, pd.DataFrame], count: int) -> pd.DataFrame:
    """Order users by how far the runs' expected active days lie apart, furthest first.

    Args:
        periods: Run -> its table of users and periods: ``user_id, period, model`` and, where it is known, ``actual``.
        count: Periods that all of them have.

    Returns:
        ``user_id``, ``gap`` (days), ``actual`` (missing where not known), ``nearest`` (the run that was nearest to what
        happened, "" where it is not known or several were) and, for each run, ``expected_RUN`` (days). Users
        whom not all runs know are left out.
    """
    columns: dict[str, pd.Series] = {}
    known = all("actual" in frame for frame in periods.values())
    for run, frame in periods.items():
        within = frame[frame["period"] <= count].sort_values(["user_id", "period"], kind="stable")
        by_user = within.groupby("user_id", sort=True)
        columns[f"expected_{run}"] = by_user["model"].sum()
        if known:
            columns["actual"] = by_user["actual"].sum()
    table = pd.DataFrame(columns).dropna()
    expected = table[[f"expected_{run}" for run in periods]].to_numpy(np.float64)
    table["gap"] = expected.max(axis=1) - expected.min(axis=1)
    table["nearest"] = _nearest(list(periods), expected, table["actual"].to_numpy(np.float64)) if known else ""
    if not known:
        table["actual"] = np.nan
    ordered = table.iloc[np.argsort(-table["gap"].to_numpy(), kind="stable")]
    return ordered.rename_axis("user_id").reset_index()


def _nearest(runs: Sequence[str], expected: Floats, actual: Floats) -> list[str]:
    error = np.abs(expected - actual[:, None])
    best = error.min(axis=1, keepdims=True)
    alone = (error <= best + 1e-9).sum(axis=1) == 1
    return [runs[at] if only else "" for at, only in zip(error.argmin(axis=1), alone, strict=True)]


def _day(instant: int) -> str:
    at = pd.Timestamp(instant, unit="us", tz="UTC")
    return f"{at.day} {at:%b %Y}"
