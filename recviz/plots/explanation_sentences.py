"""What an explanation shows, said in one sentence with its numbers."""

import math

import pandas as pd

from recviz.explain.explanation import EventShare, Explanation
from recviz.explain.trust import Trust
from recviz.language import tr
from recviz.plots.formats import count, counted, decimal, share, short_id, signed

SAME = 1e-3
"""Chances that lie no further apart are the same, worked out in two ways."""


def item_headline(title: str, user: str, rank: int | None, *, had_by_nobody: bool = False) -> str:
    """Ask why an item is where it is: "Why “Red cake stand” is first for user 17841"; a list of newcomers is named."""
    places = {
        None: tr("Why \u201c{title}\u201d is as likely as it is for user {user}"),
        1: tr("Why \u201c{title}\u201d is first for user {user}"),
        2: tr("Why \u201c{title}\u201d is second for user {user}"),
        3: tr("Why \u201c{title}\u201d is third for user {user}"),
    }
    if had_by_nobody and rank is not None:
        asked = tr("Why \u201c{title}\u201d is number {rank} for user {user} among items that nobody has had")
        return asked.format(title=title, rank=rank, user=short_id(user, 20))
    asked = places.get(rank, tr("Why \u201c{title}\u201d is number {rank} for user {user}"))
    return asked.format(title=title, rank=rank, user=short_id(user, 20))


def item_detail(
    probability: float,
    among_shown: float,
    value: float | None,
    effect: float | None,
    value_name: str,
    *,
    had_by_nobody: bool = False,
) -> str:
    """Say an item's numbers: chance at the next event (and among what the list shows), expected value, long-term effect."""
    if math.isclose(probability, among_shown, rel_tol=SAME):
        template = tr("{part} likely as the next event")
    elif had_by_nobody:
        template = tr("{part} likely as the next event, {among} among items that nobody has had")
    else:
        template = tr("{part} likely as the next event, {among} among new items")
    said = [template.format(part=share(probability), among=share(among_shown))]
    if value is not None:
        said.append(tr("{name} {value} expected").format(name=value_name or tr("value"), value=decimal(value)))
    if effect is not None:
        said.append(
            tr("taking it goes with {days} active days over the horizon (an association, not a cause)").format(
                days=signed(effect)
            )
        )
    return tr("; ").join(said)


def point_headline(user: str, what: str) -> str:
    """Ask why a point of a curve is where it is."""
    return tr("Why user {user} has this {what}").format(user=short_id(user, 20), what=what)


def point_detail(explanation: Explanation) -> str:
    """Say the point's own number, and what it would be without a history."""
    if explanation.unit != "nats":
        return tr("{score} {unit}; {empty} without a history").format(
            score=decimal(explanation.score), unit=tr(explanation.unit), empty=decimal(explanation.empty_score)
        )
    said = (
        tr("{n} active days expected: {times} times what is expected of a user without a history")
        if explanation.target.what == "activity"
        else tr("{n} events expected: {times} times what is expected of a user without a history")
    )
    return said.format(n=decimal(math.exp(explanation.score)), times=decimal(math.exp(explanation.difference)))


def what_if_finding(before: float, after: float) -> str:
    """Say how a changed history changes the expected activity."""
    if before <= 0:
        return tr("The likeliest items change as below")
    change = after / before - 1
    if abs(change) < 0.005:  # noqa: PLR2004 - what would read 0 %
        return tr("Expected activity stays at {before} active days").format(before=decimal(before))
    said = (
        tr("{part} more activity: {before} \u2192 {after} active days expected")
        if change > 0
        else tr("{part} less activity: {before} \u2192 {after} active days expected")
    )
    return said.format(part=share(abs(change)), before=decimal(before), after=decimal(after))


def item_moved(ranks: pd.DataFrame, item: str) -> str:
    """Say how a changed history moves one item; empty where it is not among the ranks.

    Args:
        ranks: ``item_id``, ``title``, ``rank_before``, ``rank_after``, and the chances ``before`` and ``after``.
        item: Its id.
    """
    mine = ranks[ranks["item_id"] == item].to_dict("records")
    if not mine:
        return ""
    said = tr("\u201c{title}\u201d: number {before} \u2192 {after}, {chance_before} \u2192 {chance_after} likely")
    return said.format(
        title=mine[0]["title"] or item,
        before=count(mine[0]["rank_before"]),
        after=count(mine[0]["rank_after"]),
        chance_before=share(mine[0]["before"]),
        chance_after=share(mine[0]["after"]),
    )


def push(explanation: Explanation, most: int = 3) -> str:
    """Say how few events carry how much: "because of 3 past events (78 % of the push)"."""
    leaders = leading_events(explanation, most)
    sign = explanation.sign_of_reasons
    total = sum(max(0.0, sign * event.value) for event in explanation.events)
    if not leaders or total <= 0:
        return tr("No past event speaks for it; what is left is what everybody does")
    part = sum(sign * event.value for event in leaders) / total
    return tr("Because of {events} ({part} of the push)").format(
        events=counted(len(leaders), "past event"), part=share(part, 0)
    )


def leading_events(explanation: Explanation, most: int = 3) -> tuple[EventShare, ...]:
    """Return the single events that speak most for the score, or for its being low where that is asked, at most ``most``."""
    sign = explanation.sign_of_reasons
    ranked = [event for event in explanation.ranked() if sign * event.value > 0 and not event.is_group]
    return tuple(ranked[:most])


def badge_words(trust: Trust) -> str:
    """Name the trust badge in plain words."""
    return {
        "faithful": tr("Faithful"),
        "weak": tr("Weakly supported"),
        "no better than random": tr("No better than random"),
        "too few events to tell": tr("Too few events to tell"),
    }[trust.badge]
