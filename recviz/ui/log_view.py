"""Log page: the chosen log's profile, or another log on its way in."""

from typing import Literal

import streamlit as st

from recviz.language import mark, tr
from recviz.services import datasets
from recviz.ui.caches import workspace
from recviz.ui.guards import shown_problems
from recviz.ui.log_file import draft
from recviz.ui.session import forget, kept, session

View = Literal["profile", "bring"]
LABELS: dict[View, str] = {"profile": mark("This log"), "bring": mark("Bring a log")}
KEY = "log_view"


def choose_view() -> View:
    """Draw the switch and return what is shown; an empty workspace has nothing to switch to."""
    with shown_problems():
        has_logs = bool(datasets.list_datasets(workspace()))
    if not has_logs and not session().dataset:
        return "bring"
    wanted: View | None = kept("log_view_next", None)
    if wanted is not None:
        forget("log_view_next")
        st.session_state[KEY] = wanted
    options: list[View] = ["profile", "bring"]
    first: View = "bring" if draft().events is not None else "profile"
    chosen = st.segmented_control(
        tr("Show"), options, default=None if KEY in st.session_state else first, required=True,
        format_func=lambda view: tr(LABELS[view]), key=KEY, label_visibility="collapsed",
    )  # fmt: skip
    return chosen or "profile"
