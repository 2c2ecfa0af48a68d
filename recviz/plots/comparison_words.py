"""Runs side by side, said in sentences: one place for the page and the command."""

from collections.abc import Sequence

import pandas as pd

from recviz.evaluate.comparison import Row, RunsCompared
from recviz.evaluate.result import Comparison, TaskName
from recviz.evaluate.value_task import CHANCE_MEASURE, NUMBER_MEASURE
from recviz.plots.formats import count, counted, decimal, share

MAIN: dict[TaskName, str] = {
    "counts": "activity",
    "shares": "shares of categories",
    "ranking": "next items",
    "ranking_new": "new items",
    "ranking_repeats": "repeats",
    "ranking_cold": "items without a past",
    "value": "values",
}
MEASURES: dict[tuple[TaskName, str], tuple[str, str]] = {
    ("counts", "deviance"): ("Activity, period by period", "deviance; lower is better"),
    ("counts", "mae"): ("Active days in all", "mean error in days; lower is better"),
    ("counts", "brier"): ("Chance to return", "Brier score; lower is better"),
    ("shares", "log_loss_user"): ("Shares of categories", "log-loss in nats; lower is better"),
    ("ranking", "ndcg@10"): ("Next items", "NDCG of the first 10; higher is better"),
    ("ranking_new", "ndcg@10"): ("Next items new to the user", "NDCG of the first 10; higher is better"),
    ("ranking_repeats", "ndcg@10"): ("Next items had before", "NDCG of the first 10; higher is better"),
    ("ranking_cold", "ndcg@10"): ("Next items without a past", "NDCG of the first 10; higher is better"),
    ("value", NUMBER_MEASURE): ("Values", "mean squared error by user; lower is better"),
    ("value", CHANCE_MEASURE): ("Values", "log-loss by user in nats; lower is better"),
}
"""What a measure answers, and how it is measured."""
HEADLINE = {"deviance", "log_loss_user", "ndcg@10"}
"""Measures that a headline tells of: the main ones."""
NOT_IN_HEADLINE = {"ranking_repeats", "ranking_cold"}
"""Parts of other tasks."""


def measure_name(row: Row) -> str:
    """Say what a row compares."""
    return MEASURES[row.task, row.measure][0]


def measure_unit(row: Row) -> str:
    """Say how it is measured and which way is better."""
    return MEASURES[row.task, row.measure][1]


def difference_words(comparison: Comparison) -> str:
    """Say a difference with its interval; one inside the noise is said to be so."""
    interval = f"95 %: {share(comparison.gain_low)} to {share(comparison.gain_high)}"
    if comparison.verdict == "no difference seen":
        return f"inside the noise ({interval})"
    return f"{share(abs(comparison.gain))} {comparison.verdict} ({interval})"


def cell_words(row: Row, at: int) -> str:
    """Say a run's value and how it differs from the first one's."""
    value, comparison = row.values[at], row.comparisons[at]
    if value is None:
        return "does not compare"
    if comparison is None:
        return decimal(value, 3)
    return f"{decimal(value, 3)}, {difference_words(comparison)}"


def headline(found: RunsCompared, at: int = 1) -> str:
    """Say in a sentence how a run does against the first: what it does better, what worse, what is inside the noise.

    Args:
        found: The comparison.
        at: Place of the run.
    """
    ours, theirs = found.names[at], found.names[0]
    if not found.compares[at] or not found.compares[0]:
        return f"The scores of {ours} and {theirs} do not compare"
    rows = [
        (MAIN[row.task], row.comparisons[at])
        for row in found.rows
        if row.measure in HEADLINE and row.task not in NOT_IN_HEADLINE
    ]
    told = [(what, comparison) for what, comparison in rows if comparison is not None]
    clauses = [
        f"{what} {share(abs(comparison.gain))} {comparison.verdict}".replace(" %", "\u00a0%")
        for what, comparison in told
        if comparison.verdict != "no difference seen"
    ]
    level = [what for what, comparison in told if comparison.verdict == "no difference seen"]
    if not clauses:
        return f"{ours} and {theirs} predict {_joined(level)} alike: what differs is inside the noise"
    rest = f"; {_joined(level)}: inside the noise" if level else ""
    return f"{ours} predicts {_joined(clauses)} than {theirs}{rest}"


def judged_words(found: RunsCompared) -> str:
    """Say what the runs are compared on."""
    users = max((row.users for row in found.rows), default=0)
    over = f" over {counted(found.periods, found.period)}" if found.periods else ""
    return (
        f"Each is judged on the same {counted(users, 'user')}{over} that it never saw. Intervals are of the difference "
        "user by user, by bootstrap: where one holds 0, the difference is inside the noise."
    )


def users_finding(table: pd.DataFrame, names: dict[str, str]) -> str:
    """Say for how many users the runs lie a day or more apart, and which is nearer to what happened there.

    Args:
        table: See `recviz.evaluate.comparison.differing_users`.
        names: Run -> its name.
    """
    apart = table[table["gap"] >= 1]
    if not len(apart):
        return "For no user do the runs lie a whole active day apart"
    said = f"For {count(len(apart))} of {counted(len(table), 'user')} the runs lie a day or more apart"
    wins = apart["nearest"].value_counts()
    wins = wins[wins.index != ""]
    if not len(wins):
        return said
    return f"{said}; {names[str(wins.index[0])]} is nearer to what happened for {share(float(wins.iloc[0]) / len(apart))} of them"


def user_finding(totals: Sequence[tuple[str, float]], actual: float | None, span: str) -> str:
    """Say what each run expects of a user, and what it really was.

    Args:
        totals: Name of a run and the active days that it expects, in order.
        actual: Active days in fact, where known.
        span: Which span is looked at, as `recviz.plots.sentences.span_words` says it.
    """
    said = _joined([f"{name} expects {decimal(days)}" for name, days in totals])
    return f"{said} active days {span}" + (f"; really {counted(actual, 'day')}" if actual is not None else "")


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
