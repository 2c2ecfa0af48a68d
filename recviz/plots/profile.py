"""Is my data what I think it is: activity over time and how much each user did."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import plotly.graph_objects as go

from recviz.language import mark, tr, tr_n, tr_p
from recviz.plots.formats import between, count, counted, day, share
from recviz.plots.template import ACCENT, Chart, faded, figure, upright, upright_words

BUSIEST = {
    "day": mark("Busiest day: {day} with {events}"),
    "week": mark("Busiest week: {day} with {events}"),
    "month": mark("Busiest month: {day} with {events}"),
}
OF_PERIOD = {
    "day": mark("Day of {day}: {events}"),
    "week": mark("Week of {day}: {events}"),
    "month": mark("Month of {day}: {events}"),
}
EVENTS_A = {"day": mark("events a day"), "week": mark("events a week"), "month": mark("events a month")}
OVER_TIME = {
    "day": mark("Events per day from {span}. {title}."),
    "week": mark("Events per week from {span}. {title}."),
    "month": mark("Events per month from {span}. {title}."),
}


def activity_area(starts: Sequence[datetime], events: Sequence[int], period: str, cut: datetime | None = None) -> Chart:
    """Draw events per period over the whole log.

    Args:
        starts: First instant of each period, UTC.
        events: Events in each period.
        period: ``day``, ``week`` or ``month``.
        cut: Where the backtest begins, drawn as a thin line.
    """
    busiest = max(range(len(events)), key=events.__getitem__, default=None)
    title = (
        tr(BUSIEST[period]).format(day=day(starts[busiest]), events=counted(events[busiest], "event"))
        if busiest is not None
        else tr("No event yet")
    )
    drawn = figure(title, 240, [
        go.Scatter(
            x=list(starts), y=list(events), mode="lines", fill="tozeroy", line={"color": ACCENT, "width": 1.5},
            fillcolor=faded(ACCENT, 0.15), showlegend=False,
            text=[tr(OF_PERIOD[period]).format(day=day(at), events=counted(n, "event"))
                  for at, n in zip(starts, events, strict=True)],
            hovertemplate="%{text}<extra></extra>",
        )
    ], x={"type": "date", "tickformat": tr_p("time axis", "%-d %b\n%Y"), "nticks": 8},
       y={"title_text": tr(EVENTS_A[period]), "rangemode": "tozero", "nticks": 5},
       shapes=[] if cut is None else [upright(cut, 0.6)],
       annotations=[] if cut is None else [
           upright_words(cut, tr("held out from {day}").format(day=day(cut)), "left")
       ])  # fmt: skip
    if not starts:
        return Chart(drawn, title)
    return Chart(drawn, tr(OVER_TIME[period]).format(span=between(starts[0], starts[-1]), title=title))


def events_per_user(edges: Sequence[int], users: Sequence[int]) -> Chart:
    """Draw how many users have how many events.

    Args:
        edges: Fewest events of each bar, rising, and one past the most of the last, ``(bars + 1,)``.
        users: Users in each bar, ``(bars,)``.
    """
    names = [count(low) if high == low + 1 else f"{count(low)}\u2013{count(high - 1)}" for low, high in pairwise(edges)]
    total = max(sum(users), 1)
    text = [
        tr("{users} ({share}) with {events}").format(
            users=counted(n, "user"), share=share(n / total), events=_events(name)
        )
        for name, n in zip(names, users, strict=True)
    ]
    top = max(range(len(users)), key=users.__getitem__, default=None)
    title = (
        tr("The most common: {events}, {share} of users").format(
            events=_events(names[top]), share=share(users[top] / total)
        )
        if top is not None
        else tr("No user yet")
    )
    drawn = figure(title, 240, [
        go.Bar(x=names, y=list(users), marker_color=ACCENT, showlegend=False, hovertext=text,
               hovertemplate="%{hovertext}<extra></extra>")
    ], x={"title_text": tr("events of a user"), "type": "category"},
       y={"title_text": tr("users"), "nticks": 5})  # fmt: skip
    return Chart(drawn, tr("{title}. {bars}.").format(title=title, bars=tr("; ").join(text)))


def _events(name: str) -> str:
    return tr_n("{n} event", "{n} events", 1 if name == "1" else 2).format(n=name)  # more, whatever range it is
