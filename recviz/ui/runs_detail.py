"""Runs page: one run, live while it is at work: what it is doing, how it learns, what happened to it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.jobs.job import Job
from recviz.plots.evaluation import learning_curves
from recviz.services import runs
from recviz.services.workspace import Workspace
from recviz.ui.caches import workspace
from recviz.ui.charts import show_chart
from recviz.ui.formats import count, counted, duration, literal, moment, size
from recviz.ui.guards import shown_problems
from recviz.ui.run_words import SENTENCES, progress_words
from recviz.ui.runs_table import show_runs
from recviz.ui.session import choose, forget, keep, session

EVERY = "2s"
SMOOTHED_PARTS = 25
MOST_POINTS = 400
"""Points of a learning curve that are drawn; more would be a line all the same."""
LOG_LINES = 60
TOTAL = "loss_total"
DELETION = "runs_deletion"
"""Under this name the run is kept whose deletion is being asked about."""


def is_live(ws: Workspace) -> bool:
    """Whether any run is queued or at work: only then does the page look again by itself."""
    return any(not job.has_ended for job in runs.runs(ws))


def show_live(logs: dict[str, str], *, live: bool) -> None:
    """Draw the table and the chosen run; while ``live`` again every two seconds, by themselves."""
    st.fragment(_table_and_run, run_every=EVERY if live else None)(logs, session().run, live=live)


def _table_and_run(logs: dict[str, str], drawn: str, *, live: bool) -> None:
    ws = workspace()
    with shown_problems():
        jobs = runs.runs(ws)
        show_runs(jobs, logs)
        if session().run != drawn or live != any(not job.has_ended for job in jobs):
            st.rerun()  # the rest of the page is of another run, or the looking ends
        chosen = next((job for job in jobs if job.id == drawn), None)
        if chosen is not None:
            _run(ws, chosen)


def _run(ws: Workspace, job: Job) -> None:
    metrics = runs.metrics(ws, job.id)
    words, buttons = st.columns([6, 1], vertical_alignment="center")
    with words:
        st.markdown(f"### {literal(headline(job, metrics))}")
        st.caption(_facts(job))
    with buttons:
        _buttons(ws, job)
    if job.reason:
        st.error(f"{literal(job.reason)}  \n{literal(job.mend)}", icon=":material/error:")
    if job.is_active:
        st.progress(job.progress, text=f"{job.phase.capitalize()} · {progress_words(job)}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        _curves(metrics)
    with right:
        _events(ws, job)
    with st.expander("Log of the run", icon=":material/article:"):
        st.code(runs.log_tail(ws, job.id, LOG_LINES) or "Nothing written yet.", language=None, wrap_lines=True)


def headline(job: Job, metrics: pd.DataFrame) -> str:
    """Say in a sentence how the run is doing."""
    best = _best(metrics) if job.state == "running" else None
    if best is not None:
        return f"Learning; best at step {count(best)}"
    return SENTENCES[job.state].format(name=job.name)


def _best(metrics: pd.DataFrame) -> int | None:
    known = _validations(metrics)
    return min(known, key=lambda pair: pair[1])[0] if known else None


def _facts(job: Job) -> str:
    took = f"{duration(job.took_seconds)} so far" if job.is_active else progress_words(job)
    attempt = f" · start {count(job.attempt)}" if job.attempt > 1 else ""
    return f"{job.device} · {took}{attempt} · `{job.id}`"


def _buttons(ws: Workspace, job: Job) -> None:
    if not job.has_ended:
        st.button(
            "Cancel", key="runs_cancel", icon=":material/stop_circle:", width="stretch",
            disabled=job.state == "cancelling", on_click=_cancel, args=(ws, job.id),
        )  # fmt: skip
        return
    with st.popover("More", icon=":material/more_horiz:", width="stretch"):
        if job.state != "completed":
            st.button("Resume", key="runs_resume", icon=":material/resume:", on_click=_resume, args=(ws, job.id))
        name = st.text_input("Name", value=job.name, key=f"runs_name_{job.id}", max_chars=80)
        if st.button("Rename", key="runs_rename", disabled=name.strip() in {"", job.name}):
            runs.rename(ws, job.id, name)
            st.rerun()
        if st.button(f"Delete, frees {size(runs.size_bytes(ws, job.id))}", key="runs_delete", icon=":material/delete:"):
            keep(DELETION, job.id)
            st.rerun()


def _cancel(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        runs.cancel(ws, run_id)


def _resume(ws: Workspace, run_id: str) -> None:
    with shown_problems():
        runs.resume(ws, run_id)


@st.dialog("Delete this run?", on_dismiss=lambda: forget(DELETION))
def confirm_delete(ws: Workspace, run_id: str) -> None:
    """Ask before a run goes for good."""
    job = runs.run(ws, run_id)
    st.markdown(f"**{literal(job.name)}** goes for good, with its model and its evaluation.")
    if st.button("Delete it", type="primary", key="runs_delete_sure"):
        with shown_problems():
            runs.delete(ws, run_id)
        forget(DELETION)
        choose(run="")
        st.rerun()


def _curves(metrics: pd.DataFrame) -> None:
    steps, losses = _losses(metrics)
    if not steps:
        st.caption("The curves begin with the first steps.")
        return
    show_chart(learning_curves(steps, losses, _validations(metrics)), "runs_learning")
    phase, seen = metrics["phase"].iloc[-1], int(metrics["step"].max())
    st.caption(f"{counted(seen, 'step')} · pass {count(metrics['pass_'].iloc[-1])} · {literal(str(phase))}")


def _losses(metrics: pd.DataFrame) -> tuple[list[int], list[float]]:
    if TOTAL not in metrics.columns:
        return [], []
    rows = _validated(metrics).dropna(subset=[TOTAL])
    smooth = rows[TOTAL].rolling(_span(len(rows)), min_periods=1).mean()
    every = max(1, -(-len(rows) // MOST_POINTS))
    return rows["step"].iloc[::every].astype(int).tolist(), smooth.iloc[::every].tolist()


def _span(steps: int) -> int:
    """Steps that a point of the training curve is the mean of: one step alone says little about the log."""
    return max(1, steps // SMOOTHED_PARTS)


def _validations(metrics: pd.DataFrame) -> list[tuple[int, float]]:
    rows = _validated(metrics).dropna(subset=["validation"])
    return [(int(step), float(value)) for step, value in zip(rows["step"], rows["validation"], strict=True)]


def _validated(metrics: pd.DataFrame) -> pd.DataFrame:
    """Keep the phase that is validated: a refit counts its steps anew and has nothing to validate on."""
    phases = metrics.loc[metrics["validation"].notna(), "phase"]
    learnt = metrics.loc[metrics[_losses_named(metrics)].notna().any(axis="columns"), "phase"]
    known = phases if len(phases) else learnt
    return metrics[metrics["phase"] == known.iloc[0]] if len(known) else metrics.iloc[:0]


def _losses_named(metrics: pd.DataFrame) -> list[str]:
    return [name for name in metrics.columns if name.startswith("loss_")]


def _events(ws: Workspace, job: Job) -> None:
    st.markdown("**What happened**")
    happenings: Sequence[tuple[str, str]] = [(moment(line.when), line.text) for line in runs.history(ws, job.id)]
    for when, text in happenings[-8:]:
        st.markdown(f":gray[{when[-9:-4]}] {literal(text)}")
