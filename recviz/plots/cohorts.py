"""Many users at once: where they are heading, and what moves their expected activity, in sentences and bars."""

import math
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from recviz.explain.drivers import Driver, Drivers
from recviz.forecast.directions import DIRECTIONS, Direction
from recviz.language import mark, retold, tr
from recviz.plots.formats import count, counted, listed, share, shortened, signed
from recviz.plots.template import Chart, escaped, figure, sign_colour

SHOWN = 12
"""Bars that are drawn: the largest."""
DOING: Mapping[Direction, tuple[str, str]] = {
    "rises": (mark("rises"), mark("rise")),
    "fades": (mark("fades"), mark("fade")),
    "may lapse": (mark("may lapse"), mark("may lapse")),
    "stays": (mark("stays as active"), mark("stay as active")),
}
"""What one user does, and what many do."""
WHOSE: Mapping[Direction | None, str] = {
    "rises": mark("those who rise"),
    "fades": mark("those who fade"),
    "may lapse": mark("those who may lapse"),
    "stays": mark("those who stay as active"),
    None: mark("these users"),
}
"""Whose expected activity is explained."""


def doing(direction: Direction, number: int) -> str:
    """Say what so many users do: ``12 users rise``."""
    what = tr(DOING[direction][number != 1])
    return tr("{users} {do}").format(users=counted(number, "user"), do=what)


def heading_words(directions: "pd.Series[str]") -> str:
    """Say how many of some users rise, fade, may lapse and stay."""
    found = directions.value_counts()
    numbers = {direction: int(found.get(direction, 0)) for direction in DIRECTIONS}
    told = {
        direction: tr("{n} {do}").format(n=count(number), do=tr(DOING[direction][number != 1]))
        for direction, number in numbers.items()
    }
    return tr("Of {users} {rise}, {fade}, {lapse} and {stay}").format(
        users=counted(len(directions), "user"),
        rise=told["rises"],
        fade=told["fades"],
        lapse=told["may lapse"],
        stay=told["stays"],
    )


def reasons_finding(found: Drivers, direction: Direction | None) -> str:
    """Say what lifts and what lowers the expected activity of these users most."""
    whose = tr(WHOSE[direction])
    up = next((row for row in found.rows if row.mean > 0), None)
    down = next((row for row in found.rows if row.mean < 0), None)
    told = [
        words.format(name=_name(row), effect=_effect(row.mean, found.unit))
        for row, words in (
            (up, tr("{name} lifts it most ({effect})")),
            (down, tr("{name} lowers it most ({effect})")),
        )
        if row is not None
    ]
    if not told:
        return tr("No past event moves the expected activity of {whom}").format(whom=whose)
    return tr("What moves the expected activity of {whom}: {what}").format(whom=whose, what=listed(told))


def reasons_chart(found: Drivers) -> Chart:
    """Draw the mean effects with their standard errors, the largest on top."""
    rows = found.rows[:SHOWN][::-1]
    names = [escaped(shortened(_name(row), 40)) for row in rows]
    text = [
        tr("{name}: {effect} on average; {users} of {all} have it").format(
            name=escaped(_name(row)),
            effect=_effect(row.mean, found.unit),
            users=counted(row.n_users, "user"),
            all=count(found.done),
        )
        for row in rows
    ]
    axis = tr("mean effect on expected activity ({unit}); the line is its standard error")
    drawn = figure("", 64 + 26 * max(len(rows), 2), [
        go.Bar(
            x=[row.mean for row in rows], y=names, orientation="h", marker_color=[sign_colour(row.mean) for row in rows],
            error_x={"type": "data", "array": [row.standard_error for row in rows], "thickness": 1.2, "width": 0},
            text=[_effect(row.mean, found.unit) for row in rows], textposition="none", customdata=text,
            hovertemplate="%{customdata}<extra></extra>",
        )
    ], x={"title_text": axis.format(unit=retold(found.unit))}, y={"showgrid": False})  # fmt: skip
    described = tr("; ").join(f"{_name(row)} {_effect(row.mean, found.unit)}" for row in found.rows[:SHOWN])
    alt = tr("What moves the expected activity of {users}: {described}.")
    return Chart(drawn, alt.format(users=counted(found.done, "user"), described=described))


def _name(row: Driver) -> str:
    return f"\u201c{row.label}\u201d" if row.is_text else retold(row.label)


def _effect(mean: float, unit: str) -> str:
    """Say an effect: a logarithm as the share by which it raises or lowers."""
    if unit != "nats":
        return tr("{number} {unit}").format(number=signed(mean), unit=retold(unit))
    change = math.exp(mean) - 1
    return f"{'+' if change > 0 else ''}{share(change)}"
