"""Runs page: all runs and the chosen one, live while something is at work."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from recviz.jobs.job import Job
from recviz.language import retold, tr, tr_p
from recviz.services import runs
from recviz.services.starts import holds_out
from recviz.services.workspace import Workspace
from recviz.ui.caches import workspace
from recviz.ui.formats import count, duration, literal, moment
from recviz.ui.guards import shown_problems
from recviz.ui.run_words import SENTENCES, UNJUDGED_SENTENCE, ordinal, summary, time_words
from recviz.ui.runs_actions import show_actions, show_problem, show_told
from recviz.ui.runs_evaluation import show_evaluation
from recviz.ui.runs_learning import best_words, show_learning, show_progress
from recviz.ui.runs_log import show_log
from recviz.ui.runs_machine import show_machine
from recviz.ui.runs_settings import show_settings
from recviz.ui.runs_table import show_runs
from recviz.ui.session import session

EVERY = "2s"
TABS = "runs_tab"


def show_live(ws: Workspace, logs: Mapping[str, str]) -> None:
    """Draw the table and the chosen run; each again every two seconds, by itself, while it may change.

    The two are parts beside each other: one inside the other would stay on the screen when it is gone.

    Args:
        ws: The workspace.
        logs: Dataset id -> what it is called.
    """
    with shown_problems():
        jobs = runs.runs(ws)
    view = session().run
    chosen = next((job for job in jobs if job.id == view), None)
    unsettled = {job.id: job.state for job in jobs if not job.has_ended}
    st.fragment(_table, run_every=EVERY if unsettled else None)(logs, view, unsettled)
    if chosen is not None:
        st.fragment(_run, run_every=None if chosen.has_ended else EVERY)(chosen.id, chosen.state)


def _table(logs: Mapping[str, str], drawn: str, unsettled: Mapping[str, str]) -> None:
    ws = workspace()
    with shown_problems():
        jobs, waiting = runs.runs(ws), runs.queue(ws)
    if session().run != drawn or unsettled.keys() != {job.id for job in jobs if not job.has_ended}:
        st.rerun()  # the rest of the page is of another run, or looking again begins or ends
    st.title(summary(jobs))
    show_runs(jobs, [job.id for job in waiting], logs)


def _run(run_id: str, drawn: str) -> None:
    ws = workspace()
    with shown_problems():
        job, waiting = runs.run(ws, run_id), [one.id for one in runs.queue(ws)]
        if job.state != drawn:
            st.rerun()  # what surrounds this part says the state too
        metrics = runs.metrics(ws, run_id)
        config = ws.run_config(run_id)
        judged = holds_out(ws, config)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {literal(headline(job, metrics, judged=judged))}", width="stretch")
        show_actions(ws, job, waiting)
    st.caption(_facts(job, waiting))
    show_told()
    show_problem(ws, job)
    if job.is_active:
        show_progress(ws, job, config, metrics, judged=judged)
    _parts(ws, job, metrics, judged=judged)


def headline(job: Job, metrics: pd.DataFrame, *, judged: bool = True) -> str:
    """Say in a sentence how the run is doing."""
    sentence = SENTENCES[job.state] if judged or job.state != "evaluating" else UNJUDGED_SENTENCE
    said = tr(sentence).format(name=job.name)
    known = best_words(metrics) if job.state == "running" else ""
    return tr("{what}; {more}").format(what=said, more=known) if known else said


def _facts(job: Job, waiting: Sequence[str]) -> str:
    if job.id in waiting:
        place = ordinal(waiting.index(job.id) + 1)
        took = tr("{place} of {all} to start").format(place=place, all=count(len(waiting)))
    else:
        took = tr("{time} so far").format(time=duration(job.took_seconds)) if job.is_active else time_words(job)
    words = tr("started {moment}") if job.started else tr("asked for {moment}")
    started = words.format(moment=moment(job.started or job.created))
    attempt = tr("start number {n}").format(n=count(job.attempt)) if job.attempt > 1 else ""
    return " · ".join(part for part in (started, took, retold(job.device), attempt, f"`{job.id}`") if part)


def _parts(ws: Workspace, job: Job, metrics: pd.DataFrame, *, judged: bool) -> None:
    """Draw the part of the run that is looked at; the others are not even read."""
    parts: dict[str, Callable[[], None]] = {
        tr("Learning"): lambda: show_learning(ws, job, metrics, judged=judged),
        tr("Machine"): lambda: show_machine(ws, job),
        tr("Settings"): lambda: show_settings(ws, job),
        tr_p("what a run writes", "Log"): lambda: show_log(ws, job),
    }
    if job.state == "completed":
        parts = {tr("Against the baselines"): lambda: show_evaluation(ws, job), **parts}
    for tab, show in zip(
        st.tabs(list(parts), key=f"{TABS}_{len(parts)}", on_change="rerun"), parts.values(), strict=True
    ):
        if tab.open:
            with tab:
                show()
