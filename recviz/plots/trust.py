"""How far a run's chances, bands and levels can be trusted: every chart of it, for pages and reports alike."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import plotly.graph_objects as go

from recviz.evaluate.calibration import chance_gap
from recviz.evaluate.result import Evaluation
from recviz.evaluate.trust import Coverage, Decile, ReliabilityBin
from recviz.language import mark, tr
from recviz.plots.evaluation import coverage, reliability, told
from recviz.plots.formats import count, counted, decimal, share
from recviz.plots.template import ACCENT, FOR, GREY, INK, RULE, Chart, escaped, faded, figure, upright
from recviz.plots.verdicts import verdict

NORMAL_95 = 1.96
HELD = {
    "users": mark("The {band} band held {held} of users; it promised {promised}"),
    "cohorts": mark("The {band} band held {held} of groups of users; it promised {promised}"),
}


def trust_charts(found: Evaluation) -> dict[str, Chart]:
    """Draw all that was judged of chances, bands and levels, by name; what was not judged is left out."""
    drawn = {
        "reliability": _reliability(found.reliability),
        "reliability_period": _reliability(found.reliability_period, found.period),
        "coverage": _coverage([part for part in found.coverage if part.of == "users"]),
        "coverage_cohorts": _coverage([part for part in found.coverage if part.of == "cohorts"]),
        "pit": _pit(found),
        "deciles": _deciles(found.deciles),
        "origins": _origins(found),
    }
    return {name: chart for name, chart in drawn.items() if chart is not None}


def _reliability(bins: Sequence[ReliabilityBin], period: str = "") -> Chart | None:
    if not bins:
        return None
    title = (
        tr("The chance of a single {period} is off by {part} on average").format(
            period=tr(period), part=share(chance_gap(bins))
        )
        if period
        else tr("The chance to return at all is off by {part} on average").format(part=share(chance_gap(bins)))
    )
    return reliability(
        [part.predicted for part in bins],
        [part.observed for part in bins],
        [part.users for part in bins],
        title,
        period,
    )


def _coverage(parts: Sequence[Coverage]) -> Chart | None:
    if not parts:
        return None
    widest = max(parts, key=lambda part: part.band)
    title = tr(HELD[widest.of]).format(
        band=share(widest.band), held=share(widest.observed), promised=share(widest.nominal)
    )
    return coverage(
        [part.nominal for part in parts], [part.observed for part in parts], title, [part.band for part in parts]
    )


def _pit(found: Evaluation) -> Chart | None:
    """Draw how evenly what happened falls over the forecasts' own tenths: each period thin, all together thick."""
    if not found.pit:
        return None
    tenths, within = np.array(found.pit), tr("{low} to {high}")
    names = [within.format(low=10 * tenth, high=10 * tenth + 10) for tenth in range(len(found.pit[0]))]
    ideal = 1 / len(names)
    noise = NORMAL_95 * sqrt(ideal * (1 - ideal) / max(found.users, 1))
    together = tenths.mean(axis=0)
    furthest = np.abs(together - ideal).max()
    title = (
        tr("Counts fall evenly over their forecasts, to within {part}")
        if furthest <= noise
        else tr("Counts fall unevenly over their forecasts, off by up to {part}")
    ).format(part=share(furthest))
    period = tr(found.period)
    alone = tr("chance alone, one {period}").format(period=period)
    single = tr("single {period}s").format(period=period)
    hover = tr("{period} {n}: %{{y:.1%}} of users")
    drawn = figure(title, 300, [
        go.Scatter(x=names + names[::-1], y=[ideal + noise] * len(names) + [max(ideal - noise, 0)] * len(names),
                   fill="toself", fillcolor=RULE, line={"width": 0}, name=alone,
                   hoverinfo="skip", mode="lines"),
        *(go.Scatter(x=names, y=row.tolist(), mode="lines", line={"color": faded(FOR, 0.35), "width": 1},
                     name=single, legendgroup="single", showlegend=not number,
                     hovertemplate=hover.format(period=period, n=number + 1) + "<extra></extra>")
          for number, row in enumerate(tenths)),
        go.Bar(x=names, y=together.tolist(), marker_color=faded(ACCENT, 0.35), name=tr("all together"),
               hovertemplate="%{x}: %{y:.1%}<extra></extra>"),
    ], x={"title_text": tr("where in its forecast distribution a count fell, per cent (randomised)")},
       y={"title_text": tr("share of users"), "tickformat": ".0%", "rangemode": "tozero"}, legend_y=-0.42)  # fmt: skip
    parts = tr(", ").join(share(part) for part in together)
    alt = tr("{finding}. From the lowest tenth to the highest: {parts}.")
    return Chart(drawn, alt.format(finding=title, parts=parts))


def _deciles(parts: Sequence[Decile]) -> Chart | None:
    """Draw what the model expected of each tenth of the users beside what they did."""
    if not parts:
        return None
    top, names = parts[-1], [f"{number}" for number in range(1, len(parts) + 1)]
    title = tr("The most active tenth had {days} active days each; {expected} were expected").format(
        days=decimal(top.actual), expected=decimal(top.expected)
    )
    expected, best, happened = tr("expected"), tr("best baseline"), tr("happened")
    drawn = figure(title, 300, [
        go.Bar(x=names, y=[part.expected for part in parts], marker_color=faded(ACCENT, 0.45), name=expected,
               hovertemplate=expected + " %{y:.2f}<extra></extra>"),
        go.Scatter(x=names, y=[part.baseline for part in parts], mode="markers", name=best,
                   marker={"symbol": "line-ew-open", "size": 16, "color": GREY, "line": {"width": 2}},
                   hovertemplate=best + " %{y:.2f}<extra></extra>"),
        go.Scatter(x=names, y=[part.actual for part in parts], mode="markers", name=happened,
                   marker={"size": 8, "color": INK},
                   error_y={"type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": INK,
                            "array": [part.high - part.actual for part in parts],
                            "arrayminus": [part.actual - part.low for part in parts]},
                   hovertemplate=happened + " %{y:.2f}<extra></extra>"),
    ], x={"title_text": tr("tenths of the users, by what was expected of them"), "type": "category"},
       y={"title_text": tr("active days per user"), "rangemode": "tozero"},
       legend_y=-0.42, hovermode="x unified")  # fmt: skip
    words = tr("{expected} expected, {actual} happened")
    each = tr("; ").join(words.format(expected=decimal(part.expected), actual=decimal(part.actual)) for part in parts)
    return Chart(drawn, tr("{finding}. From the least active tenth: {parts}.").format(finding=title, parts=each))


def _origins(found: Evaluation) -> Chart | None:
    """Draw how much better than the best baseline volume is forecast from each origin; one origin alone is no chart."""
    origins = found.origins
    if len(origins) <= 1:
        return None
    gains = [origin.comparison for origin in origins]
    better = sum(one.verdict == "better" for one in gains)
    worse = sum(one.verdict == "worse" for one in gains)
    if worse:
        title = tr("Better than the best baseline from {n} of {origins}, worse from {worse}")
    elif better:
        title = tr("Better than the best baseline from {n} of {origins}")
    else:
        title = tr("Level with the best baseline from all {origins}")
    title = title.format(n=count(better), origins=counted(len(origins), "origin"), worse=count(worse))
    names = [
        tr("{day}, {time}").format(day=origin.day, time=counted(origin.periods, found.period)) for origin in origins
    ]
    text = [
        tr("{origin}: {finding}; {users}").format(
            origin=name, finding=verdict(one), users=counted(origin.users, "user")
        )
        for name, origin, one in zip(names, origins, gains, strict=True)
    ]
    drawn = figure(title, 110 + 40 * len(origins), [
        go.Scatter(x=[one.gain for one in gains], y=names, mode="markers", marker={"size": 11, "color": ACCENT},
                   showlegend=False, text=[escaped(one) for one in text], hovertemplate="%{text}<extra></extra>",
                   error_x={"type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": ACCENT,
                            "array": [one.gain_high - one.gain for one in gains],
                            "arrayminus": [one.gain - one.gain_low for one in gains]}),
    ], x={"title_text": tr("deviance against the best baseline, better to the right"), "tickformat": "+.0%",
          "showgrid": True},
       y={"autorange": "reversed", "showgrid": False, "tickfont": {"color": INK, "size": 13}},
       shapes=[upright(0, color=GREY, width=1.5, dash="dash")])  # fmt: skip
    return Chart(drawn, told(title, text))
