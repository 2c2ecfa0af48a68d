"""What is drawn of one curve through past and future: bars, bands, lines and dots."""

from datetime import datetime
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from recviz.language import tr
from recviz.plots.formats import to_datetime
from recviz.plots.strands import Strand
from recviz.plots.template import ACCENT, BAND_OPACITY, GREY, INK, faded

Floats = NDArray[np.float64]

BAND_PIECES = {50: ((2, 4),), 80: ((1, 2), (4, 5)), 95: ((0, 1), (5, 6))}
"""Each band without the narrower ones: pairs of positions in `recviz.forecast.curves.LEVELS`."""
_HOVER = "%{text}<extra></extra>"


def strand_traces(strand: Strand, size: int, tag: tuple[int, ...] = ()) -> list[go.Scatter | go.Bar]:
    """Draw past bars, bands, the baseline, the mean and what really happened; what is not known is left out.

    Args:
        strand: What is drawn.
        size: Of its points, pixels.
        tag: Follows the period's number, 1 to K, in the custom data of the mean's points.
    """
    traces: list[go.Scatter | go.Bar] = [_past_bars(strand)]
    if strand.bands is not None:
        traces += _bands(strand, strand.bands)
    if strand.baseline is not None:
        traces.append(_baseline(strand, strand.baseline))
    traces.append(_mean(strand, size, tag))
    if strand.actual is not None:
        traces.append(_actual(strand, strand.actual, size))
    return traces


def _middles(edges: NDArray[np.int64]) -> list[datetime]:
    return [to_datetime(int(low + (high - low) // 2)) for low, high in pairwise(edges)]


def _widths(edges: NDArray[np.int64]) -> list[float]:
    return [0.78 * float(high - low) / 1000 for low, high in pairwise(edges)]


def _past_bars(strand: Strand) -> go.Bar:
    text = [
        tr("{when}: {what}").format(when=strand.when(start), what=strand.amount(value))
        for start, value in zip(strand.past_edges[:-1], strand.past, strict=True)
    ]
    return go.Bar(
        x=_middles(strand.past_edges), y=strand.past.tolist(), width=_widths(strand.past_edges), name=tr("past"),
        marker_color=faded(GREY, 0.6), text=text, textposition="none", hovertemplate=_HOVER,
    )  # fmt: skip


def _bands(strand: Strand, bands: Floats) -> list[go.Scatter]:
    """Draw each band as closed outlines with steps at the edges of periods: a count holds for its whole period.

    A wider band is drawn outside the next narrower one only, so that opacities do not add up.
    """
    x = np.repeat(strand.edges, 2)[1:-1]
    outline = [to_datetime(int(at)) for at in (*x, *x[::-1])]
    traces = []
    for mass, pieces in BAND_PIECES.items():
        across: list[datetime | None] = []
        up: list[float | None] = []
        for low, high in pieces:
            across += [*outline, None]
            up += [*np.repeat(bands[:, low], 2).tolist(), *np.repeat(bands[:, high], 2)[::-1].tolist(), None]
        traces.append(
            go.Scatter(
                x=across[:-1], y=up[:-1], fill="toself", fillcolor=faded(ACCENT, BAND_OPACITY[mass]), mode="lines",
                line={"width": 0}, name=f"{mass} %", hoverinfo="skip",
            )
        )  # fmt: skip
    return traces


def _baseline(strand: Strand, baseline: Floats) -> go.Scatter:
    return go.Scatter(
        x=_middles(strand.edges), y=baseline.tolist(), mode="lines", name=strand.baseline_name, hovertemplate=_HOVER,
        text=[tr("{when}: {what} ({method})").format(when=strand.when(start), what=strand.expected(value),
                                                     method=strand.baseline_name)
              for start, value in zip(strand.edges[:-1], baseline, strict=True)],
        line={"color": GREY, "width": 2, "dash": "dash"},
    )  # fmt: skip


def _mean(strand: Strand, size: int, tag: tuple[int, ...]) -> go.Scatter:
    numbers = range(1, len(strand.mean) + 1)
    return go.Scatter(
        x=_middles(strand.edges), y=strand.mean.tolist(), mode="lines+markers", name=tr("expected"), hovertemplate=_HOVER,
        text=[strand.point(k) for k in range(len(strand.mean))], customdata=[[k, *tag] for k in numbers] if tag else list(numbers),
        line={"color": ACCENT, "width": 2.5}, marker={"size": size, "color": ACCENT}, cliponaxis=False,
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def _actual(strand: Strand, actual: Floats, size: int) -> go.Scatter:
    known = np.flatnonzero(~np.isnan(actual))
    middles = _middles(strand.edges)
    return go.Scatter(
        x=[middles[k] for k in known], y=actual[known].tolist(), mode="markers", name=tr("what really happened"),
        marker={"color": INK, "size": size}, hovertemplate=_HOVER, cliponaxis=False,
        text=[
            tr("{when}: really {what}").format(
                when=strand.when(strand.edges[k]), what=strand.amount(actual[k])
            )
            for k in known
        ],
    )  # fmt: skip
