"""Interest page: whether one user or many are looked at, kept in the address as ``view`` whatever the language."""

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from recviz.language import mark, tr
from recviz.ui.linked import linked, remember

VIEW = "view"
"""The word of the address."""
USER, COHORT = mark("User"), mark("Cohort")
TABS = "interest_view"


def choose_view() -> Sequence[TabContainer]:
    """Draw a tab for one user and one for many, and return them."""
    st.session_state[TABS] = tr(linked(VIEW, [USER, COHORT], USER))
    return st.tabs([tr(USER), tr(COHORT)], key=TABS, on_change=_take)


def open_users() -> None:
    """Let the tab of one user be open when the page is drawn next."""
    remember(VIEW, USER, USER)


def _take() -> None:
    remember(VIEW, COHORT if st.session_state[TABS] == tr(COHORT) else USER, USER)
