"""What an explanation, its trust, its contrasts and its counterfactuals say, in sentences with their numbers."""

import math
from collections.abc import Sequence

from recviz.explain.checks import sentence_of as checks_sentence_of
from recviz.explain.cohorts import CohortContrast
from recviz.explain.counterfactual import Counterfactual
from recviz.explain.drivers import Driver, Drivers
from recviz.explain.evidence import Evidence
from recviz.explain.explanation import Explanation
from recviz.explain.faithfulness import OVERRULED, figures_of, is_overruled
from recviz.explain.trust import Checks, Interval, Likeness, Trust
from recviz.language import mark, tr, tr_n
from recviz.plots.formats import count, decimal, share, short_id, signed

ALIKE, UNLIKE = 0.7, 0.3
"""Rank correlations from which values are called alike, and up to which they are called unlike."""
ADDS_UP = 0.05
"""Gaps up to which values are said to add up: by leave-one-out they need not."""
EVEN = 0.02
"""Differences in nats that read as nought."""
WHAT = {
    "removed": mark("taken out of the log"),
    "neutral": mark("left as events of no item"),
}


def contrast_headline(explanation: Explanation, first: str, second: str) -> str:
    """Ask why one of two numbers is the higher: "Why week 6 is below week 1 for user 17841".

    Args:
        explanation: Of the difference, first less second.
        first: What is asked about.
        second: What it is compared with.
    """
    if abs(explanation.score) < EVEN:
        asked = tr("Why {first} is as high as {second} for user {user}")
    elif explanation.score > 0:
        asked = tr("Why {first} is above {second} for user {user}")
    else:
        asked = tr("Why {first} is below {second} for user {user}")
    return asked.format(first=first, second=second, user=short_id(explanation.user_id, 20))


def contrast_detail(explanation: Explanation) -> str:
    """Say by how much the first is higher, and by how much it would be without a history."""
    if explanation.unit != "nats":
        return tr("{score} {unit} between the two; {empty} for a user without a history").format(
            score=signed(explanation.score), unit=tr(explanation.unit), empty=signed(explanation.empty_score)
        )
    return tr(
        "{times} what it is compared with; {empty} for a user without a history. "
        "The difference of the two comes from the past events."
    ).format(times=_times(explanation.score), empty=_times(explanation.empty_score))


def number_headline(title: str, user: str, what: str, when: str) -> str:
    """Ask why one of an item's numbers is what it is.

    Args:
        title: Of the item.
        user: User id.
        what: probability, value or effect.
        when: "in week 3", for a probability.
    """
    asked = {
        "probability": tr("Why \u201c{title}\u201d is as likely as it is {when} for user {user}"),
        "value": tr("Why this value is expected of \u201c{title}\u201d for user {user}"),
        "effect": tr("Why \u201c{title}\u201d has this long-term effect for user {user}"),
    }[what]
    return asked.format(title=title, when=when, user=short_id(user, 20))


def number_detail(explanation: Explanation) -> str:
    """Say an item's number, and what it would be without a history."""
    if explanation.unit == "nats":
        return tr("{score} likely; {empty} for a user without a history").format(
            score=share(math.exp(explanation.score)), empty=share(math.exp(explanation.empty_score))
        )
    if explanation.target.what == "value":
        return tr("{score} expected; {empty} for a user without a history").format(
            score=decimal(explanation.score), empty=decimal(explanation.empty_score)
        )
    said = (
        tr(
            "{score} {unit}; {empty} for a user without a history. "
            "An association that the model saw, not a promise of cause."
        )
        if explanation.target.what == "effect"
        else tr("{score} {unit}; {empty} for a user without a history.")
    )
    return said.format(
        score=signed(explanation.score), unit=tr(explanation.unit), empty=signed(explanation.empty_score)
    )


def how_well(trust: Trust) -> str:
    """Say how well the events add up to the whole."""
    adds_up = abs(trust.events_gap_share) <= ADDS_UP
    said = tr("adds up but for {gap}") if adds_up else tr("the single events miss it by {gap}")
    return said.format(gap=share(abs(trust.events_gap_share)))


def adding_up(trust: Trust) -> str:
    """Say what adds up to what, and how well."""
    said = (
        tr(
            "Past events add up to what they change together, but for {gap}; the parts of an event to the event exactly, "
            "of which the integral misses {parts} at most. A gap is measured against the difference or 0.1, whichever "
            "is larger."
        )
        if abs(trust.events_gap_share) <= ADDS_UP
        else tr(
            "Past events, taken like this, miss what they change together by {gap}; the parts of an event to the event "
            "exactly, of which the integral misses {parts} at most. A gap is measured against the difference or 0.1, "
            "whichever is larger."
        )
    )
    return said.format(gap=share(abs(trust.events_gap_share)), parts=share(trust.parts_gap_share))


def interval_words(interval: Interval | None, unit: str) -> str:
    """Write an interval: "+0.62 nats (95 %: +0.41 to +0.83)"."""
    if interval is None:
        return tr("too few events")
    return tr("{mean} {unit} (95 %: {low} to {high})").format(
        mean=signed(interval.mean), unit=tr(unit), low=signed(interval.low), high=signed(interval.high)
    )


def verdict_of(interval: Interval | None) -> str:
    """Say whether an interval is better than chance."""
    if interval is None:
        return ""
    if interval.is_above_zero:
        return tr("better than chance")
    return tr("worse than chance") if interval.high < 0 else tr("not told from chance")


def likeness_words(one: Likeness) -> str:
    """Write how alike two lists are: "rank correlation 0.92, 2 of the 3 largest shared"."""
    if one.correlation is None:
        return tr("too few to order; {part} of the largest three shared").format(part=share(one.shared_top, 0))
    return tr("{correlation}; {part} of the largest three shared").format(
        correlation=signed(one.correlation), part=share(one.shared_top, 0)
    )


def alike(correlation: float | None, *, should_differ: bool = False) -> str:
    """Judge a rank correlation in words."""
    if correlation is None:
        return tr("cannot be told")
    if correlation >= ALIKE:
        return tr("alike, though it should not be") if should_differ else tr("alike")
    if should_differ:
        return tr("otherwise, as it should be")
    return tr("otherwise") if correlation <= UNLIKE else tr("somewhat alike")


def checks_words(checks: Checks) -> str:
    """Say what all comparisons with other explanations come to."""
    return checks_sentence_of(checks.agreement, checks.stability, checks.randomised, tr)


def badge_sentence(explanation: Explanation) -> str:
    """Say the badge as what happens to the number, and what took trust away where that does not show it."""
    trust, said = explanation.trust, _figures(explanation)
    if is_overruled(trust.badge, trust.comprehensiveness, trust.sufficiency):
        return tr("{figures} {overruled}").format(figures=said, overruled=tr(OVERRULED))
    return said


def _figures(explanation: Explanation) -> str:
    """Say what removing and keeping the events named first does; as parts of the number where the score is a logarithm."""
    trust = explanation.trust
    if trust.comprehensiveness is None or trust.sufficiency is None:
        return tr("With fewer than two events there is no other order to compare with.")
    sign = explanation.sign_of_reasons
    if explanation.unit != "nats":
        return figures_of(trust.comprehensiveness, trust.sufficiency, explanation.unit, sign, tr)
    return tr(
        "Without the events named first it is {without} than without as many random ones; from them alone {alone} "
        "than from random ones."
    ).format(
        without=_further(math.expm1(-sign * trust.comprehensiveness.mean)),
        alone=_further(math.expm1(sign * trust.sufficiency.mean)),
    )


def without_words(found: Counterfactual, title: str) -> str:
    """Say what it would take for an item to fall out of the list."""
    if not found.exists:
        return tr(
            "Nothing in the past decides this: even without any history \u201c{title}\u201d would be number {rank}, "
            "within the first {places}."
        ).format(title=title, rank=count(found.rank_without), places=found.places)
    gone = len(found.positions)
    said = tr_n(
        "Without this past event, \u201c{title}\u201d would be number {rank_without} instead of {rank}: no longer among "
        "the first {places}.",
        "Without these {n} past events, \u201c{title}\u201d would be number {rank_without} instead of {rank}: no longer "
        "among the first {places}.",
        gone,
    ).format(
        n=count(gone), title=title, rank_without=count(found.rank_without), rank=count(found.rank), places=found.places
    )
    sure = (
        tr("No smaller set does it; {n} sets were tried.")
        if found.proven_smallest
        else tr("Perhaps a smaller set does it too; {n} sets were tried.")
    ).format(n=count(found.n_tried))
    return tr("{change} {sure}").format(change=said, sure=sure)


def evidence_words(found: Evidence, title: str) -> str:
    """Say whether users in a like state took the item more often than others."""
    n_like = len(found.similar)
    took = sum(one.took_item for one in found.similar)
    if not n_like:
        return tr("There is nobody to compare with.")
    if not title:
        return tr_n(
            "{n} user was once in the most similar state; below is what they did next.",
            "{n} users were once in the most similar state; below is what they did next.",
            n_like,
        ).format(n=count(n_like))
    return tr_n(
        "{took} of the {n} user who were once in the most similar state took \u201c{title}\u201d next; "
        "of all {compared} users {part} did.",
        "{took} of the {n} users who were once in the most similar state took \u201c{title}\u201d next; "
        "of all {compared} users {part} did.",
        n_like,
    ).format(
        took=took,
        n=count(n_like),
        title=title,
        compared=count(found.n_compared),
        part=share(found.share_of_everyone),
    )


def cohort_words(found: CohortContrast, label: str) -> str:
    """Say how a user differs from a cohort."""
    user = short_id(found.user_id, 20)
    if found.unit != "nats":
        return tr("User {user}: {score} {unit}; {cohort} on average: {cohort_score}").format(
            user=user,
            score=signed(found.score),
            unit=tr(found.unit),
            cohort=f"\u201c{label}\u201d",
            cohort_score=signed(found.cohort_score),
        )
    times = math.exp(found.difference)
    if abs(found.difference) < EVEN:
        said = tr("User {user} is where {cohort} is on average")
    elif times > 1:
        said = tr("User {user} is above {cohort}: {times} times their typical number")
    else:
        said = tr("User {user} is below {cohort}: {times} times their typical number")
    return said.format(user=user, cohort=f"\u201c{label}\u201d", times=decimal(times))


def drivers_words(found: Drivers) -> str:
    """Say what drives a number over many users."""
    said = [row for row in found.rows if row.is_text and any(map(str.isalnum, row.label))]  # a dash says nothing
    ups = [row for row in said if row.mean > 0][:3]
    downs = [row for row in said if row.mean < 0][:2]
    if ups and downs:
        told = tr("Over {users}: {ups} raise it most and {downs} lower it most")
    elif ups:
        told = tr("Over {users}: {ups} raise it most")
    elif downs:
        told = tr("Over {users}: {downs} lower it most")
    else:
        told = tr("Over {users}: nothing stands out")
    users = tr_n("{n} user", "{n} users", found.done).format(n=count(found.done))
    return told.format(users=users, ups=_quoted(ups), downs=_quoted(downs))


def _quoted(rows: Sequence[Driver]) -> str:
    return tr(", ").join(f"\u201c{row.label}\u201d" for row in rows)


def _further(part: float) -> str:
    said = tr("{part} higher") if part >= 0 else tr("{part} lower")
    return said.format(part=share(abs(part), 0))


def _times(difference: float) -> str:
    times = math.exp(difference)
    if times >= 0.1:  # noqa: PLR2004 - as one would say it
        return tr("{n} times").format(n=decimal(times))
    return tr("{part} of").format(part=share(times))
