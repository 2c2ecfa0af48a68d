"""Curves over time: what a user did, what is expected with its bands, and what really happened."""

from datetime import datetime
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from recviz.forecast.cohorts import CohortView
from recviz.forecast.topic_view import TopicView
from recviz.forecast.user_view import CategoryCurve, UserView
from recviz.language import mark_counted, retold, tr, tr_p
from recviz.plots import sentences
from recviz.plots.formats import day, shortened, to_datetime
from recviz.plots.strands import Strand
from recviz.plots.template import ACCENT, BAND_OPACITY, GREY, INK, Chart, escaped, faded, figure, upright, upright_words

Floats = NDArray[np.float64]

BAND_PIECES = {50: ((2, 4),), 80: ((1, 2), (4, 5)), 95: ((0, 1), (5, 6))}
"""Each band without the narrower ones: pairs of positions in `recviz.forecast.curves.LEVELS`."""
_HOVER = "%{text}<extra></extra>"


def user_curve(view: UserView) -> Chart:
    """Draw one user's activity: past bars, origin, mean, bands, what really was, and the baseline.

    The mean's points carry the period's number, 1 to K, as custom data: a click on one asks why.
    """
    is_chance = view.chance_only
    strand = Strand(
        past_edges=view.past_edges,
        edges=view.edges,
        past=np.asarray(view.past, np.float64),
        mean=view.p_active if is_chance else view.mean,
        noun=mark_counted("active day"),
        period=view.period,
        bands=None if is_chance else view.bands,
        actual=view.actual,
        baseline=view.baseline,
        baseline_name=retold(view.baseline_name),
        is_chance=is_chance,
    )
    title = sentences.activity_finding(view)
    return Chart(
        _drawn(strand, title, 340), tr("{finding}. {more}").format(finding=title, more=sentences.user_headline(view))
    )


def topic_curve(view: TopicView, period: str) -> Chart:
    """Draw one user's interest in a topic, in events, as `user_curve` does; its finding stands above it on the page."""
    strand = Strand(
        past_edges=view.past_edges,
        edges=view.edges,
        past=view.past,
        mean=view.mean,
        noun="event",
        period=period,
        bands=view.bands,
        actual=view.actual,
        baseline=view.baseline,
        baseline_name=_mixed(view.mix_name),
    )
    drawn = _drawn(strand, "", 270, nticks=6, showlegend=False, margin_t=30)
    return Chart(drawn, tr("{finding}.").format(finding=sentences.topic_finding(view, period)))


def category_curves(view: UserView, limit: int | None = None) -> tuple[Chart, ...]:
    """Draw one small curve for each category, largest change first, all on one scale.

    Args:
        view: The user's page.
        limit: Draw only the first so many.
    """
    shown = view.categories[:limit]
    strands = [_category_strand(view, curve) for curve in shown]
    top = max((strand.top for strand in strands), default=1.0)
    return tuple(_small(strand, curve, view, top) for strand, curve in zip(strands, shown, strict=True))


def cohort_curve(view: CohortView, period: str) -> Chart:
    """Draw a segment's expected active days against what they really were."""
    strand = Strand(
        past_edges=view.past_edges,
        edges=view.edges,
        past=np.asarray(view.past, np.float64),
        mean=view.mean,
        noun=mark_counted("active day"),
        period=period,
        bands=view.bands,
        actual=view.actual,
        baseline=view.baseline,
        baseline_name=retold(view.baseline_name),
        asks_why=False,
    )
    alt = tr("{finding}.").format(finding=sentences.cohort_finding(view))
    return Chart(_drawn(strand, sentences.cohort_weeks(view, period), 340), alt)


def _category_strand(view: UserView, curve: CategoryCurve) -> Strand:
    return Strand(
        past_edges=view.past_edges,
        edges=view.edges,
        past=curve.past,
        mean=curve.mean,
        noun="event",
        period=view.period,
        actual=curve.actual,
        baseline=curve.baseline,
        baseline_name=_mixed(view.mix_name),
    )


def _mixed(name: str) -> str:
    """Say what the dashes beside a part of the total are."""
    return tr("the same total, mixed as {name}").format(name=retold(name)) if name else ""


def _drawn(strand: Strand, title: str, height: int, nticks: int = 12, **layout: object) -> go.Figure:
    traces: list[go.Scatter | go.Bar] = [_past_bars(strand)]
    if strand.bands is not None:
        traces += _bands(strand, strand.bands)
    if strand.baseline is not None:
        traces.append(_baseline(strand, strand.baseline))
    traces.append(_mean(strand, size=7))
    if strand.actual is not None:
        traces.append(_actual(strand, strand.actual, size=8))
    origin = to_datetime(int(strand.edges[0]))
    top = 1.02 if strand.is_chance else max(strand.top * 1.08, 1.05)
    return figure(
        title,
        height,
        traces,
        x={"type": "date", "tickformat": tr_p("time axis", "%-d %b\n%Y"), "nticks": nticks},
        y={
            "title_text": strand.axis,
            "range": [0, top],
            "nticks": 6,
            "tickformat": ".0%" if strand.is_chance else None,
        },
        shapes=[upright(origin, 0.55)],
        annotations=[upright_words(origin, tr("origin {day}").format(day=day(origin)))],
        legend_traceorder="normal",
        bargap=0.2,
        **layout,
    )


def _small(strand: Strand, curve: CategoryCurve, view: UserView, top: float) -> Chart:
    traces: list[go.Scatter | go.Bar] = [_past_bars(strand)]
    if strand.baseline is not None:
        traces.append(_baseline(strand, strand.baseline))
    traces.append(_mean(strand, size=5))
    if strand.actual is not None:
        traces.append(_actual(strand, strand.actual, size=5))
    words = sentences.category_change(curve, view.period)
    small = {"tickfont_size": 10}
    drawn = figure(
        "",
        158,
        traces,
        x={"type": "date", "tickformat": tr_p("time axis", "%b"), "nticks": 5, **small},
        y={"range": [0, max(top * 1.06, 0.1)], "nticks": 3, **small},
        shapes=[upright(to_datetime(int(strand.edges[0])), 0.35)],
        title_text=f"{escaped(shortened(curve.label, 34))}<br>{_small_print(words)}",
        title_font_size=13,
        margin={"l": 4, "r": 4, "t": 50, "b": 4},
        showlegend=False,
    )
    return Chart(drawn, tr("{name}: {finding}.").format(name=curve.label, finding=words))


def _small_print(words: str) -> str:
    return f'<span style="font-size:11px;font-weight:normal;color:{GREY}">{escaped(words)}</span>'


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


def _mean(strand: Strand, size: int) -> go.Scatter:
    return go.Scatter(
        x=_middles(strand.edges), y=strand.mean.tolist(), mode="lines+markers", name=tr("expected"), hovertemplate=_HOVER,
        text=[strand.point(k) for k in range(len(strand.mean))], customdata=list(range(1, len(strand.mean) + 1)),
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
