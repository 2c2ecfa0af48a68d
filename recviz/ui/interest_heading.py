"""The users of a segment in a table: who rises, who fades, who may lapse; it filters, sorts, links and exports."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recviz.forecast.directions import DIRECTIONS, Direction
from recviz.forecast.segments import Segment
from recviz.language import mark, tr, tr_p
from recviz.plots.cohorts import DOING, heading_words
from recviz.services import cohorts
from recviz.services.exports import TableFormat, table_bytes
from recviz.ui.formats import count, literal, no_negative_zero, share
from recviz.ui.interest_data import OpenRun, cohort_users
from recviz.ui.interest_view import open_users
from recviz.ui.linked import linked, take
from recviz.ui.session import choose

HEADING = "heading"
"""The word of the address that says where the chosen users are heading."""
CHOICE = "interest_heading"
TABLE = "interest_heading_users"
SHOWN = 1000
"""Rows that are drawn; an export has all."""
HEIGHT = 422
LABELS: dict[Direction, str] = {
    "rises": mark("Rise"), "fades": mark("Fade"), "may lapse": mark("May lapse"), "stays": mark("Stay"),
}  # fmt: skip


def show_users(opened: OpenRun, segment: Segment) -> Direction | None:
    """Draw the users of the segment, and return which of them are chosen by where they are heading."""
    everyone = cohort_users(opened, segment.key)
    st.markdown(f"**{literal(heading_words(everyone['direction']))}**")
    pick, seek, save = st.columns([4, 3, 2], vertical_alignment="center")
    with pick:
        st.session_state[CHOICE] = linked(HEADING, [*DIRECTIONS, None], None)
        direction: Direction | None = st.pills(
            tr("Only those who"), list(DIRECTIONS), format_func=lambda one: tr(LABELS[one]), key=CHOICE,
            label_visibility="collapsed", on_change=take, args=(HEADING, CHOICE, None),
        )  # fmt: skip
    with seek:
        sought = st.text_input(
            tr("Search"), placeholder=tr("Search a user id or a category"), key="interest_heading_search", type="search",
            label_visibility="collapsed",
        )  # fmt: skip
    table = filtered(everyone, direction, sought or "")
    with save, st.container(horizontal=True, gap="xsmall"):
        _download(table, "csv", "CSV", "text/csv")
        _download(table, "parquet", "Parquet", "application/octet-stream")
    if len(table):
        _draw(table)
    else:
        st.caption(tr("Nobody of this segment fits. Choose others, or clear the search."))
    return direction


def filtered(users: pd.DataFrame, direction: Direction | None, sought: str) -> pd.DataFrame:
    """Keep the users who are heading one way and whose id or category holds a text, in either case."""
    keep = pd.Series(data=True, index=users.index)
    if direction is not None:
        keep &= users["direction"] == direction
    if wanted := sought.strip().lower():
        ids, categories = (users[name].astype(str).str.lower() for name in ("user_id", "category"))
        keep &= ids.str.contains(wanted, regex=False) | categories.str.contains(wanted, regex=False)
    return users[keep].reset_index(drop=True)


def shown_users(users: pd.DataFrame) -> pd.DataFrame:
    """Put the users in the words and units of the page."""
    return pd.DataFrame(
        {
            "user_id": users["user_id"],
            "direction": [tr(DOING[direction][0]) for direction in users["direction"]],
            "curve": [[*past, *curve] for past, curve in zip(users["past"], users["curve"], strict=True)],
            "recent_rate": users["recent_rate"],
            "expected": users["expected"],
            "change": no_negative_zero(users["change"]),
            "returning": 100 * users["p_active_horizon"],
            "category": [
                tr("{name} ({part})").format(name=name, part=share(part, 0)) if name else ""
                for name, part in zip(users["category"], users["category_share"], strict=True)
            ],
            "last_seen": users["last_seen"],
        }
    )


def _draw(table: pd.DataFrame) -> None:
    shown = table.head(SHOWN)
    ids = [str(user) for user in shown["user_id"]]
    number = st.column_config.NumberColumn
    st.dataframe(
        shown_users(shown),
        hide_index=True,
        height=min(HEIGHT, 38 + 35 * len(shown)),
        column_config={
            "user_id": tr("User"),
            "direction": tr("Heading"),
            "curve": st.column_config.LineChartColumn(
                tr("Past, then expected"), y_min=0, help=tr("Active days a period: what was, then what is expected.")
            ),
            "recent_rate": number(
                tr("Lately"), format="%.2f", help=tr("Active days a period over the last horizon's length.")
            ),
            "expected": number(tr("Days"), format="%.1f", help=tr("Active days expected over the horizon.")),
            "change": number(tr("Change"), format="%+.2f", help=tr("Expected less recent active days a period.")),
            "returning": number(tr("Returns"), format="%.0f %%", help=tr("Chance of any active day over the horizon.")),
            "category": st.column_config.TextColumn(tr("Took most"), help=tr("Category, and its part of the past.")),
            "last_seen": st.column_config.DatetimeColumn(tr("Last seen"), format=tr_p("time format", "D MMM YYYY")),
        },
        key=TABLE,
        on_select=partial(_open_user, ids),
        selection_mode="single-row",
        placeholder=tr("none"),
        alt=tr("The users of the segment with their past, their expected curves and where they are heading"),
    )
    words = tr("Click a row to open that user's curves; click a column to sort.")
    if len(table) > SHOWN:
        words = tr(
            "Click a row to open that user's curves; click a column to sort. The {n} that change most; the files have "
            "all {all}."
        )
    st.caption(words.format(n=count(SHOWN), all=count(len(table))))


def _download(table: pd.DataFrame, form: TableFormat, label: str, mime: str) -> None:
    st.download_button(
        label, lambda: table_bytes(cohorts.export_users(table), form), f"cohort.{form}", mime,
        icon=":material/download:", type="tertiary", on_click="ignore", key=f"interest_cohort_{form}",
    )  # fmt: skip


def _open_user(ids: list[str]) -> None:
    """Open the curves of the user whose row was clicked."""
    state: Any = st.session_state[TABLE]
    if rows := state["selection"]["rows"]:
        choose(user=ids[rows[0]], item="", of="")
        open_users()
