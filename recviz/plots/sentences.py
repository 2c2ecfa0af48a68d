"""What a curve shows, said in one sentence with its numbers: headlines, titles, alternatives."""

import numpy as np
from numpy.typing import NDArray

from recviz.forecast.cohorts import CohortView
from recviz.forecast.topic_view import TopicView
from recviz.forecast.user_view import CategoryCurve, UserView
from recviz.language import tr, tr_n
from recviz.plots.formats import count, counted, day, decimal, share, short_id

LEVEL_CHANGE = 0.15
"""A change of a rate by less than this part counts as none."""

Floats = NDArray[np.float64]


def span_words(horizon: int, period: str, origin: str, instant: int) -> str:
    """Say which span is looked at: "in the next 13 weeks", or for a backtest "in the 13 weeks from 10 Sep 2011"."""
    spans = counted(horizon, period)
    if origin == "cut":
        return tr("in the {spans} from {day}").format(spans=spans, day=day(instant))
    return tr("in the next {spans}").format(spans=spans)


def user_headline(view: UserView) -> str:
    """Say how active the user will be, with the 80 % band."""
    low, high = view.total_bands[1], view.total_bands[5]
    one_day = round(view.total_mean) == 1
    return tr_n(
        "User {user} is likely to be active on about {days} day {span} (80\u00a0%: {low} to {high})",
        "User {user} is likely to be active on about {days} days {span} (80\u00a0%: {low} to {high})",
        1 if one_day else 2,
    ).format(
        user=short_id(view.user_id, 20),
        days="1" if one_day else _about(view.total_mean),
        span=span_words(len(view.mean), view.period, view.origin, view.instant),
        low=count(low),
        high=count(high),
    )


def user_detail(view: UserView) -> str:
    """Say the rest: the chance of no return, the depth, what the baseline expects, and what really was."""
    said = [
        tr("{part} may not return at all").format(part=share(1 - view.p_active_horizon)),
        tr("about {n} events on an active day").format(n=_about(view.depth)),
    ]
    if view.baseline is not None:
        said.append(
            tr("{baseline} expects about {days} days").format(
                baseline=tr(view.baseline_name), days=_about(float(view.baseline.sum()))
            )
        )
    if view.total_actual is not None:
        said.append(tr("really active on {days}").format(days=counted(view.total_actual, "day")))
    elif view.actual is not None and np.isfinite(view.actual).any():
        said.append(tr("the log ends before the span does"))
    if not view.events:
        said.insert(0, tr("no history at this origin, so this is everybody's curve"))
    told = tr("; ").join(said)
    return told[:1].upper() + told[1:]


def activity_finding(view: UserView) -> str:
    """Say how the expected rate compares with the recent one."""
    expected = float(view.mean.mean())
    period = tr(view.period)
    if not view.events:
        return tr("Without a history: everybody's curve, {rate} active days a {period}").format(
            rate=_rate(expected), period=period
        )
    return tr("{trend}: {rate} active days a {period} expected, {recent} lately").format(
        trend=_trend(expected, view.recent_rate),
        rate=_rate(expected),
        period=period,
        recent=_rate(view.recent_rate),
    )


def topic_finding(view: TopicView, period: str) -> str:
    """Say how much of the topic to expect, and when it rises."""
    expected = float(view.mean.mean())
    horizon = len(view.mean)
    recent = float(view.past[-horizon:].mean()) if len(view.past) else 0.0
    rise = rise_of(view.mean, recent)
    said = (
        tr("\u201c{topic}\u201d: {n} events expected in {spans} ({part} of all), rising from {period} {rise}")
        if rise and expected > recent
        else tr("\u201c{topic}\u201d: {n} events expected in {spans} ({part} of all)")
    )
    return said.format(
        topic=view.text,
        n=_rate(expected * horizon),
        spans=counted(horizon, period),
        part=share(view.share),
        period=tr(period),
        rise=rise,
    )


def category_change(curve: CategoryCurve, period: str) -> str:
    """Say how a category changes, events a period: "0.1 → 0.6 a week, rises from week 8"."""
    expected = float(curve.mean.mean())
    recent = expected - curve.change
    rise = rise_of(curve.mean, max(recent, 0.0))
    said = (
        tr("{before} \u2192 {after} a {period}, rises from {period} {rise}")
        if rise and rise > 1 and curve.change > 0
        else tr("{before} \u2192 {after} a {period}")
    )
    return said.format(before=_rate(max(recent, 0.0)), after=_rate(expected), period=tr(period), rise=rise)


def categories_finding(view: UserView) -> str:
    """Say which category changes most, and which leads."""
    if not view.categories:
        return tr("No category yet")
    first = view.categories[0]
    leader = max(view.categories, key=lambda curve: curve.share)
    rise = rise_of(first.mean, float(first.mean.mean()) - first.change)
    if first is leader:
        said = (
            tr("{first} rises most and leads with {part} of what is expected")
            if first.change > 0
            else tr("{first} falls most and leads with {part} of what is expected")
        )
    elif first.change <= 0:
        said = tr("{first} falls most; {leader} leads with {part} of what is expected")
    elif rise and rise > 1:
        said = tr("{first} rises most from {period} {rise}; {leader} leads with {part} of what is expected")
    else:
        said = tr("{first} rises most; {leader} leads with {part} of what is expected")
    return said.format(
        first=first.label, leader=leader.label, part=share(leader.share), period=tr(view.period), rise=rise
    )


def cohort_finding(view: CohortView) -> str:
    """Say predicted against actual for a segment."""
    users = counted(len(view.segment), "user")
    label = view.segment.told
    actual = None if view.actual is None or np.isnan(view.actual).any() else float(view.actual.sum())
    if actual is None:
        said = tr("{cohort}: {n} active days expected of {users} (80 %: {low} to {high})")
    elif view.total_bands[1] <= actual <= view.total_bands[5]:
        said = tr(
            "{cohort}: {n} active days expected of {users}, really {actual}: inside the 80 % band ({low} to {high})"
        )
    else:
        said = tr(
            "{cohort}: {n} active days expected of {users}, really {actual}: outside the 80 % band ({low} to {high})"
        )
    return said.format(
        cohort=f"{label[:1].upper()}{label[1:]}",
        n=count(view.total_mean),
        users=users,
        low=count(view.total_bands[1]),
        high=count(view.total_bands[5]),
        actual="" if actual is None else count(actual),
    )


def cohort_weeks(view: CohortView, period: str) -> str:
    """Say in how many periods the real number was inside the band."""
    if view.actual is None:
        return tr("{cohort}: about {n} active days a {period} expected").format(
            n=count(float(view.mean.mean())), period=tr(period), cohort=view.segment.told
        )
    known = ~np.isnan(view.actual)
    low, high = view.bands[known, 1], view.bands[known, 5]
    inside = int(((low <= view.actual[known]) & (view.actual[known] <= high)).sum())
    return tr("What really happened is inside the 80 % band in {inside} of {spans}").format(
        inside=inside, spans=counted(int(known.sum()), period)
    )


def rise_of(mean: Floats, level: float) -> int | None:
    """Return the first period (1 to K) in which a curve is more than halfway from its level to its peak, if it rises."""
    peak = float(mean.max(initial=0.0))
    if peak <= level * (1 + LEVEL_CHANGE) or peak <= 0:
        return None
    return int(np.argmax(mean >= (level + peak) / 2)) + 1


def _trend(expected: float, recent: float) -> str:
    if expected > recent * (1 + LEVEL_CHANGE):
        return tr("More active than lately")
    return tr("Less active than lately") if expected < recent * (1 - LEVEL_CHANGE) else tr("As active as lately")


def _about(number: float) -> str:
    return count(number) if number >= 2 else decimal(number, 1)  # noqa: PLR2004 - below it, a half day matters


def _rate(number: float) -> str:
    return decimal(number) if number > 0 else "0"
