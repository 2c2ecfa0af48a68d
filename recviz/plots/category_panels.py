"""A small curve for each category of a user's interest, beside each other in one figure and on one scale.

One figure, since a browser takes as long to begin one as to draw two of its panels.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from recviz.forecast.user_view import CategoryCurve, UserView
from recviz.language import tr, tr_p
from recviz.plots import sentences
from recviz.plots.formats import shortened, to_datetime
from recviz.plots.strand_traces import strand_traces
from recviz.plots.strands import Strand, mixed
from recviz.plots.template import GREY, INK, Chart, Settings, escaped, figure, upright

ACROSS = 3
LABEL = 34
"""Characters of a category's name above its panel."""
HEIGHT = 158
"""Pixels of a panel with its words and its axis."""
WORDS, TICKS, LEFT = 50, 20, 26
"""Pixels above, below and left of the plot itself."""
GAP = 0.045
"""Part of the figure's width between two panels: the next one's axis."""


def category_panels(view: UserView, limit: int | None = None) -> Chart:
    """Draw one small curve for each category, largest change first, all on one scale.

    The mean's points carry the period's number, 1 to K, and the category's place in the view as custom data.

    Args:
        view: The user's page; it has categories.
        limit: Draw only the first so many.
    """
    shown = view.categories[:limit]
    strands = [_strand(view, curve) for curve in shown]
    top = max(max(strand.top for strand in strands) * 1.06, 0.1)
    rows = -(-len(shown) // ACROSS)
    traces: list[go.Scatter | go.Bar] = []
    axes: dict[str, Any] = {}  # in Plotly's own words
    words: list[Settings] = []
    for place, (strand, curve) in enumerate(zip(strands, shown, strict=True)):
        number = "" if place == 0 else str(place + 1)
        across, up = _domains(place, rows)
        axes |= _axes(number, across, up, top)
        words.append(_words(curve, view.period, across[0], up[1]))
        for trace in strand_traces(strand, size=5, tag=(place,)):
            trace.xaxis, trace.yaxis = f"x{number}", f"y{number}"
            traces.append(trace)
    drawn = figure(
        "",
        HEIGHT * rows,
        traces,
        **axes,
        shapes=[_origin(place, strand) for place, strand in enumerate(strands)],
        annotations=words,
        margin_t=WORDS,
        margin_l=LEFT,
        margin_r=4,
        margin_b=TICKS,
        showlegend=False,
    )
    return Chart(drawn, " ".join(_said(curve, view.period) for curve in shown))


def _domains(place: int, rows: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where a panel's plot lies, from 0 to 1 of the figure without its margins: across and up."""
    row, column = divmod(place, ACROSS)
    width = (1 - GAP * (ACROSS - 1)) / ACROSS
    left = column * (width + GAP)
    inner = HEIGHT * rows - WORDS - TICKS
    top = 1 - row * HEIGHT / inner
    return (left, left + width), (max(top - (HEIGHT - WORDS - TICKS) / inner, 0.0), top)


def _axes(number: str, across: Sequence[float], up: Sequence[float], top: float) -> dict[str, Settings]:
    both = {"fixedrange": True, "tickfont_size": 10, "automargin": False}  # measuring margins draws everything twice
    months = {"type": "date", "tickformat": tr_p("time axis", "%b"), "nticks": 5}
    return {
        f"xaxis{number}": {**both, **months, "domain": across, "anchor": f"y{number}"},
        f"yaxis{number}": {**both, "domain": up, "anchor": f"x{number}", "range": [0, top], "nticks": 3},
    }


def _origin(place: int, strand: Strand) -> Settings:
    number = "" if place == 0 else str(place + 1)
    line = upright(to_datetime(int(strand.edges[0])), 0.35)
    return {**line, "xref": f"x{number}", "yref": f"y{number} domain"}


def _words(curve: CategoryCurve, period: str, left: float, top: float) -> Settings:
    change = escaped(sentences.category_change(curve, period))
    small = f'<span style="font-size:11px;font-weight:normal;color:{GREY}">{change}</span>'
    return {
        "text": f"<b>{escaped(shortened(curve.label, LABEL))}</b><br>{small}",
        "x": left, "xref": "paper", "xanchor": "left", "xshift": 4 - LEFT, "y": top, "yref": "paper", "yanchor": "bottom",
        "align": "left", "showarrow": False, "font": {"size": 13, "color": INK},
    }  # fmt: skip


def _said(curve: CategoryCurve, period: str) -> str:
    finding = sentences.category_change(curve, period)
    return tr("{name}: {finding}.").format(name=curve.label, finding=finding)


def _strand(view: UserView, curve: CategoryCurve) -> Strand:
    return Strand(
        past_edges=view.past_edges,
        edges=view.edges,
        past=curve.past,
        mean=curve.mean,
        noun="event",
        period=view.period,
        actual=curve.actual,
        baseline=curve.baseline,
        baseline_name=mixed(view.mix_name),
    )
