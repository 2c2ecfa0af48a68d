"""Compare page: the users for whom the runs differ most; a click lays both curves over each other."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recviz.errors import NotFoundError, UnsupportedError
from recviz.language import tr, tr_n, tr_p
from recviz.plots.comparison_words import users_finding
from recviz.plots.comparisons import curves_finding
from recviz.plots.comparisons import user_curves as curves_chart
from recviz.services.comparisons import common_origin
from recviz.services.workspace import Origin
from recviz.ui.charts import show_chart
from recviz.ui.compare_data import Chosen, user_curves, user_differences
from recviz.ui.formats import count, literal, short_id
from recviz.ui.guards import show_problems, shown_problems
from recviz.ui.session import address, choose, session

ROWS = 50
HEIGHT = 386
RUNS_WIDTH, NUMBER_WIDTH = 168, 60
"""Pixels for what all runs expect together, and the fewest that one of them needs."""
PADDING, LETTER = 16, 7
"""Pixels of a cell's two edges, and of a letter."""
TABLE = "compare_users"


def show_users(chosen: Chosen) -> None:
    """Draw the table and the curves of the user who is chosen in it; the first one where nobody is."""
    try:
        origin = common_origin(chosen.ws, chosen.runs)
        table = user_differences(chosen, origin)
    except (NotFoundError, UnsupportedError) as error:  # the rest of the page still stands
        show_problems(error.problems)
        return
    if not len(table):
        st.caption(tr("No user has a history in all of these runs."))
        return
    st.markdown(f"**{literal(users_finding(table, chosen.by_run))}**")
    left, right = st.columns(2, gap="medium")
    with left:
        _search_and_table(chosen, table, origin)
    with right, shown_problems():
        user = session().user or str(table["user_id"].iloc[0])
        views = user_curves(chosen, user, origin)
        words = tr("User **{user}**: {finding}")
        st.markdown(words.format(user=literal(user), finding=literal(curves_finding(views))))
        show_chart(curves_chart(views), "compare_curves")
        st.page_link(
            "pages/interest.py", label=tr("All of this user's curves"), icon=":material/show_chart:",
            query_params=address(user=user, origin=origin),
        )  # fmt: skip


def _search_and_table(chosen: Chosen, table: pd.DataFrame, origin: Origin) -> None:
    sought = st.text_input(
        tr("Search a user"), placeholder=tr("Search a user id"), key="compare_search", label_visibility="collapsed",
        type="search",
    )  # fmt: skip
    if sought and sought.strip():
        held = table["user_id"].astype(str).str.lower().str.contains(sought.strip().lower(), regex=False)
        table = table[held]
    if not len(table):
        st.caption(tr("No user id holds this."))
        return
    shown = table.head(ROWS)
    ids = [str(user) for user in shown["user_id"]]
    st.dataframe(
        shown_columns(shown, chosen, known=origin == "cut"),
        hide_index=True,
        height=HEIGHT,
        column_config=_columns(chosen),
        key=TABLE,
        on_select=partial(_take, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(session().user)]}} if session().user in ids else None,
        alt=tr("Users for whom the runs differ most, with what each run expects and what really happened"),
    )
    words = tr_n(
        "The {n} furthest apart. Click the row to see both curves.",
        "The {n} furthest apart first. Click a row to see both curves.",
        len(shown),
    )
    st.caption(words.format(n=count(len(shown))))


def _columns(chosen: Chosen) -> dict[str, Any]:  # Streamlit keeps the type of a column to itself
    """Return how wide each column is: a run may have a long name, and its numbers must be seen all the same.

    Of a long name the middle goes, not the end, which tells two of one name apart; the pointer shows the whole of it.
    """
    number = st.column_config.NumberColumn
    width = max(RUNS_WIDTH // len(chosen.runs), NUMBER_WIDTH)
    expected = tr("{run}: active days expected.")
    return {
        "user_id": st.column_config.TextColumn(tr("User"), width=74),
        **{
            f"expected_{run}": number(
                short_id(name, (width - PADDING) // LETTER),
                format="%.1f",
                width=width,
                help=expected.format(run=literal(name)),
            )
            for run, name in chosen.by_run.items()
        },
        "actual": number(tr("Really"), format="%.0f", width=58, help=tr("Active days that really were.")),
        "gap": number(tr("Apart"), format="%.1f", width=58, help=tr("Days between the runs.")),
        "nearest": st.column_config.TextColumn(tr("Nearer"), width=90),
    }


def shown_columns(table: pd.DataFrame, chosen: Chosen, *, known: bool) -> pd.DataFrame:
    """Put the table's columns in the order that they are read in; what is not known has no column."""
    names = ["user_id", *(f"expected_{run}" for run in chosen.runs)]
    names += ["actual", "gap", "nearest"] if known else ["gap"]
    shown, level = table[names], tr_p("equally near", "level")
    return shown.assign(nearest=shown["nearest"].map(lambda run: chosen.by_run.get(run, level))) if known else shown


def _take(ids: list[str]) -> None:
    state: Any = st.session_state[TABLE]
    if rows := state["selection"]["rows"]:
        choose(user=ids[rows[0]], item="", of="")
