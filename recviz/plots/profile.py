"""Is my data what I think it is: activity over time and how much each user did."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import plotly.graph_objects as go

from recviz.plots.formats import count, counted, day, share
from recviz.plots.template import ACCENT, GREY, INK, Chart, faded, figure


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
        f"Busiest {period}: {day(starts[busiest])} with {counted(events[busiest], 'event')}"
        if busiest is not None
        else "No event yet"
    )
    drawn = figure(title, 240, [
        go.Scatter(
            x=list(starts), y=list(events), mode="lines", fill="tozeroy", line={"color": ACCENT, "width": 1.5},
            fillcolor=faded(ACCENT, 0.15), showlegend=False,
            text=[f"{period.capitalize()} of {day(at)}: {counted(n, 'event')}" for at, n in zip(starts, events, strict=True)],
            hovertemplate="%{text}<extra></extra>",
        )
    ])  # fmt: skip
    drawn.update_yaxes(title_text=f"events a {period}", rangemode="tozero", nticks=5)
    if cut is not None:
        origin_line(drawn, cut, f"held out from {day(cut)}")
    return Chart(
        drawn, f"Events per {period} from {day(starts[0])} to {day(starts[-1])}. {title}." if starts else title
    )


def events_per_user(edges: Sequence[int], users: Sequence[int]) -> Chart:
    """Draw how many users have how many events.

    Args:
        edges: Fewest events of each bar, rising, and one past the most of the last, ``(bars + 1,)``.
        users: Users in each bar, ``(bars,)``.
    """
    names = [count(low) if high == low + 1 else f"{count(low)}\u2013{count(high - 1)}" for low, high in pairwise(edges)]
    total = max(sum(users), 1)
    text = [
        f"{counted(n, 'user')} ({share(n / total)}) with {_events(name)}" for name, n in zip(names, users, strict=True)
    ]
    top = max(range(len(users)), key=users.__getitem__, default=None)
    title = (
        f"The most common: {_events(names[top])}, {share(users[top] / total)} of users"
        if top is not None
        else "No user yet"
    )
    drawn = figure(title, 240, [
        go.Bar(x=names, y=list(users), marker_color=ACCENT, showlegend=False, hovertext=text,
               hovertemplate="%{hovertext}<extra></extra>")
    ])  # fmt: skip
    drawn.update_xaxes(title_text="events of a user", type="category")
    drawn.update_yaxes(title_text="users", nticks=5)
    return Chart(drawn, f"{title}. {'; '.join(text)}.")


def _events(name: str) -> str:
    return "1 event" if name == "1" else f"{name} events"


def origin_line(drawn: go.Figure, at: datetime, label: str) -> None:
    """Draw an instant as a thin vertical line with its words at the top."""
    drawn.add_vline(x=at.timestamp() * 1000, line={"color": INK, "width": 1}, opacity=0.6)
    drawn.add_annotation(
        x=at, y=1, yref="paper", yanchor="bottom", xanchor="left", xshift=-2, text=label, showarrow=False,
        font={"size": 11, "color": GREY},
    )  # fmt: skip
