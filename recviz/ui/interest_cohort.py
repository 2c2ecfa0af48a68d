"""Many users at once: what was expected of a segment against what it did."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from recviz.forecast.cohorts import CohortView
from recviz.plots import curves, sentences
from recviz.ui.charts import show_chart
from recviz.ui.formats import literal, share
from recviz.ui.interest_data import OpenRun, cohorts
from recviz.ui.interest_users import choose_origin

SEGMENT = "segment"
"""Also the word of the address that keeps the choice."""


def show_cohort(opened: OpenRun) -> None:
    """Draw the choice of a segment, its curve, and all segments in a table."""
    views = {view.segment.key: view for view in cohorts(opened)}
    where, when = st.columns([2, 3], vertical_alignment="bottom")
    with when:
        choose_origin("interest_cohort_origin", width="content")
    chosen = where.selectbox(
        "Segment",
        list(views),
        format_func=lambda key: segment_label(views[key]),
        key=SEGMENT,
        bind="query-params",
    )
    view = views[chosen]
    st.subheader(literal(sentences.cohort_finding(view)), anchor=False)
    st.caption(
        f"{share(view.p_active_horizon)} are expected to return at all. The band takes users to vary independently."
    )
    show_chart(curves.cohort_curve(view, opened.period), "interest_cohort_curve")
    st.markdown("**All segments: expected against what really happened**")
    show_table(list(views.values()))


def segment_label(view: CohortView) -> str:
    """Name a segment with its group and size."""
    return f"{view.segment.group}: {view.segment.label} ({len(view.segment):,})"


def show_table(views: list[CohortView]) -> None:
    """Draw one row a segment; a click on a row chooses it."""
    table = cohort_table(views)
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "group": "By",
            "segment": "Segment",
            "users": st.column_config.NumberColumn("Users", format="localized"),
            "expected": st.column_config.NumberColumn("Expected days", format="localized"),
            "low": st.column_config.NumberColumn("80 % from", format="localized"),
            "high": st.column_config.NumberColumn("to", format="localized"),
            "actual": st.column_config.NumberColumn("Really", format="localized"),
            "returning": st.column_config.NumberColumn("Will return", format="%.0f %%"),
        },
        key="interest_segments",
        on_select=partial(_take, [view.segment.key for view in views]),
        selection_mode="single-row",
        placeholder="not known",
        alt="Expected and actual active days of every segment",
    )


def cohort_table(views: list[CohortView]) -> pd.DataFrame:
    """Lay the segments out in whole days, one row each; ``actual`` is missing where the log ends before the horizon does."""
    return pd.DataFrame(
        {
            "group": [view.segment.group for view in views],
            "segment": [view.segment.label for view in views],
            "users": [len(view.segment) for view in views],
            "expected": [round(view.total_mean) for view in views],
            "low": [round(view.total_bands[1]) for view in views],
            "high": [round(view.total_bands[5]) for view in views],
            "actual": [np.nan if view.actual is None else float(view.actual.sum()) for view in views],
            "returning": [100 * view.p_active_horizon for view in views],
        }
    )


def _take(keys: list[str]) -> None:
    state: Any = st.session_state["interest_segments"]
    if rows := state["selection"]["rows"]:
        st.session_state[SEGMENT] = keys[rows[0]]
