"""Runs side by side, said in sentences: one place for the page and the command."""

from collections.abc import Sequence

import pandas as pd

from recviz.evaluate.comparison import Row, RunsCompared
from recviz.evaluate.result import Comparison, TaskName
from recviz.evaluate.value_task import CHANCE_MEASURE, NUMBER_MEASURE
from recviz.language import mark, tr
from recviz.plots.formats import count, counted, decimal, listed, share

MAIN: dict[TaskName, str] = {
    "counts": mark("activity"),
    "shares": mark("shares of categories"),
    "ranking": mark("next items"),
    "ranking_new": mark("new items"),
    "ranking_repeats": mark("repeats"),
    "ranking_cold": mark("items without a past"),
    "ranking_newcomers": mark("which items without a past come"),
    "value": mark("values"),
}
MEASURES: dict[tuple[TaskName, str], tuple[str, str]] = {
    ("counts", "deviance"): (mark("Activity, period by period"), mark("deviance; lower is better")),
    ("counts", "mae"): (mark("Active days in all"), mark("mean error in days; lower is better")),
    ("counts", "brier"): (mark("Chance to return"), mark("Brier score; lower is better")),
    ("shares", "log_loss_user"): (mark("Shares of categories"), mark("log-loss in nats; lower is better")),
    ("ranking", "ndcg@10"): (mark("Next items"), mark("NDCG of the first 10; higher is better")),
    ("ranking_new", "ndcg@10"): (mark("Next items new to the user"), mark("NDCG of the first 10; higher is better")),
    ("ranking_repeats", "ndcg@10"): (mark("Next items had before"), mark("NDCG of the first 10; higher is better")),
    ("ranking_cold", "ndcg@10"): (mark("Next items without a past"), mark("NDCG of the first 10; higher is better")),
    ("ranking_newcomers", "ndcg@10"): (
        mark("Which of the items without a past"),
        mark("NDCG of the first 10; higher is better"),
    ),
    ("value", NUMBER_MEASURE): (mark("Values"), mark("mean squared error by user; lower is better")),
    ("value", CHANCE_MEASURE): (mark("Values"), mark("log-loss by user in nats; lower is better")),
}
"""What a measure answers, and how it is measured."""
HEADLINE = {"deviance", "log_loss_user", "ndcg@10"}
"""Measures that a headline tells of: the main ones."""
NOT_IN_HEADLINE = {"ranking_repeats", "ranking_cold", "ranking_newcomers"}
"""Parts of other tasks."""


def measure_name(row: Row) -> str:
    """Say what a row compares."""
    return tr(MEASURES[row.task, row.measure][0])


def measure_unit(row: Row) -> str:
    """Say how it is measured and which way is better."""
    return tr(MEASURES[row.task, row.measure][1])


def difference_words(comparison: Comparison) -> str:
    """Say a difference with its interval; one inside the noise is said to be so."""
    if comparison.verdict == "no difference seen":
        words = tr("inside the noise (95 %: {low} to {high})")
    elif comparison.verdict == "better":
        words = tr("{gain} better (95 %: {low} to {high})")
    else:
        words = tr("{gain} worse (95 %: {low} to {high})")
    low, high = share(comparison.gain_low), share(comparison.gain_high)
    return words.format(gain=share(abs(comparison.gain)), low=low, high=high)


def cell_words(row: Row, at: int) -> str:
    """Say a run's value and how it differs from the first one's."""
    value, comparison = row.values[at], row.comparisons[at]
    if value is None:
        return tr("does not compare")
    if comparison is None:
        return decimal(value, 3)
    return tr("{number}, {difference}").format(number=decimal(value, 3), difference=difference_words(comparison))


def headline(found: RunsCompared, at: int = 1) -> str:
    """Say in a sentence how a run does against the first: what it does better, what worse, what is inside the noise.

    Args:
        found: The comparison.
        at: Place of the run.
    """
    ours, theirs = found.names[at], found.names[0]
    if not found.compares[at] or not found.compares[0]:
        return tr("The scores of {run} and {other} do not compare").format(run=ours, other=theirs)
    rows = [
        (tr(MAIN[row.task]), row.comparisons[at])
        for row in found.rows
        if row.measure in HEADLINE and row.task not in NOT_IN_HEADLINE
    ]
    told = [(what, comparison) for what, comparison in rows if comparison is not None]
    clauses = [
        (tr("{task} {gain} better") if comparison.verdict == "better" else tr("{task} {gain} worse")).format(
            task=what, gain=share(abs(comparison.gain)).replace(" %", "\u00a0%")
        )
        for what, comparison in told
        if comparison.verdict != "no difference seen"
    ]
    level = [what for what, comparison in told if comparison.verdict == "no difference seen"]
    if not told:
        words = (
            tr("How {run} does against {other} is being worked out")
            if found.is_pending
            else tr("Nothing was judged in both {run} and {other}")
        )
    elif not clauses:
        words = tr("{run} and {other} predict {tasks} alike: what differs is inside the noise")
    elif level:
        words = tr("{run} predicts {clauses} than {other}; {tasks}: inside the noise")
    else:
        words = tr("{run} predicts {clauses} than {other}")
    return words.format(run=ours, other=theirs, clauses=listed(clauses), tasks=listed(level))


def judged_words(found: RunsCompared) -> str:
    """Say what the runs are compared on."""
    users = max((row.users for row in found.rows), default=0)
    words = (
        tr(
            "Each is judged on the same {users} over {time} that it never saw. Intervals are of the difference user by "
            "user, by bootstrap: where one holds 0, the difference is inside the noise."
        )
        if found.periods
        else tr(
            "Each is judged on the same {users} that it never saw. Intervals are of the difference user by user, by "
            "bootstrap: where one holds 0, the difference is inside the noise."
        )
    )
    return words.format(users=counted(users, "user"), time=counted(found.periods, found.period))


def users_finding(table: pd.DataFrame, names: dict[str, str]) -> str:
    """Say for how many users the runs lie a day or more apart, and which is nearer to what happened there.

    Args:
        table: See `recviz.evaluate.comparison.differing_users`.
        names: Run -> its name.
    """
    apart = table[table["gap"] >= 1]
    if not len(apart):
        return tr("For no user do the runs lie a whole active day apart")
    words = tr("For {n} of {users} the runs lie a day or more apart")
    said = words.format(n=count(len(apart)), users=counted(len(table), "user"))
    wins = apart["nearest"].value_counts()
    wins = wins[wins.index != ""]
    if not len(wins):
        return said
    words = tr("{finding}; {run} is nearer to what happened for {part} of them")
    return words.format(finding=said, run=names[str(wins.index[0])], part=share(float(wins.iloc[0]) / len(apart)))


def user_finding(totals: Sequence[tuple[str, float]], actual: float | None, span: str) -> str:
    """Say what each run expects of a user, and what it really was.

    Args:
        totals: Name of a run and the active days that it expects, in order.
        actual: Active days in fact, where known.
        span: Which span is looked at, as `recviz.plots.sentences.span_words` says it.
    """
    each = tr("{run} expects {days}")
    said = listed([each.format(run=name, days=decimal(days)) for name, days in totals])
    if actual is None:
        return tr("{expected} active days {span}").format(expected=said, span=span)
    words = tr("{expected} active days {span}; really {days}")
    return words.format(expected=said, span=span, days=counted(actual, "day"))
