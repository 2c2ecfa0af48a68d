"""Runs page: all runs in one table; a click opens one."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from recviz.jobs.job import Job
from recviz.ui.formats import ago
from recviz.ui.run_words import MARKS, state_word, time_words
from recviz.ui.session import choose, session

TABLE = "runs_table"
ROW_HEIGHT = 35
SHOWN = 6
"""Runs that the table shows at once; more are scrolled to."""


def show_runs(jobs: Sequence[Job], logs: dict[str, str]) -> None:
    """Draw the table of runs, newest first; choosing a row chooses the run.

    Args:
        jobs: The runs.
        logs: Dataset id -> what it is called.
    """
    now = datetime.now(UTC)
    table = pd.DataFrame(
        {
            "State": [f"{MARKS[job.state]} {state_word(job.state)}" for job in jobs],
            "Run": [job.name for job in jobs],
            "Log": [logs.get(job.dataset, "deleted") for job in jobs],
            "Preset": [job.preset.capitalize() for job in jobs],
            "Done": [int(100 * job.progress) for job in jobs],
            "Time": [time_words(job) for job in jobs],
            "Against the best baseline": [job.versus_baseline or "not known yet" for job in jobs],
            "Started": [ago(job.started or job.created, now) for job in jobs],
        }
    )
    chosen = [row for row, job in enumerate(jobs) if job.id == session().run]
    st.session_state[TABLE] = {"selection": {"rows": chosen, "columns": [], "cells": []}}
    st.dataframe(
        table,
        key=TABLE,
        hide_index=True,
        height="content" if len(jobs) <= SHOWN else ROW_HEIGHT * (SHOWN + 1),
        column_config={
            "State": st.column_config.TextColumn(width="small"),
            "Done": st.column_config.ProgressColumn(format="%d %%", min_value=0, max_value=100, width="small"),
        },
        on_select=lambda: _open([job.id for job in jobs]),
        selection_mode="single-row",
        alt="All runs of this workspace, newest first",
    )


def _open(ids: Sequence[str]) -> None:
    rows = st.session_state[TABLE]["selection"]["rows"]
    if rows:
        choose(run=ids[rows[0]])
