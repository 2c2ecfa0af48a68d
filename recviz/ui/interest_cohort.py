"""Many users at once: what was expected of a segment against what it did, who is heading where, and why."""

import streamlit as st

from recviz.forecast.cohorts import CohortView
from recviz.forecast.segments import EVERYBODY
from recviz.language import tr
from recviz.plots import curves, sentences
from recviz.ui.charts import show_chart
from recviz.ui.formats import count, literal, share
from recviz.ui.ideas import band, interest_curve, show_caption
from recviz.ui.interest_beside import choose_baseline
from recviz.ui.interest_data import OpenRun, cohorts
from recviz.ui.interest_heading import show_users
from recviz.ui.interest_origin import choose_origin
from recviz.ui.interest_reasons import show_reasons
from recviz.ui.interest_segments import SEGMENT, show_segments
from recviz.ui.linked import linked, take

CHOICE = "interest_segment"


def show_cohort(opened: OpenRun) -> None:
    """Draw the choice of a segment, its curve, its users, what moves them, and all segments in a table."""
    where, when, which = st.columns([4, 3, 3], vertical_alignment="bottom")
    with when:
        choose_origin(opened, "interest_cohort_origin", width="content")
    with which:
        baseline = choose_baseline(opened, "interest_cohort_baseline")
    views = {view.segment.key: view for view in cohorts(opened, baseline)}
    st.session_state[CHOICE] = linked(SEGMENT, list(views), EVERYBODY)
    chosen = where.selectbox(
        tr("Segment"),
        list(views),
        format_func=lambda key: segment_label(views[key]),
        key=CHOICE,
        on_change=take,
        args=(SEGMENT, CHOICE, EVERYBODY),
    )
    view = views[chosen]
    st.subheader(literal(sentences.cohort_finding(view)), anchor=False)
    show_caption(band_words(view, opened.period), interest_curve(), band())
    show_chart(curves.cohort_curve(view, opened.period), "interest_cohort_curve")
    direction = show_users(opened, view.segment)
    show_reasons(opened, view.segment, direction)
    st.markdown(f"**{tr('All segments: expected against what really happened')}**")
    show_segments(list(views.values()))


def band_words(view: CohortView, period: str) -> str:
    """Say what the band takes into account: users alone, or everybody's level at earlier dates, too."""
    part, level = share(view.p_active_horizon), view.level
    if not level.origins:
        return tr("{part} are expected to return at all. The band takes users to vary independently.").format(part=part)
    words = tr(
        "{part} are expected to return at all. The band takes users to vary independently, and the level of all to be off as "
        "far as it was at {n} earlier dates: {off} in a single {period}, {total} over the horizon."
    )
    off, total = share(level.period), share(level.horizon)
    return words.format(part=part, n=count(level.origins), off=off, total=total, period=tr(period))


def segment_label(view: CohortView) -> str:
    """Name a segment with its group and size."""
    segment = view.segment
    return tr("{group}: {segment} ({n})").format(group=segment.group_told, segment=segment.told, n=count(len(segment)))
