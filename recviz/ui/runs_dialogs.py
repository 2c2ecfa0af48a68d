"""Runs page: questions that stand over the whole page: a new name, a deletion, what else of a log to learn from."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, NoReturn

import streamlit as st

from recviz.data.dataset import Manifest
from recviz.errors import RecvizError
from recviz.language import mark, tr
from recviz.model.config import RunConfig
from recviz.services import datasets, run_again, runs
from recviz.services.workspace import Workspace
from recviz.ui.formats import count, day, literal, size, told_apart
from recviz.ui.guards import show_problems, shown_problems
from recviz.ui.launching import estimated, rounded
from recviz.ui.session import address, choose, forget, keep, kept

Question = Literal["rename", "delete", "continue", "rest"]
ASKED = "runs_asked"
"""Under this name the question and the run that it is about are kept while it is open."""
LAUNCH = "runs_continue_key"
LONGEST_NAME = 80


def ask(question: Question, run_id: str) -> NoReturn:
    """Open a question about a run, whatever part of the page asks."""
    _open(question, run_id)
    st.rerun()


def ask_from_elsewhere(question: Question, run_id: str) -> NoReturn:
    """Go to the Runs page and open a question about a run there."""
    _open(question, run_id)
    st.switch_page("pages/runs.py", query_params=address(run=run_id))


def _open(question: Question, run_id: str) -> None:
    keep(ASKED, (question, run_id))
    keep(LAUNCH, secrets.token_hex(8))


def show_question(ws: Workspace) -> None:
    """Draw the question that is open; call it once, at the page's end."""
    asked: tuple[Question, str] | None = kept(ASKED, None)
    if asked is not None:
        question, run_id = asked
        title, width, draw = DIALOGS[question]
        st.dialog(tr(title), width=width, on_dismiss=_close)(draw)(ws, run_id)


def _close() -> None:
    forget(ASKED)


def _rename(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        known = runs.run(ws, run_id).name
    name = st.text_input(tr("Name"), value=known, key="runs_name", max_chars=LONGEST_NAME)
    if st.button(tr("Rename"), type="primary", key="runs_rename_sure", disabled=not name.strip()):
        with shown_problems():
            runs.rename(ws, run_id, name)
        _close()
        st.rerun()


def _delete(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        job, freed = runs.run(ws, run_id), size(runs.size_bytes(ws, run_id))
    if job.is_active:
        words = tr("**{name}** is at work and cannot be deleted now: cancel it first, or let it end.")
        st.markdown(words.format(name=literal(job.name)))
        return
    words = tr(
        "**{name}** goes for good, with its model, its evaluation and its log. This frees {size}. "
        "The log that it learnt from stays."
    )
    st.markdown(words.format(name=literal(job.name), size=freed))
    if st.button(
        tr("Delete it, free {size}").format(size=freed),
        type="primary",
        key="runs_delete_sure",
        icon=":material/delete:",
    ):
        with shown_problems():
            runs.delete(ws, run_id)
        _close()
        choose(run="")
        st.rerun()


def _continue(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        job, config = runs.run(ws, run_id), ws.run_config(run_id)
        logs = {
            row.manifest.id: row.manifest for row in datasets.list_datasets(ws) if row.manifest.id != config.dataset
        }
    words = tr(
        "A new run starts from the weights of **{name}** and learns what a newer log adds; "
        "items and users may have been added. The last horizon of that log is held out."
    )
    st.markdown(words.format(name=literal(job.name)))
    if not logs:
        st.caption(tr("There is no other log yet. Bring the newer one in first."))
        st.page_link(
            "pages/log.py", label=f"**{tr('Bring a log')}**", icon=":material/arrow_forward:", query_params=address()
        )
        return
    words_of = told_apart({one: _log_words(log) for one, log in logs.items()})
    log = st.selectbox(
        tr("Log"),
        _newest_first(list(logs.values())),
        format_func=words_of.__getitem__,
        key="runs_continue_log",
    )
    weighted = st.toggle(
        tr("Let users whom the run got wrong count more"), key="runs_continue_errors",
        help=tr("Errors of its own backtest weigh the examples: a user whom it forecast badly weighs more."),
    )  # fmt: skip
    name = st.text_input(
        tr("Name"), value=tr("{name}, continued").format(name=job.name)[:LONGEST_NAME], key="runs_continue_name",
        max_chars=LONGEST_NAME,
    )  # fmt: skip
    try:
        _start(ws, replace(run_again.continuation(ws, run_id, log), error_weight=1.0 if weighted else 0.0), name)
    except RecvizError as error:
        show_problems(error.problems)


def _rest(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        job, config = runs.run(ws, run_id), run_again.rest_of_log(ws, run_id)
    words = tr(
        "A new run starts from the weights of **{name}** and learns from what that run held out, up to the log's end. "
        "Use it to look ahead from now. It has no backtest of its own: that of **{name}** says how good such weights are."
    )
    st.markdown(words.format(name=literal(job.name)))
    name = st.text_input(
        tr("Name"), value=tr("{name}, up to now").format(name=job.name)[:LONGEST_NAME], key="runs_rest_name",
        max_chars=LONGEST_NAME,
    )  # fmt: skip
    try:
        _start(ws, config, name)
    except RecvizError as error:
        show_problems(error.problems)


def _start(ws: Workspace, config: RunConfig, name: str) -> None:
    """Offer to start a run that continues another, and open it once it is started."""
    words = tr("Start, about {time}").format(time=rounded(estimated(ws, config).seconds))
    if not st.button(words, type="primary", key="runs_continue_sure", icon=":material/play_arrow:"):
        return
    started = runs.launch(ws, config, name, kept(LAUNCH, config.continues))
    _close()
    choose(dataset=config.dataset, run=started)
    st.rerun()


DIALOGS: dict[Question, tuple[str, Literal["small", "medium"], Callable[[Workspace, str], None]]] = {
    "rename": (mark("Rename this run"), "small", _rename),
    "delete": (mark("Delete this run?"), "small", _delete),
    "continue": (mark("Continue on a newer log"), "medium", _continue),
    "rest": (mark("Learn the rest of the log"), "medium", _rest),
}
"""A question -> title, width and content of its dialog."""


def _newest_first(logs: Sequence[Manifest]) -> list[str]:
    return [log.id for log in sorted(logs, key=lambda log: (log.last_time, log.created), reverse=True)]


def _log_words(log: Manifest) -> str:
    if log.ordering != "time":
        return tr("{log}: {n} events").format(log=log.name, n=count(log.n_events))
    words = tr("{log}: {n} events, until {day}")
    return words.format(log=log.name, n=count(log.n_events), day=day(log.last_time))
