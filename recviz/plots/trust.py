"""How far a run's chances, bands and levels can be trusted: every chart of it, for pages and reports alike."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import plotly.graph_objects as go

from recviz.evaluate.calibration import chance_gap
from recviz.evaluate.result import Evaluation
from recviz.evaluate.trust import Coverage, Decile, ReliabilityBin
from recviz.plots.evaluation import coverage, reliability
from recviz.plots.formats import count, counted, decimal, share
from recviz.plots.template import ACCENT, FOR, GREY, INK, RULE, Chart, escaped, faded, figure
from recviz.plots.verdicts import verdict

NORMAL_95 = 1.96
WHOSE = {"users": "users", "cohorts": "groups of users"}


def trust_charts(found: Evaluation) -> dict[str, Chart]:
    """Draw all that was judged of chances, bands and levels, by name; what was not judged is left out."""
    drawn = {
        "reliability": _reliability(found.reliability, "The chance to return at all", "active"),
        "reliability_period": _reliability(
            found.reliability_period, f"The chance of a single {found.period}", f"active in that {found.period}"
        ),
        "coverage": _coverage([part for part in found.coverage if part.of == "users"]),
        "coverage_cohorts": _coverage([part for part in found.coverage if part.of == "cohorts"]),
        "pit": _pit(found),
        "deciles": _deciles(found.deciles),
        "origins": _origins(found),
    }
    return {name: chart for name, chart in drawn.items() if chart is not None}


def _reliability(bins: Sequence[ReliabilityBin], what: str, happened: str) -> Chart | None:
    if not bins:
        return None
    return reliability(
        [part.predicted for part in bins],
        [part.observed for part in bins],
        [part.users for part in bins],
        f"{what} is off by {share(chance_gap(bins))} on average",
        happened,
    )


def _coverage(parts: Sequence[Coverage]) -> Chart | None:
    if not parts:
        return None
    widest = max(parts, key=lambda part: part.band)
    title = (
        f"The {share(widest.band)} band held {share(widest.observed)} of {WHOSE[widest.of]}; "
        f"it promised {share(widest.nominal)}"
    )
    return coverage(
        [part.nominal for part in parts], [part.observed for part in parts], title, [part.band for part in parts]
    )


def _pit(found: Evaluation) -> Chart | None:
    """Draw how evenly what happened falls over the forecasts' own tenths: each period thin, all together thick."""
    if not found.pit:
        return None
    tenths, names = np.array(found.pit), [f"{10 * tenth} to {10 * tenth + 10}" for tenth in range(len(found.pit[0]))]
    ideal = 1 / len(names)
    noise = NORMAL_95 * sqrt(ideal * (1 - ideal) / max(found.users, 1))
    together = tenths.mean(axis=0)
    title = f"Counts fall evenly over their forecasts, to within {share(np.abs(together - ideal).max())}"
    drawn = figure(title, 300, [
        go.Scatter(x=names + names[::-1], y=[ideal + noise] * len(names) + [max(ideal - noise, 0)] * len(names),
                   fill="toself", fillcolor=RULE, line={"width": 0}, name=f"chance alone, one {found.period}",
                   hoverinfo="skip", mode="lines"),
        *(go.Scatter(x=names, y=row.tolist(), mode="lines", line={"color": faded(FOR, 0.35), "width": 1},
                     name=f"single {found.period}s", legendgroup="single", showlegend=not number,
                     hovertemplate=f"{found.period} {number + 1}: %{{y:.1%}} of users<extra></extra>")
          for number, row in enumerate(tenths)),
        go.Bar(x=names, y=together.tolist(), marker_color=faded(ACCENT, 0.35), name="all together",
               hovertemplate="%{x}: %{y:.1%}<extra></extra>"),
    ])  # fmt: skip
    drawn.update_xaxes(title_text="where in its forecast distribution a count fell, per cent (randomised)")
    drawn.update_yaxes(title_text="share of users", tickformat=".0%", rangemode="tozero")
    drawn.update_layout(legend_y=-0.42)
    told = ", ".join(share(part) for part in together)
    return Chart(drawn, f"{title}. From the lowest tenth to the highest: {told}.")


def _deciles(parts: Sequence[Decile]) -> Chart | None:
    """Draw what the model expected of each tenth of the users beside what they did."""
    if not parts:
        return None
    top, names = parts[-1], [f"{number}" for number in range(1, len(parts) + 1)]
    title = f"The most active tenth had {decimal(top.actual)} active days each; {decimal(top.expected)} were expected"
    drawn = figure(title, 300, [
        go.Bar(x=names, y=[part.expected for part in parts], marker_color=faded(ACCENT, 0.45), name="expected",
               hovertemplate="expected %{y:.2f}<extra></extra>"),
        go.Scatter(x=names, y=[part.baseline for part in parts], mode="markers", name="best baseline",
                   marker={"symbol": "line-ew-open", "size": 16, "color": GREY, "line": {"width": 2}},
                   hovertemplate="best baseline %{y:.2f}<extra></extra>"),
        go.Scatter(x=names, y=[part.actual for part in parts], mode="markers", name="happened",
                   marker={"size": 8, "color": INK},
                   error_y={"type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": INK,
                            "array": [part.high - part.actual for part in parts],
                            "arrayminus": [part.actual - part.low for part in parts]},
                   hovertemplate="happened %{y:.2f}<extra></extra>"),
    ])  # fmt: skip
    drawn.update_xaxes(title_text="tenths of the users, by what was expected of them", type="category")
    drawn.update_yaxes(title_text="active days per user", rangemode="tozero")
    drawn.update_layout(legend_y=-0.42, hovermode="x unified")
    told = "; ".join(f"{decimal(part.expected)} expected, {decimal(part.actual)} happened" for part in parts)
    return Chart(drawn, f"{title}. From the least active tenth: {told}.")


def _origins(found: Evaluation) -> Chart | None:
    """Draw how much better than the best baseline volume is forecast from each origin; one origin alone is no chart."""
    origins = found.origins
    if len(origins) <= 1:
        return None
    gains = [origin.comparison for origin in origins]
    better = sum(one.verdict == "better" for one in gains)
    worse = sum(one.verdict == "worse" for one in gains)
    if better or worse:
        title = f"Better than the best baseline from {count(better)} of {counted(len(origins), 'origin')}" + (
            f", worse from {count(worse)}" if worse else ""
        )
    else:
        title = f"Level with the best baseline from all {counted(len(origins), 'origin')}"
    names = [f"{origin.day}, {counted(origin.periods, found.period)}" for origin in origins]
    text = [
        f"{name}: {verdict(one)}; {counted(origin.users, 'user')}"
        for name, origin, one in zip(names, origins, gains, strict=True)
    ]
    drawn = figure(title, 110 + 40 * len(origins), [
        go.Scatter(x=[one.gain for one in gains], y=names, mode="markers", marker={"size": 11, "color": ACCENT},
                   showlegend=False, text=[escaped(one) for one in text], hovertemplate="%{text}<extra></extra>",
                   error_x={"type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": ACCENT,
                            "array": [one.gain_high - one.gain for one in gains],
                            "arrayminus": [one.gain - one.gain_low for one in gains]}),
    ])  # fmt: skip
    drawn.add_vline(x=0, line_color=GREY, line_width=1.5, line_dash="dash")
    drawn.update_xaxes(
        title_text="deviance against the best baseline, better to the right", tickformat="+.0%", showgrid=True
    )
    drawn.update_yaxes(autorange="reversed", showgrid=False, tickfont={"color": INK, "size": 13})
    return Chart(drawn, f"{title}. {'; '.join(text)}.")
