"""Below the answer: trust, what-ifs, comparisons, evidence, many users, all numbers; only what is open is worked out."""

from collections.abc import Callable

import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.language import mark, tr
from recviz.services.background import Background
from recviz.ui.explain_against import show_cohort_contrast
from recviz.ui.explain_drivers import show_drivers
from recviz.ui.explain_evidence import show_evidence
from recviz.ui.explain_export import show_numbers
from recviz.ui.explain_tabs import WHAT_IF, tabs_key
from recviz.ui.explain_target import ItemNumber, chosen, chosen_against, chosen_target
from recviz.ui.explain_trust import show_trust
from recviz.ui.explain_whatif import show_what_if
from recviz.ui.explain_without import show_without
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import OpenRun


def show_more(opened: OpenRun, found: Explanation, work: Background[Explanation]) -> None:
    """Draw the tabs; the question decides which there are."""
    against = chosen_against()
    parts: dict[str, Callable[[], None]] = {}
    if against.kind == "cohort":
        parts[mark("Against the cohort")] = lambda: show_cohort_contrast(opened, chosen_target(), against.name)
    parts[mark("How far to trust it")] = lambda: show_trust(found, work)
    parts[WHAT_IF] = lambda: show_what_if(opened, found)
    if isinstance(chosen(), ItemNumber):
        parts[mark("Without which")] = lambda: show_without(opened, found)
    parts[mark("Evidence")] = lambda: show_evidence(opened, found)
    parts[mark("Many users")] = lambda: show_drivers(opened, found)
    parts[mark("Numbers and files")] = lambda: show_numbers(opened, found)
    tabs = st.tabs([tr(name) for name in parts], key=tabs_key(), on_change="rerun")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, shown_problems():
                show()
