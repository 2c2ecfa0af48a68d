"""What if: past events switched off or one added, and what the model says then."""

import pandas as pd
import streamlit as st

from recviz.explain.explanation import EventShare, Explanation
from recviz.plots import sentences
from recviz.plots.attribution import when
from recviz.plots.whatif import before_after
from recviz.services.what_ifs import AddedEvent, WhatIfResult
from recviz.ui.charts import show_chart
from recviz.ui.explain_data import recommended, what_if
from recviz.ui.formats import counted, literal
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import session

ROWS = 14


def show_what_if(opened: OpenRun, found: Explanation) -> None:
    """Draw the switches, and before against after."""
    st.caption("Switch an event off, or add one, to see what the model would say then.")
    off = choose_off(found)
    add = choose_added(opened)
    if not off and not add:
        return
    result = what_if(opened, session().user, off, add)
    st.markdown(f"**{literal(sentences.what_if_finding(result.total_before, result.total_after))}**")
    if len(result.active_days):
        show_chart(before_after(result.active_days, opened.period), "explain_what_if")
    show_ranks(result)


def choose_off(found: Explanation) -> list[int]:
    """Show the events with a switch each, and return the places of those switched off."""
    events = found.ranked()[:ROWS]
    edited = st.data_editor(
        switches_table(events),
        hide_index=True,
        height=248,
        key="explain_off",
        disabled=["when", "title", "value"],
        column_config={
            "on": st.column_config.CheckboxColumn("On", width=64),
            "when": st.column_config.TextColumn("When", width=90),
            "title": st.column_config.TextColumn("Past event", width=260),
            "value": st.column_config.NumberColumn("Moved it by", format="%+.2f", width=96),
        },
        alt="Past events that can be switched off",
    )
    return switched_off(events, edited)


def switches_table(events: tuple[EventShare, ...]) -> pd.DataFrame:
    """Lay the events out with a switch each, all on."""
    return pd.DataFrame(
        {
            "on": [True] * len(events),
            "when": ["" if event.is_group else when(event) for event in events],
            "title": [event.title or event.item_id for event in events],
            "value": [event.value for event in events],
        }
    )


def switched_off(events: tuple[EventShare, ...], table: pd.DataFrame) -> list[int]:
    """Return the places in the history of the events whose switch is off."""
    return [place for event, is_on in zip(events, table["on"], strict=True) if not is_on for place in event.positions]


def choose_added(opened: OpenRun) -> list[AddedEvent]:
    """Offer an event to add: one of the likely items, taken just before the origin."""
    titles = {item.item_id: item.title for item in recommended(opened, session().user, seen_too=True)}
    item = st.selectbox(
        "Add an event just before the origin",
        list(titles),
        index=None,
        format_func=lambda one: titles[one] or one,
        placeholder="None added",
        key="explain_added",
    )
    return [AddedEvent(item_id=item)] if item else []


def show_ranks(result: WhatIfResult) -> None:
    """Draw the likeliest items before and after, items seen before included."""
    ranks = result.recommendations
    moved = int((ranks["rank_before"] != ranks["rank_after"]).sum())
    st.caption(f"Likeliest at the next visit, all items: {counted(moved, 'rank')} changed.")
    st.dataframe(
        ranks.assign(before=100 * ranks["before"], after=100 * ranks["after"])[
            ["rank_after", "title", "after", "before", "rank_before"]
        ],
        hide_index=True,
        column_config={
            "rank_after": st.column_config.NumberColumn("Rank then", width=80),
            "title": "Item",
            "after": st.column_config.NumberColumn("Chance then", format="%.1f %%"),
            "before": st.column_config.NumberColumn("Chance now", format="%.1f %%"),
            "rank_before": st.column_config.NumberColumn("Rank now", width=80),
        },
        key="explain_ranks",
        alt="The likeliest items with and without the change",
    )
