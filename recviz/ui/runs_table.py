"""Runs page: all runs in one table; a click opens one."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recviz.jobs.job import ACTIVE, Job, State
from recviz.language import retold, tr, tr_p
from recviz.ui.formats import duration
from recviz.ui.run_words import gain_words, ordinal, state_word
from recviz.ui.runs_filter import choose_filter, matching, say_none
from recviz.ui.session import choose, session

TABLE = "runs_table"
ROW_HEIGHT = 35
SHOWN = 5
"""Runs that the table shows at once; more are scrolled to."""
STATE_COLOURS: Mapping[State, str] = {
    **dict.fromkeys(ACTIVE, "#0072B226"),
    "queued": "#8A919C26",
    "completed": "#1B7A4B26",
    "failed": "#B3261E26",
    "cancelled": "#8A919C26",
}
"""Faint, so that the text on them stands in both modes."""


def show_runs(jobs: Sequence[Job], waiting: Sequence[str], logs: Mapping[str, str]) -> None:
    """Draw the filters and the table of runs; choosing a row chooses the run.

    Args:
        jobs: The runs.
        waiting: Ids of those that wait, the next one first.
        logs: Dataset id -> what it is called.
    """
    wanted = choose_filter(jobs, logs)
    shown = in_order(matching(jobs, wanted, logs), waiting)
    if not shown:
        say_none(wanted)
        return
    ids = [job.id for job in shown]
    # another order is another table: a browser that still shows the old one tells rows of that
    key = "_".join([TABLE, *ids])
    chosen = [row for row, run in enumerate(ids) if run == session().run]
    st.session_state[key] = {"selection": {"rows": chosen, "columns": [], "cells": []}}
    st.dataframe(
        table(shown, waiting, logs),
        key=key,
        hide_index=True,
        placeholder="",
        height="content" if len(shown) <= SHOWN else ROW_HEIGHT * (SHOWN + 1),
        column_config=_columns(),
        on_select=lambda: _open(key, ids),
        selection_mode="single-row",
        alt=tr("The runs: those at work, those that wait, then the ended ones, newest first"),
    )


def _columns() -> dict[str, Any]:  # Streamlit keeps the type of a column to itself
    """Return how wide each column is: what a run says of itself changes every two seconds, its column stays."""
    column = st.column_config
    states, colours = [state_word(state) for state in STATE_COLOURS], list(STATE_COLOURS.values())
    return {
        "State": column.MultiselectColumn(tr("State"), options=states, color=colours, width=96),
        "Run": column.TextColumn(tr("Run"), width=152),
        "Log": column.TextColumn(tr("Log"), width=94),
        "Preset": column.TextColumn(tr("Preset"), width=80),
        "Done": column.ProgressColumn(tr("Done"), format="%d %%", min_value=0, max_value=100, width=84),
        "Left": column.TextColumn(tr_p("time", "Left"), width=86),
        "Device": column.TextColumn(tr("Device"), width=86),
        "Against baseline": column.TextColumn(
            tr("Against baseline"), width=116, help=tr("How much better than the best baseline, with the 95 % interval")
        ),
        "Started": column.DatetimeColumn(tr("Started"), format=tr_p("time format", "distance"), width=112),
        "Took": column.TextColumn(tr("Took"), width=80),
    }


def in_order(jobs: Sequence[Job], waiting: Sequence[str]) -> list[Job]:
    """Put the runs at work first, then those that wait, the next one first, then the others as they are."""
    places = {run: place for place, run in enumerate(waiting)}
    return sorted(jobs, key=lambda job: (job.has_ended, not job.is_active, places.get(job.id, 0)))


def table(jobs: Sequence[Job], waiting: Sequence[str], logs: Mapping[str, str]) -> pd.DataFrame:
    """Put the runs into rows, a cell empty where there is nothing to say yet."""
    return pd.DataFrame(
        {
            "State": [[state_word(job.state)] for job in jobs],
            "Run": [job.name for job in jobs],
            "Log": [logs.get(job.dataset, tr("deleted")) for job in jobs],
            "Preset": [tr(job.preset.capitalize()) for job in jobs],
            "Done": [int(100 * job.progress) if job.started else None for job in jobs],
            "Left": [_left(job, waiting) for job in jobs],
            "Device": [retold(job.device) for job in jobs],
            "Against baseline": [gain_words(job) or None for job in jobs],
            "Started": pd.Series([job.started for job in jobs], dtype="datetime64[us, UTC]"),
            "Took": [duration(job.took_seconds) if job.took_seconds else None for job in jobs],
        }
    )


def _left(job: Job, waiting: Sequence[str]) -> str | None:
    if job.id in waiting:
        return tr("{place} to start").format(place=ordinal(waiting.index(job.id) + 1))
    return duration(job.eta_seconds) if job.is_active and job.eta_seconds is not None else None


def _open(table_key: str, ids: Sequence[str]) -> None:
    rows = st.session_state[table_key]["selection"]["rows"]
    if rows:
        choose(run=ids[rows[0]])
