"""From when a page looks ahead, and how far behind that the model's learning ended."""

from typing import Literal

import streamlit as st

from recviz.language import mark, tr
from recviz.ui.formats import day
from recviz.ui.interest_data import OpenRun
from recviz.ui.runs_dialogs import ask_from_elsewhere
from recviz.ui.session import choose_from, session

ORIGINS = {"cut": mark("Backtest"), "now": mark("Now")}


def choose_origin(opened: OpenRun, key: str, width: Literal["stretch", "content"] = "stretch") -> None:
    """Switch between the backtest at the cut and the end of the log, where the run holds out anything in between."""
    split = opened.ws.predictor(opened.run, opened.origin).split
    if not split.holds_out:
        st.caption(tr("Looks ahead from the log's end: this run holds out nothing."))
        return
    st.session_state[key] = session().origin
    st.segmented_control(
        tr("Look ahead from"),
        list(ORIGINS),
        format_func=lambda one: tr(ORIGINS[one]),
        required=True,
        key=key,
        on_change=choose_from,
        args=(key, "origin"),
        width=width,
        help=tr(
            "Backtest looks ahead from the cut, so that what really happened can be drawn in. "
            "Now looks ahead from the end of the log."
        ),
    )
    if opened.origin == "now" and split.kind == "time":
        learnt = tr("This model has learnt nothing since {day}: of what came later it knows the text alone.")
        st.caption(learnt.format(day=day(split.cut)))
        if st.button(tr("Learn the rest of the log"), icon=":material/update:", type="tertiary", key=f"{key}_rest"):
            ask_from_elsewhere("rest", opened.run)
