"""The smallest set of past events without which an item would not be recommended."""

from collections.abc import Sequence

import streamlit as st

from recviz.explain.explanation import EventShare, Explanation
from recviz.language import tr
from recviz.plots import why as words
from recviz.plots.attribution import when
from recviz.ui.explain_data import title_of, what_it_would_take
from recviz.ui.explain_edit import switch_off
from recviz.ui.explain_events import title_of as title_of_event
from recviz.ui.explain_tabs import WHAT_IF, open_tab
from recviz.ui.formats import counted, literal, signed
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import session
from recviz.ui.tokens import MUTED, RULE, escaped

PLACES = "explain_places"
LIST = 10
MOST = 8
"""Events that are shown at once; the others fold."""
_LIST = "list-style:none;padding:0;margin:0"


def show_without(opened: OpenRun, found: Explanation) -> None:
    """Search for the set, say it, and offer to switch it off in the what-if."""
    item = session().item
    title = title_of(opened, item)
    asked, _ = st.columns([1, 3])
    places = asked.number_input(tr("Out of the first"), 1, 100, LIST, key=PLACES, help=tr("How long the list is."))
    taken = what_it_would_take(opened, found.user_id, item, int(places))
    st.markdown(f"**{literal(words.without_words(taken, title))}**")
    if not taken.exists:
        return
    gone = [event for event in found.events if set(event.positions) <= set(taken.positions)]
    st.html(gone_html(gone, found.unit))
    st.button(
        tr("Switch them off in What if"),
        on_click=_switch_off,
        args=(opened, found, taken.positions),
        icon=":material/toggle_off:",
        help=tr("Opens What if: they are off there, and everything is worked out again."),
    )


def _switch_off(opened: OpenRun, found: Explanation, positions: Sequence[int]) -> None:
    switch_off(opened, found, positions)
    open_tab(WHAT_IF)


def gone_html(events: list[EventShare], unit: str) -> str:
    """List events that have to go, latest first."""
    alone = tr("its own share: {value} {unit}")
    rows = [
        f'<li style="padding:0.3em 0;border-top:{RULE}"><time style="{MUTED};display:inline-block;min-width:7em" '
        f'title="{escaped(event.time)}">{escaped(tr("earlier") if event.is_group else when(event))}</time>'
        f'<bdi>{escaped(title_of_event(event))}</bdi> <span style="{MUTED}">'
        f"{escaped(alone.format(value=signed(event.value), unit=tr(unit)))}</span></li>"
        for event in reversed(events)
    ]
    label = escaped(tr("Past events that have to go"))
    first = f'<ol aria-label="{label}" style="{_LIST}">{"".join(rows[:MOST])}</ol>'
    if not rows[MOST:]:
        return first
    summary = f'<summary style="{MUTED};cursor:pointer">{counted(len(rows) - MOST, "more event")}</summary>'
    return f'{first}<details>{summary}<ol style="{_LIST}">{"".join(rows[MOST:])}</ol></details>'
