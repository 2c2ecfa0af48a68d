"""What a curve or an explanation shows, said in one sentence with its numbers: headlines, titles, alternatives."""

import math

import numpy as np
from numpy.typing import NDArray

from recviz.explain.explanation import EventShare, Explanation
from recviz.explain.trust import Trust
from recviz.forecast.cohorts import CohortView
from recviz.forecast.topic_view import TopicView
from recviz.forecast.user_view import CategoryCurve, UserView
from recviz.plots.formats import count, counted, day, decimal, share, short_id, signed

LEVEL_CHANGE = 0.15
"""A change of a rate by less than this part counts as none."""

Floats = NDArray[np.float64]


def span_words(horizon: int, period: str, origin: str, instant: int) -> str:
    """Say which span is looked at: "in the next 13 weeks", or for a backtest "in the 13 weeks from 10 Sep 2011"."""
    spans = counted(horizon, period)
    return f"in the {spans} from {day(instant)}" if origin == "cut" else f"in the next {spans}"


def user_headline(view: UserView) -> str:
    """Say how active the user will be, with the 80 % band."""
    low, high = view.total_bands[1], view.total_bands[5]
    days = "1 day" if round(view.total_mean) == 1 else f"{_about(view.total_mean)} days"
    span = span_words(len(view.mean), view.period, view.origin, view.instant)
    return f"User {short_id(view.user_id, 20)} is likely to be active on about {days} {span} (80\u00a0%: {count(low)} to {count(high)})"


def user_detail(view: UserView) -> str:
    """Say the rest: the chance of no return, the depth, and what really was."""
    said = [
        f"{share(1 - view.p_active_horizon)} may not return at all",
        f"about {_about(view.depth)} events on an active day",
    ]
    if view.total_actual is not None:
        said.append(f"really active on {counted(view.total_actual, 'day')}")
    elif view.actual is not None:
        said.append("the log ends before the span does")
    if not view.events:
        said.insert(0, "no history at this origin, so this is everybody's curve")
    told = "; ".join(said)
    return told[:1].upper() + told[1:]


def activity_finding(view: UserView) -> str:
    """Say how the expected rate compares with the recent one."""
    expected = float(view.mean.mean())
    rate = f"{_rate(expected)} active days a {view.period}"
    if not view.events:
        return f"Without a history: everybody's curve, {rate}"
    return f"{_trend(expected, view.recent_rate)}: {rate} expected, {_rate(view.recent_rate)} lately"


def topic_finding(view: TopicView, period: str) -> str:
    """Say how much of the topic to expect, and when it rises."""
    expected = float(view.mean.mean())
    horizon = len(view.mean)
    recent = float(view.past[-horizon:].mean()) if len(view.past) else 0.0
    rise = rise_of(view.mean, recent)
    when = f", rising from {period} {rise}" if rise and expected > recent else ""
    return (
        f"\u201c{view.text}\u201d: {_rate(expected * horizon)} events expected in {counted(horizon, period)} "
        f"({share(view.share)} of all){when}"
    )


def category_change(curve: CategoryCurve, period: str) -> str:
    """Say how a category changes, events a period: "0.1 → 0.6 a week, rises from week 8"."""
    expected = float(curve.mean.mean())
    recent = expected - curve.change
    words = f"{_rate(max(recent, 0.0))} \u2192 {_rate(expected)} a {period}"
    rise = rise_of(curve.mean, max(recent, 0.0))
    return f"{words}, rises from {period} {rise}" if rise and rise > 1 and curve.change > 0 else words


def categories_finding(view: UserView) -> str:
    """Say which category changes most, and which leads."""
    if not view.categories:
        return "No category yet"
    first = view.categories[0]
    leader = max(view.categories, key=lambda curve: curve.share)
    verb = "rises" if first.change > 0 else "falls"
    if first is leader:
        return f"{first.label} {verb} most and leads with {share(leader.share)} of what is expected"
    rise = rise_of(first.mean, float(first.mean.mean()) - first.change)
    when = f" from {view.period} {rise}" if verb == "rises" and rise and rise > 1 else ""
    return f"{first.label} {verb} most{when}; {leader.label} leads with {share(leader.share)} of what is expected"


def cohort_finding(view: CohortView) -> str:
    """Say predicted against actual for a segment."""
    users = counted(len(view.segment), "user")
    label = view.segment.label
    expected = f"{label[:1].upper()}{label[1:]}: {count(view.total_mean)} active days expected of {users}"
    low, high = count(view.total_bands[1]), count(view.total_bands[5])
    if view.actual is None or np.isnan(view.actual).any():
        return f"{expected} (80 %: {low} to {high})"
    actual = float(view.actual.sum())
    inside = "inside" if view.total_bands[1] <= actual <= view.total_bands[5] else "outside"
    return f"{expected}, really {count(actual)}: {inside} the 80 % band ({low} to {high})"


def cohort_weeks(view: CohortView, period: str) -> str:
    """Say in how many periods the real number was inside the band."""
    if view.actual is None:
        return f"About {count(float(view.mean.mean()))} active days a {period} expected of {view.segment.label}"
    known = ~np.isnan(view.actual)
    low, high = view.bands[known, 1], view.bands[known, 5]
    inside = int(((low <= view.actual[known]) & (view.actual[known] <= high)).sum())
    return f"What really happened is inside the 80 % band in {inside} of {counted(int(known.sum()), period)}"


def rise_of(mean: Floats, level: float) -> int | None:
    """Return the first period (1 to K) in which a curve is more than halfway from its level to its peak, if it rises."""
    peak = float(mean.max(initial=0.0))
    if peak <= level * (1 + LEVEL_CHANGE) or peak <= 0:
        return None
    return int(np.argmax(mean >= (level + peak) / 2)) + 1


def item_headline(title: str, user: str, rank: int | None) -> str:
    """Ask why an item is where it is: "Why “Red cake stand” is first for user 17841"."""
    places = {1: "first", 2: "second", 3: "third"}
    where = f"is {places.get(rank, f'number {rank}')}" if rank else "is as likely as it is"
    return f"Why \u201c{title}\u201d {where} for user {short_id(user, 20)}"


def item_detail(probability: float, value: float | None, effect: float | None, value_name: str) -> str:
    """Say an item's numbers: chance at the next event, expected value, long-term effect."""
    said = [f"{share(probability)} likely as the next event"]
    if value is not None:
        said.append(f"{value_name or 'value'} {decimal(value)} expected")
    if effect is not None:
        said.append(f"taking it goes with {signed(effect)} active days over the horizon (an association, not a cause)")
    return "; ".join(said)


def point_headline(user: str, what: str) -> str:
    """Ask why a point of a curve is where it is."""
    return f"Why user {short_id(user, 20)} has this {what}"


def point_detail(explanation: Explanation) -> str:
    """Say the point's own number, and what it would be without a history."""
    if explanation.unit != "nats":
        return f"{decimal(explanation.score)} {explanation.unit}; {decimal(explanation.empty_score)} without a history"
    factor = math.exp(explanation.difference)
    score = math.exp(explanation.score)
    what = "active days" if "active days" in explanation.scalar else "events"
    return f"{decimal(score)} {what} expected: {decimal(factor)} times what is expected of a user without a history"


def what_if_finding(before: float, after: float) -> str:
    """Say how a changed history changes the expected activity."""
    if before <= 0:
        return "The likeliest items change as below"
    change = after / before - 1
    side = "more" if change > 0 else "less"
    if abs(change) < 0.005:  # noqa: PLR2004 - what would read 0 %
        return f"Expected activity stays at {decimal(before)} active days"
    return f"{share(abs(change))} {side} activity: {decimal(before)} \u2192 {decimal(after)} active days expected"


def push(explanation: Explanation, most: int = 3) -> str:
    """Say how few events carry how much: "because of 3 past events (78 % of the push)"."""
    leaders = leading_events(explanation, most)
    total = sum(event.value for event in explanation.events if event.value > 0)
    if not leaders or total <= 0:
        return "No past event speaks for it; what is left is what everybody does"
    part = sum(event.value for event in leaders) / total
    return f"Because of {counted(len(leaders), 'past event')} ({share(part, 0)} of the push)"


def leading_events(explanation: Explanation, most: int = 3) -> tuple[EventShare, ...]:
    """Return the single events that speak for the score most, at most ``most``."""
    ranked = [event for event in explanation.ranked() if event.value > 0 and not event.is_group]
    return tuple(ranked[:most])


def sums_up(explanation: Explanation) -> str:
    """Say how well the events add up to the whole."""
    return f"adds up within {share(abs(explanation.trust.events_gap_share))}"


def badge_words(trust: Trust) -> str:
    """Name the trust badge in plain words."""
    return {
        "faithful": "Faithful",
        "weak": "Weakly supported",
        "no better than random": "No better than random",
        "too few events to tell": "Too few events to tell",
    }[trust.badge]


def _trend(expected: float, recent: float) -> str:
    if expected > recent * (1 + LEVEL_CHANGE):
        return "More active than lately"
    return "Less active than lately" if expected < recent * (1 - LEVEL_CHANGE) else "As active as lately"


def _about(number: float) -> str:
    return count(number) if number >= 2 else decimal(number, 1)  # noqa: PLR2004 - below it, a half day matters


def _rate(number: float) -> str:
    return decimal(number) if number > 0 else "0"
