"""Runs page: questions that stand over the whole page: a new name, a deletion, a newer log to go on with."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NoReturn

import streamlit as st

from recviz.data.dataset import Manifest
from recviz.errors import RecvizError
from recviz.services import datasets, run_again, runs
from recviz.services.workspace import Workspace
from recviz.ui.formats import count, day, literal, size
from recviz.ui.guards import show_problems, shown_problems
from recviz.ui.launching import estimated, rounded
from recviz.ui.session import address, choose, forget, keep, kept

Question = Literal["rename", "delete", "continue"]
ASKED = "runs_asked"
"""Under this name the question and the run that it is about are kept while it is open."""
LAUNCH = "runs_continue_key"
LONGEST_NAME = 80


def ask(question: Question, run_id: str) -> NoReturn:
    """Open a question about a run, whatever part of the page asks."""
    keep(ASKED, (question, run_id))
    keep(LAUNCH, secrets.token_hex(8))
    st.rerun()


def show_question(ws: Workspace) -> None:
    """Draw the question that is open; call it once, at the page's end."""
    asked: tuple[Question, str] | None = kept(ASKED, None)
    if asked is not None:
        question, run_id = asked
        {"rename": _rename, "delete": _delete, "continue": _continue}[question](ws, run_id)


def _close() -> None:
    forget(ASKED)


@st.dialog("Rename this run", on_dismiss=_close)
def _rename(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        known = runs.run(ws, run_id).name
    name = st.text_input("Name", value=known, key="runs_name", max_chars=LONGEST_NAME)
    if st.button("Rename", type="primary", key="runs_rename_sure", disabled=not name.strip()):
        with shown_problems():
            runs.rename(ws, run_id, name)
        _close()
        st.rerun()


@st.dialog("Delete this run?", on_dismiss=_close)
def _delete(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        job, freed = runs.run(ws, run_id), size(runs.size_bytes(ws, run_id))
    if job.is_active:
        st.markdown(f"**{literal(job.name)}** is at work and cannot be deleted now: cancel it first, or let it end.")
        return
    st.markdown(
        f"**{literal(job.name)}** goes for good, with its model, its evaluation and its log. This frees {freed}. "
        "The log that it learnt from stays."
    )
    if st.button(f"Delete it, free {freed}", type="primary", key="runs_delete_sure", icon=":material/delete:"):
        with shown_problems():
            runs.delete(ws, run_id)
        _close()
        choose(run="")
        st.rerun()


@st.dialog("Continue on a newer log", width="medium", on_dismiss=_close)
def _continue(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        job, config = runs.run(ws, run_id), ws.run_config(run_id)
        logs = {
            row.manifest.id: row.manifest for row in datasets.list_datasets(ws) if row.manifest.id != config.dataset
        }
    st.markdown(
        f"A new run starts from the weights of **{literal(job.name)}** and learns what a newer log adds; "
        "items and users may have been added. The last horizon of that log is held out."
    )
    if not logs:
        st.caption("There is no other log yet. Bring the newer one in first.")
        st.page_link("pages/log.py", label="**Bring a log**", icon=":material/arrow_forward:", query_params=address())
        return
    log = st.selectbox(
        "Log",
        _newest_first(list(logs.values())),
        format_func=lambda one: _log_words(logs[one]),
        key="runs_continue_log",
    )
    weighted = st.toggle(
        "Let users whom the run got wrong count more", key="runs_continue_errors",
        help="Errors of its own backtest weigh the examples: a user whom it forecast badly weighs more.",
    )  # fmt: skip
    name = st.text_input(
        "Name", value=f"{job.name}, continued"[:LONGEST_NAME], key="runs_continue_name", max_chars=LONGEST_NAME
    )
    try:
        found = replace(run_again.continuation(ws, run_id, log), error_weight=1.0 if weighted else 0.0)
        words = f"Start, about {rounded(estimated(ws, found).seconds)}"
        if not st.button(words, type="primary", key="runs_continue_sure", icon=":material/play_arrow:"):
            return
        started = runs.launch(ws, found, name, kept(LAUNCH, run_id))
    except RecvizError as error:
        show_problems(error.problems)
        return
    _close()
    choose(dataset=log, run=started)
    st.rerun()


def _newest_first(logs: Sequence[Manifest]) -> list[str]:
    return [log.id for log in sorted(logs, key=lambda log: (log.last_time, log.created), reverse=True)]


def _log_words(log: Manifest) -> str:
    until = f", until {day(log.last_time)}" if log.ordering == "time" else ""
    return f"{log.name}: {count(log.n_events)} events{until}"
