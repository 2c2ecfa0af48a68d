"""What spoke for and against, as bars around a zero that is always in the middle."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recviz.explain.cohorts import START, CohortContrast, CohortRow
from recviz.explain.drivers import Driver
from recviz.explain.explanation import EventShare, Explanation
from recviz.explain.levels import EARLIER, Span, Sum, roll_up
from recviz.language import mark, tr
from recviz.plots.formats import counted, day, shortened, signed
from recviz.plots.template import INK, Chart, escaped, figure, sign_colour
from recviz.plots.titles import BESIDE_QUESTION

FOR_AND_AGAINST = mark("{unit}: for to the right, against to the left")
MORE_AND_FEWER = mark("{unit}: more to the right, fewer to the left")
MOST_BARS = 12
IN_95 = 1.96
"""Standard errors to either side of a mean that hold 95 % of means."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One signed bar."""

    label: str
    value: float
    error: float = 0.0
    """Half the length of the line that says how sure it is: a standard error, or an interval; 0 where there is none."""


def event_bars(explanation: Explanation, most: int = MOST_BARS, *, title: str = "") -> Chart:
    """Draw the events that moved the score most, largest first, and one bar for all others.

    Args:
        explanation: What is explained.
        most: Bars of single events.
        title: What the bars add up to; without it the explanation's own words, which are English.
    """
    ranked = explanation.ranked()
    bars = [Bar(_label(event), event.value, event.standard_error) for event in ranked[:most]]
    rest = ranked[most:]
    if rest:
        bars.append(Bar(counted(len(rest), "other event"), sum(event.value for event in rest)))
    return signed_bars(bars, title or explanation.scalar, explanation.unit)


def category_bars(explanation: Explanation, most: int = MOST_BARS, *, title: str = "") -> Chart:
    """Draw the events' values summed by the category of their items, largest first; see `event_bars`."""
    sums: dict[str, float] = defaultdict(float)
    events: dict[str, int] = defaultdict(int)
    for event in explanation.events:
        name = category_name(event)
        sums[name] += event.value
        events[name] += len(event.positions)
    ranked = sorted(sums, key=lambda name: -abs(sums[name]))
    bars = [Bar(f"{shortened(name, 40)} ({counted(events[name], 'event')})", sums[name]) for name in ranked[:most]]
    if ranked[most:]:
        others = sum(sums[name] for name in ranked[most:])
        bars.append(Bar(counted(len(ranked[most:]), "other category", "other categories"), others))
    return signed_bars(bars, title or explanation.scalar, explanation.unit)


def category_name(event: EventShare) -> str:
    """Return the category that an event counts for."""
    if event.is_group:
        return tr(EARLIER)
    return event.category or tr("no category")


def time_bars(explanation: Explanation, span: Span = "month", *, title: str = "") -> Chart:
    """Draw the events' values summed by stretches of time, oldest first; see `event_bars`."""
    sums = sorted(roll_up(explanation.events, "time", span), key=lambda one: _place_in_time(one.label))
    bars = [Bar(f"{one.label} ({counted(one.count, 'event')})", one.value) for one in sums]
    return signed_bars(bars, title or explanation.scalar, explanation.unit)


def cohort_bars(found: CohortContrast, label: str, most: int = MOST_BARS) -> Chart:
    """Draw what makes a user differ from a cohort, largest difference first, with 95 % intervals of the cohort's mean."""
    shown, rest = found.rows[:most], found.rows[most:]
    bars = [Bar(shortened(cohort_row_name(row), 40), row.difference, IN_95 * row.standard_error) for row in shown]
    if rest:
        bars.append(Bar(counted(len(rest), "other"), sum(row.difference for row in rest)))
    return signed_bars(bars, tr("The user, against {cohort}").format(cohort=label), found.unit)


def cohort_row_name(row: CohortRow) -> str:
    """Name what a row of a contrast sums: a category or month of the log, or what is none."""
    if row.label in {START, EARLIER}:
        return tr(row.label)
    return row.label or tr("no category")


def driver_bars(rows: Sequence[Driver], title: str, unit: str, most: int = MOST_BARS) -> Chart:
    """Draw what drives a number over many users, largest mean effect first, with 95 % intervals."""
    bars = [
        Bar(
            f"{shortened(name_of_sum(row), 40)} ({counted(row.n_users, 'user')})",
            row.mean,
            IN_95 * row.standard_error,
        )
        for row in rows[:most]
    ]
    return signed_bars(bars, title, unit)


def name_of_sum(summed: Driver | Sum) -> str:
    """Name a sum: text of the log as it is, the program's own names in the reader's language."""
    return summed.label if summed.is_text or not summed.label else tr(summed.label)


def signed_bars(bars: Sequence[Bar], title: str, unit: str, axis: str = FOR_AND_AGAINST) -> Chart:
    """Draw signed bars, the first on top.

    Args:
        bars: From the most important on.
        title: What they add up to.
        unit: Of the values, on the axis; in English, as explanations keep it.
        axis: What the two sides mean: `FOR_AND_AGAINST`, or `MORE_AND_FEWER` of what is counted.
    """
    unit = tr(unit)
    reach = max((abs(bar.value) + bar.error for bar in bars), default=0.0) * 1.25 or 1.0
    # numbered, so that two events of one item on one day stay two bars
    names = [f"{place}. {escaped(bar.label)}" for place, bar in enumerate(bars, start=1)]
    traces = [
        go.Bar(
            x=[bar.value for bar in bars],
            y=names,
            orientation="h",
            marker_color=[sign_colour(bar.value) for bar in bars],
            error_x={"type": "data", "array": [bar.error for bar in bars], "thickness": 1, "width": 0, "color": INK},
            hovertext=[f"{name}: {signed(bar.value, 3)} {unit}" for name, bar in zip(names, bars, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        ),
        go.Scatter(  # beyond the intervals, whose lines would strike through numbers at the bars' ends
            x=[bar.value + math.copysign(bar.error, bar.value) for bar in bars],
            y=names,
            mode="text",
            text=[f"\u00a0{signed(bar.value)}\u00a0" for bar in bars],
            textposition=[f"middle {'right' if bar.value >= 0 else 'left'}" for bar in bars],
            cliponaxis=False,
            hoverinfo="skip",
            showlegend=False,
        ),
    ]
    drawn = figure(
        title,
        90 + 30 * len(bars),
        traces,
        width=BESIDE_QUESTION,
        x={
            "title_text": tr(axis).format(unit=unit),
            "range": [-reach, reach],
            "zeroline": True,
            "zerolinecolor": INK,
            "zerolinewidth": 1,
        },
        y={
            "autorange": "reversed",
            "showgrid": False,
            "tickfont": {"color": INK, "size": 12},
            "tickprefix": "\u2003\u2002",  # room for the wider letters of a saved picture, which has not the page's own
        },
    )
    described = "; ".join(f"{bar.label} {signed(bar.value)}" for bar in bars)
    return Chart(drawn, tr("{title}, in {unit}: {described}.").format(title=title, unit=unit, described=described))


def _label(event: EventShare) -> str:
    if event.is_group:
        return counted(len(event.positions), "earlier event")
    return f"{when(event)} · {shortened(event.title or event.item_id, 44)}"


def when(event: EventShare) -> str:
    """Write an event's day, or its place where the log has an order only."""
    return tr("place {place}").format(place=event.time) if event.time.lstrip("-").isdigit() else day(event.time)


def _place_in_time(label: str) -> tuple[float, str]:
    """Order stretches of time: positions by number, dates as they are written."""
    first = label.split(" ", maxsplit=1)[0].replace(",", "")
    return (float(first), "") if first.isdigit() and len(label) > len(first) else (0.0, label)
