"""The tabs below an explanation: by which key Streamlit knows which is open."""

import streamlit as st

from recviz.language import mark, tr
from recviz.ui.explain_target import ItemNumber, chosen, chosen_against

WHAT_IF = mark("What if")
TABS = "explain_tab"


def tabs_key() -> str:
    """Return the key of the tabs: another question has others, and opens at the first."""
    return f"{TABS}_{'item' if isinstance(chosen(), ItemNumber) else 'point'}_{chosen_against().kind}"


def open_tab(name: str) -> None:
    """Let a tab be open when the page is drawn next; for callbacks."""
    st.session_state[tabs_key()] = tr(name)
