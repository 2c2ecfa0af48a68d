"""What an explanation, its trust, its contrasts and its counterfactuals say, in sentences with their numbers."""

import math
from collections.abc import Sequence

from recviz.explain.cohorts import CohortContrast
from recviz.explain.counterfactual import Counterfactual
from recviz.explain.drivers import Drivers
from recviz.explain.evidence import Evidence
from recviz.explain.explanation import Explanation
from recviz.explain.trust import Interval, Likeness, Trust
from recviz.plots.formats import count, counted, decimal, share, short_id, signed

ALIKE, UNLIKE = 0.7, 0.3
"""Rank correlations from which values are called alike, and up to which they are called unlike."""
ADDS_UP = 0.05
"""Gaps up to which values are said to add up: by leave-one-out they need not."""
EVEN = 0.02
"""Differences in nats that read as nought."""
WHAT = {
    "removed": "taken out of the log",
    "neutral": "left as events of no item",
}


def contrast_headline(explanation: Explanation, first: str, second: str) -> str:
    """Ask why one of two numbers is the higher: "Why week 6 is below week 1 for user 17841".

    Args:
        explanation: Of the difference, first less second.
        first: What is asked about.
        second: What it is compared with.
    """
    side = "is as high as" if abs(explanation.score) < EVEN else "is above" if explanation.score > 0 else "is below"
    return f"Why {first} {side} {second} for user {short_id(explanation.user_id, 20)}"


def contrast_detail(explanation: Explanation) -> str:
    """Say by how much the first is higher, and by how much it would be without a history."""
    if explanation.unit != "nats":
        return (
            f"{signed(explanation.score)} {explanation.unit} between the two; {signed(explanation.empty_score)} for a "
            "user without a history"
        )
    return (
        f"{_times(explanation.score)} the second; {_times(explanation.empty_score)} for a user without a history. "
        f"The difference of the two comes from the past events."
    )


def number_headline(title: str, user: str, what: str, when: str) -> str:
    """Ask why one of an item's numbers is what it is.

    Args:
        title: Of the item.
        user: User id.
        what: probability, value or effect.
        when: "in week 3", for a probability.
    """
    asked = {
        "probability": f"\u201c{title}\u201d is as likely as it is {when}",
        "value": f"this value is expected of \u201c{title}\u201d",
        "effect": f"\u201c{title}\u201d has this long-term effect",
    }[what]
    return f"Why {asked} for user {short_id(user, 20)}"


def number_detail(explanation: Explanation) -> str:
    """Say an item's number, and what it would be without a history."""
    if explanation.unit == "nats":
        return (
            f"{share(math.exp(explanation.score))} likely; {share(math.exp(explanation.empty_score))} for a user "
            "without a history"
        )
    promise = " An association that the model saw, not a promise of cause." * (explanation.target.what == "effect")
    return (
        f"{signed(explanation.score)} {explanation.unit}; {signed(explanation.empty_score)} for a user without a "
        f"history.{promise}"
    )


def how_well(trust: Trust) -> str:
    """Say how well the events add up to the whole."""
    gap = share(abs(trust.events_gap_share))
    return f"adds up within {gap}" if abs(trust.events_gap_share) <= ADDS_UP else f"the single events miss it by {gap}"


def adding_up(trust: Trust) -> str:
    """Say what adds up to what, and how well."""
    gap = share(abs(trust.events_gap_share))
    events = (
        f"Past events add up to what they change together within {gap}"
        if abs(trust.events_gap_share) <= ADDS_UP
        else f"Past events, taken like this, miss what they change together by {gap}"
    )
    return (
        f"{events}; the parts of "
        f"an event to the event exactly, of which the integral misses {share(trust.parts_gap_share)} at most. A gap is "
        "measured against the difference or 0.1, whichever is larger."
    )


def interval_words(interval: Interval | None, unit: str) -> str:
    """Write an interval: "+0.62 nats (95 %: +0.41 to +0.83)"."""
    if interval is None:
        return "too few events"
    return f"{signed(interval.mean)} {unit} (95 %: {signed(interval.low)} to {signed(interval.high)})"


def verdict_of(interval: Interval | None) -> str:
    """Say whether an interval is better than chance."""
    if interval is None:
        return ""
    if interval.is_above_zero:
        return "better than chance"
    return "worse than chance" if interval.high < 0 else "not told from chance"


def likeness_words(one: Likeness) -> str:
    """Write how alike two lists are: "rank correlation 0.92, 2 of the 3 largest shared"."""
    shared = f"{share(one.shared_top, 0)} of the largest three shared"
    return f"too few to order; {shared}" if one.correlation is None else f"{signed(one.correlation)}; {shared}"


def alike(correlation: float | None, *, should_differ: bool = False) -> str:
    """Judge a rank correlation in words."""
    if correlation is None:
        return "cannot be told"
    if correlation >= ALIKE:
        return "alike, though it should not be" if should_differ else "alike"
    if should_differ:
        return "otherwise, as it should be"
    return "otherwise" if correlation <= UNLIKE else "somewhat alike"


def badge_sentence(explanation: Explanation) -> str:
    """Say the badge as what happens to the number, where the score is a logarithm."""
    trust = explanation.trust
    if trust.comprehensiveness is None or trust.sufficiency is None:
        return "With fewer than two events there is no other order to compare with."
    if explanation.unit != "nats":
        return trust.sentence
    less = 1 - math.exp(-trust.comprehensiveness.mean)
    more = math.exp(trust.sufficiency.mean) - 1
    lower = "lower" if less >= 0 else "higher"
    higher = "higher" if more >= 0 else "lower"
    return (
        f"Without the events named first it is {share(abs(less), 0)} {lower} than without as many random ones; from "
        f"them alone {share(abs(more), 0)} {higher} than from random ones."
    )


def without_words(found: Counterfactual, title: str) -> str:
    """Say what it would take for an item to fall out of the list."""
    out_of = f"the first {found.places}"
    if not found.exists:
        return (
            f"Nothing in the past decides this: even without any history \u201c{title}\u201d would be number "
            f"{count(found.rank_without)}, within {out_of}."
        )
    gone = len(found.positions)
    events = "this past event" if gone == 1 else f"these {counted(gone, 'past event')}"
    sure = "No smaller set does it" if found.proven_smallest else "Perhaps a smaller set does it too"
    return (
        f"Without {events}, \u201c{title}\u201d would be number {count(found.rank_without)} instead of "
        f"{count(found.rank)}: no longer among {out_of}. {sure}; {count(found.n_tried)} sets were tried."
    )


def evidence_words(found: Evidence, title: str) -> str:
    """Say whether users in a like state took the item more often than others."""
    n_like = len(found.similar)
    took = sum(one.took_item for one in found.similar)
    if not n_like:
        return "There is nobody to compare with."
    if not title:
        return f"{counted(n_like, 'user')} were once in the most similar state; below is what they did next."
    return (
        f"{took} of the {counted(n_like, 'user')} who were once in the most similar state took \u201c{title}\u201d "
        f"next; of all {count(found.n_compared)} users {share(found.share_of_everyone)} did."
    )


def cohort_words(found: CohortContrast, label: str) -> str:
    """Say how a user differs from a cohort."""
    who = f"User {short_id(found.user_id, 20)}"
    if found.unit != "nats":
        return f"{who}: {signed(found.score)} {found.unit}; {label} on average: {signed(found.cohort_score)}"
    times = math.exp(found.difference)
    if abs(found.difference) < EVEN:
        return f"{who} is where {label} is on average"
    side = "above" if times > 1 else "below"
    return f"{who} is {side} {label}: {decimal(times)} times their typical number"


def drivers_words(found: Drivers) -> str:
    """Say what drives a number over many users."""
    said = [row for row in found.rows if row.is_text]
    ups = [row.label for row in said if row.mean > 0][:3]
    downs = [row.label for row in said if row.mean < 0][:2]
    told = " and ".join(
        part
        for part in (
            f"{_quoted(ups)} raise it most" if ups else "",
            f"{_quoted(downs)} lower it most" if downs else "",
        )
        if part
    )
    who = f"Over {counted(found.done, 'user')}"
    return f"{who}: {told or 'nothing stands out'}"


def _quoted(labels: Sequence[str]) -> str:
    return ", ".join(f"\u201c{label}\u201d" for label in labels)


def _times(difference: float) -> str:
    times = math.exp(difference)
    return f"{decimal(times)} times" if times >= 0.1 else f"{share(times)} of"  # noqa: PLR2004 - as one would say it
