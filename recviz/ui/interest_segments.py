"""All segments of users in a table: expected against what really happened, period by period and in all."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from recviz.forecast.cohorts import CohortView
from recviz.forecast.segments import EVERYBODY
from recviz.language import tr, tr_p
from recviz.ui.linked import remember

SEGMENT = "segment"
"""The word of the address that names the chosen segment by its key."""
TABLE = "interest_segments"


def show_segments(views: list[CohortView]) -> None:
    """Draw one row a segment; a click on a row chooses it."""
    table = cohort_table(views)
    if table["actual"].isna().all():
        table = table.drop(columns=["actual", "happened"])
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "group": tr("By"),
            "segment": tr("Segment"),
            "users": st.column_config.NumberColumn(tr("Users"), format="localized"),
            "curve": st.column_config.LineChartColumn(tr("Past, then expected"), y_min=0),
            "happened": st.column_config.LineChartColumn(tr("Past, then really"), y_min=0),
            "expected": st.column_config.NumberColumn(tr("Days expected"), format="localized"),
            "low": st.column_config.NumberColumn(tr("80 % from"), format="localized"),
            "high": st.column_config.NumberColumn(tr_p("end of a band", "to"), format="localized"),
            "actual": st.column_config.NumberColumn(tr("Really"), format="localized"),
            "returning": st.column_config.NumberColumn(tr("Will return"), format="%.0f %%"),
        },
        key=TABLE,
        on_select=partial(_take, [view.segment.key for view in views]),
        selection_mode="single-row",
        placeholder=tr("not known"),
        alt=tr("Expected and actual active days of every segment"),
    )


def cohort_table(views: list[CohortView]) -> pd.DataFrame:
    """Lay the segments out in whole days, one row each; ``actual`` is missing where the log ends before the horizon does."""
    return pd.DataFrame(
        {
            "group": [view.segment.group_told for view in views],
            "segment": [view.segment.told for view in views],
            "users": [len(view.segment) for view in views],
            "curve": [[*view.past.tolist(), *view.mean.tolist()] for view in views],
            "happened": [
                [] if view.actual is None else [*view.past.tolist(), *view.actual[~np.isnan(view.actual)].tolist()]
                for view in views
            ],
            "expected": [round(view.total_mean) for view in views],
            "low": [round(view.total_bands[1]) for view in views],
            "high": [round(view.total_bands[5]) for view in views],
            "actual": [np.nan if view.actual is None else float(view.actual.sum()) for view in views],
            "returning": [100 * view.p_active_horizon for view in views],
        }
    )


def _take(keys: list[str]) -> None:
    state: Any = st.session_state[TABLE]
    if rows := state["selection"]["rows"]:
        remember(SEGMENT, keys[rows[0]], EVERYBODY)
