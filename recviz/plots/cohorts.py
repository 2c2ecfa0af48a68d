"""Many users at once: where they are heading, and what moves their expected activity, in sentences and bars."""

import math
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from recviz.explain.drivers import Driver, Drivers
from recviz.forecast.directions import DIRECTIONS, Direction
from recviz.plots.formats import count, counted, share, shortened, signed
from recviz.plots.template import Chart, escaped, figure, sign_colour

SHOWN = 12
"""Bars that are drawn: the largest."""
DOING: Mapping[Direction, tuple[str, str]] = {
    "rises": ("rises", "rise"),
    "fades": ("fades", "fade"),
    "may lapse": ("may lapse", "may lapse"),
    "stays": ("stays as active", "stay as active"),
}
"""What one user does, and what many do."""


def doing(direction: Direction, number: int) -> str:
    """Say what so many users do: ``12 users rise``."""
    return f"{counted(number, 'user')} {DOING[direction][number != 1]}"


def heading_words(directions: "pd.Series[str]") -> str:
    """Say how many of some users rise, fade, may lapse and stay."""
    found = directions.value_counts()
    told = [
        f"{count(int(found.get(direction, 0)))} {DOING[direction][int(found.get(direction, 0)) != 1]}"
        for direction in DIRECTIONS
    ]
    return f"Of {counted(len(directions), 'user')} {', '.join(told[:-1])} and {told[-1]}"


def reasons_finding(found: Drivers, direction: Direction | None) -> str:
    """Say what lifts and what lowers the expected activity of these users most."""
    whose = f"of those who {DOING[direction][1]}" if direction else "of these users"
    up = next((row for row in found.rows if row.mean > 0), None)
    down = next((row for row in found.rows if row.mean < 0), None)
    told = [
        f"{_name(row)} {verb} it most ({_effect(row.mean, found.unit)})"
        for row, verb in ((up, "lifts"), (down, "lowers"))
        if row is not None
    ]
    if not told:
        return f"No past event moves the expected activity {whose}"
    return f"What moves the expected activity {whose}: {' and '.join(told)}"


def reasons_chart(found: Drivers) -> Chart:
    """Draw the mean effects with their standard errors, the largest on top."""
    rows = found.rows[:SHOWN][::-1]
    names = [escaped(shortened(_name(row), 40)) for row in rows]
    text = [
        f"{escaped(_name(row))}: {_effect(row.mean, found.unit)} on average; {counted(row.n_users, 'user')} of "
        f"{count(found.done)} have it"
        for row in rows
    ]
    drawn = figure("", 64 + 26 * max(len(rows), 2), [
        go.Bar(
            x=[row.mean for row in rows], y=names, orientation="h", marker_color=[sign_colour(row.mean) for row in rows],
            error_x={"type": "data", "array": [row.standard_error for row in rows], "thickness": 1.2, "width": 0},
            text=[_effect(row.mean, found.unit) for row in rows], textposition="none", customdata=text,
            hovertemplate="%{customdata}<extra></extra>",
        )
    ])  # fmt: skip
    drawn.update_xaxes(title_text=f"mean effect on expected activity ({found.unit}); the line is its standard error")
    drawn.update_yaxes(showgrid=False)
    drawn.update_layout(margin_t=8)
    described = "; ".join(f"{_name(row)} {_effect(row.mean, found.unit)}" for row in found.rows[:SHOWN])
    return Chart(drawn, f"What moves the expected activity of {counted(found.done, 'user')}: {described}.")


def _name(row: Driver) -> str:
    return f"\u201c{row.label}\u201d" if row.is_text else row.label


def _effect(mean: float, unit: str) -> str:
    """Say an effect: a logarithm as the share by which it raises or lowers."""
    if unit != "nats":
        return f"{signed(mean)} {unit}"
    change = math.exp(mean) - 1
    return f"{'+' if change > 0 else ''}{share(change)}"
