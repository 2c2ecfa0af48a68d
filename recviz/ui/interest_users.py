"""The lists at the left of the Interest page: whom to look at."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recviz.forecast.users import ListName, UserLists
from recviz.language import mark, tr
from recviz.ui.formats import count
from recviz.ui.session import choose, session

LISTS: dict[ListName, str] = {
    "most active": mark("Active"),
    "rising": mark("Rising"),
    "fading": mark("Fading"),
    "may lapse": mark("May lapse"),
    "random": mark("Random"),
}
FIRST, *_ = LISTS
SENTENCES: dict[ListName, str] = {
    "most active": mark("Most active days lately."),
    "rising": mark("Expected well above their recent rate."),
    "fading": mark("Expected well below their recent rate."),
    "may lapse": mark("Used to come, and may not return."),
    "random": mark("Twenty by chance."),
}
ROWS_SHOWN = 14


def choose_user(lists: UserLists) -> None:
    """Draw the lists; the first of the list is taken where nobody is chosen yet."""
    sought = st.text_input(
        tr("Search"), placeholder=tr("Search a user id"), key="interest_search", label_visibility="collapsed",
        type="search",
    )  # fmt: skip
    if sought and sought.strip():
        table = lists.search(sought)
        found = tr("{n} found").format(n=count(len(table)))
        name, sentence = "search", found if len(table) else tr("No user id holds this.")
    else:
        picked: ListName = st.pills(
            tr("List"),
            list(LISTS),
            format_func=lambda one: tr(LISTS[one]),
            default=FIRST,
            required=True,
            key="interest_list",
            label_visibility="collapsed",
            wrap=True,
            persist_state="session",
        )
        table = lists.pick(picked)
        name, sentence = picked, tr(SENTENCES[picked])
    st.caption(sentence)
    if not session().user:
        first_user(lists)
    if len(table):
        _draw(table, f"interest_users_{name}")


def first_user(lists: UserLists) -> None:
    """Choose the most active user."""
    table = lists.pick(FIRST, 1)
    if len(table):
        choose(user=str(table["user_id"].iloc[0]))


def _draw(table: pd.DataFrame, key: str) -> None:
    ids = [str(user) for user in table["user_id"]]
    at = [ids.index(session().user)] if session().user in ids else []
    st.dataframe(
        table[["user_id", "sparkline", "expected"]],
        hide_index=True,
        height=35 * (min(len(table), ROWS_SHOWN) + 1) + 3,
        column_config={
            "user_id": st.column_config.TextColumn(tr("User"), width=74),
            "sparkline": st.column_config.LineChartColumn(tr("Past"), width=76, y_min=0),
            "expected": st.column_config.NumberColumn(
                tr("Days"), format="%.1f", width=58, help=tr("Active days expected over the horizon.")
            ),
        },
        key=key,
        on_select=partial(_take, key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": at}} if at else None,
        alt=tr("Users with their past active days and the active days expected over the horizon"),
    )


def _take(key: str, ids: list[str]) -> None:
    """Choose the user whose row was clicked."""
    state: Any = st.session_state[key]
    if rows := state["selection"]["rows"]:
        choose(user=ids[rows[0]], item="", of="")
