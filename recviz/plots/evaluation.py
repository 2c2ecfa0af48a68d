"""Is the model any good: the model beside each baseline, reliability and coverage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from recviz.language import tr
from recviz.plots.formats import count, decimal, share
from recviz.plots.template import ACCENT, GREY, INK, Chart, escaped, faded, figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One row of a comparison: the model, or a baseline, on one measure."""

    name: str
    value: float
    low: float | None = None
    """Lower end of the 95 % interval, where there is one."""
    high: float | None = None
    is_model: bool = False


def comparison_dots(
    measure: str, rows: Sequence[Compared], better: Literal["lower", "higher"], unit: str = "", finding: str = ""
) -> Chart:
    """Draw the model beside each baseline, a dot with its 95 % interval each; better is always to the right.

    Args:
        measure: What is compared, in words: "Weekly activity (deviance)".
        rows: The model and the baselines, in any order; the best is drawn on top.
        better: Whether lower or higher values are better.
        unit: On the axis, where the measure has one.
        finding: The title; without it, how far the model is from the best of the others.
    """
    sign = 1 if better == "higher" else -1
    ranked = sorted(rows, key=lambda row: sign * row.value)
    names = [f"<b>{escaped(row.name)}</b>" if row.is_model else escaped(row.name) for row in ranked]
    dots = go.Scatter(
        x=[row.value for row in ranked],
        y=names,
        mode="markers",
        showlegend=False,
        marker={
            "size": [12 if row.is_model else 9 for row in ranked],
            "color": [ACCENT if row.is_model else GREY for row in ranked],
            "opacity": 1,  # Plotly takes dots of several sizes for bubbles, which show through
        },
        error_x=_intervals(ranked),
        text=[_said(measure, row) for row in ranked],
        hovertemplate="%{text}<extra></extra>",
    )
    arrow = tr("{unit}, better to the right").format(unit=unit) if unit else tr("better to the right")
    drawn = figure(
        finding or _finding(measure, rows, better),
        70 + 34 * len(rows),
        [dots],
        x={"title_text": arrow, "autorange": "reversed" if better == "lower" else True, "showgrid": True, "nticks": 6},
        y={"showgrid": False, "tickfont": {"color": INK, "size": 13}},
    )
    described = tr("; ").join(f"{row.name} {decimal(row.value, 3)}" for row in reversed(ranked))
    return Chart(drawn, tr("{measure}, best first: {described}.").format(measure=measure, described=described))


def reliability(
    said: Sequence[float], happened: Sequence[float], users: Sequence[int], title: str, period: str = ""
) -> Chart:
    """Draw how often it happened against the chance that was said; on the diagonal is honest.

    Args:
        said: Mean chance that was said, in each bin, 0 to 1.
        happened: Share of the bin in which it happened, 0 to 1.
        users: How many the bin holds; its dot's area.
        title: The finding.
        period: Where the chance is that of a single period: day, week or month; "" for the whole horizon.
    """
    most = max(users, default=1)
    words = (
        tr("Where {said} was said, {part} were active in that {period} ({n} cases)")
        if period
        else tr("Where {said} was said, {part} were active ({n} cases)")
    )
    text = [
        words.format(said=share(a), part=share(b), n=count(n), period=tr(period) if period else "")
        for a, b, n in zip(said, happened, users, strict=True)
    ]
    top = max([*said, *happened, 0.1]) * 1.05
    axis = tr("share that was active in that {period}") if period else tr("share that was active")
    scale = {"tickformat": ".0%", "range": [0, top]}
    drawn = figure(title, 320, [
        go.Scatter(x=[0, top], y=[0, top], mode="lines", name=tr("said = happened"), hoverinfo="skip",
                   line={"color": GREY, "width": 1.5, "dash": "dash"}),
        go.Scatter(x=list(said), y=list(happened), mode="lines+markers", name=tr("this run"),
                   line={"color": ACCENT, "width": 2},
                   marker={"size": [6 + 12 * (n / most) ** 0.5 for n in users], "color": ACCENT},
                   text=text, hovertemplate="%{text}<extra></extra>"),
    ], x={"title_text": tr("chance that was said"), **scale},
       y={"title_text": axis.format(period=tr(period) if period else ""), **scale}, legend_y=-0.3)  # fmt: skip
    return Chart(drawn, told(title, text))


def coverage(
    nominal: Sequence[float], covered: Sequence[float], title: str, bands: Sequence[float] | None = None
) -> Chart:
    """Draw how much of what happened fell inside each band, beside the band's own promise.

    Args:
        nominal: Mass that each band promises, 0 to 1.
        covered: Share that fell inside, 0 to 1.
        title: The finding.
        bands: What the bands are called, 0 to 1, where counts make them promise another mass.
    """
    masses = bands or nominal
    names = [tr("{mass} band").format(mass=share(mass)) for mass in masses]
    text = [
        tr("The {mass} band held {part}").format(mass=share(mass), part=share(inside))
        for mass, inside in zip(masses, covered, strict=True)
    ]
    drawn = figure(title, 240, [
        go.Bar(x=list(covered), y=names, orientation="h", marker_color=[faded(ACCENT, 0.35)] * len(names),
               name=tr("held"), text=[share(inside) for inside in covered], textposition="inside",
               insidetextanchor="start",  # at the bar's other end the mark of what was promised would strike it through
               hovertext=text, hovertemplate="%{hovertext}<extra></extra>"),
        go.Scatter(x=list(nominal), y=names, mode="markers", name=tr("promised"), hoverinfo="skip",
                   marker={"symbol": "line-ns-open", "size": 22, "color": INK, "line": {"width": 2}}),
    ], x={"title_text": tr("share of what happened that fell inside"), "tickformat": ".0%", "range": [0, 1.02],
          "dtick": 0.2}, y={"showgrid": False}, legend_y=-0.5)  # fmt: skip
    return Chart(drawn, told(title, text))


def told(title: str, parts: Sequence[str]) -> str:
    """Say a chart's finding and then each of its parts, for whom it cannot be seen."""
    return tr("{finding}. {parts}.").format(finding=title, parts=tr("; ").join(parts))


def _intervals(rows: Sequence[Compared]) -> dict[str, object]:
    """Return the lines through the dots: only the model has one."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if row.high is None else row.high - row.value for row in rows],
        "arrayminus": [0.0 if row.low is None else row.value - row.low for row in rows],
        "thickness": 1.5,
        "width": 0,
        "color": ACCENT,
    }


def _said(measure: str, row: Compared) -> str:
    said = {"name": escaped(row.name), "measure": escaped(measure), "value": decimal(row.value, 3)}
    if row.low is None or row.high is None:
        return tr("{name}: {measure} {value}").format(**said)
    words = tr("{name}: {measure} {value} (95 %: {low} to {high})")
    return words.format(**said, low=decimal(row.low, 3), high=decimal(row.high, 3))


def _finding(measure: str, rows: Sequence[Compared], better: Literal["lower", "higher"]) -> str:
    model = next((row for row in rows if row.is_model), None)
    baselines = [row for row in rows if not row.is_model]
    if model is None or not baselines:
        return measure
    best = (min if better == "lower" else max)(baselines, key=lambda row: row.value)
    gain = (best.value - model.value) if better == "lower" else (model.value - best.value)
    if best.value == 0:
        return measure
    relative = gain / abs(best.value)
    words = tr("{measure}: {gain} better than {other}") if relative >= 0 else tr("{measure}: {gain} worse than {other}")
    return words.format(measure=measure, gain=share(abs(relative)), other=best.name)
