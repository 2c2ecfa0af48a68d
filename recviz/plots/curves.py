"""One large curve over time: of a user, of a topic, of a segment of users."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from recviz.forecast.cohorts import CohortView
from recviz.forecast.topic_view import TopicView
from recviz.forecast.user_view import UserView
from recviz.language import mark_counted, retold, tr, tr_p
from recviz.plots import sentences
from recviz.plots.formats import day, to_datetime
from recviz.plots.strand_traces import strand_traces
from recviz.plots.strands import Strand, mixed
from recviz.plots.template import TOP, Chart, figure, upright, upright_words
from recviz.plots.titles import BESIDE_LISTS, PAGE

Floats = NDArray[np.float64]


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
        _drawn(strand, title), tr("{finding}. {more}").format(finding=title, more=sentences.user_headline(view))
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
        baseline_name=mixed(view.mix_name),
    )
    return Chart(_drawn(strand), tr("{finding}.").format(finding=sentences.topic_finding(view, period)))


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
    return Chart(_drawn(strand, sentences.cohort_weeks(view, period), PAGE), alt)


def _drawn(strand: Strand, title: str = "", width: int = BESIDE_LISTS) -> go.Figure:
    """Draw a strand at the width of the page with its title and legend, or without both in half of it."""
    origin = to_datetime(int(strand.edges[0]))
    top = 1.02 if strand.is_chance else max(strand.top * 1.08, 1.05)
    return figure(
        title,
        340 if title else 270,
        strand_traces(strand, size=7),
        x={"type": "date", "tickformat": tr_p("time axis", "%-d %b\n%Y"), "nticks": 12 if title else 6},
        y={
            "title_text": strand.axis,
            "range": [0, top],
            "nticks": 6,
            "tickformat": ".0%" if strand.is_chance else None,
        },
        shapes=[upright(origin, 0.55)],
        annotations=[upright_words(origin, tr("origin {day}").format(day=day(origin)))],
        legend_traceorder="normal",
        showlegend=bool(title),
        bargap=0.2,
        width=width,
        margin_t=TOP if title else 30,
    )
