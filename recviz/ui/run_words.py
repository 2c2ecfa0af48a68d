"""How a run's state is told: words, icon and colour, the same on every page."""

from datetime import UTC, datetime

import streamlit as st

from recviz.jobs.job import Job, State
from recviz.ui.formats import ago, duration, share

ICONS: dict[State, str] = {
    "queued": ":material/hourglass_top:",
    "starting": ":material/rocket_launch:",
    "running": ":material/progress_activity:",
    "evaluating": ":material/fact_check:",
    "cancelling": ":material/stop_circle:",
    "completed": ":material/check:",
    "cancelled": ":material/block:",
    "failed": ":material/error:",
}
MARKS: dict[State, str] = {
    "queued": "◌",
    "starting": "◔",
    "running": "◑",
    "evaluating": "◕",
    "cancelling": "◌",
    "completed": "●",
    "cancelled": "○",
    "failed": "✕",
}
"""For tables, which hold text alone."""
COLOURS: dict[State, str] = {"completed": "green", "failed": "red", "cancelled": "gray", "queued": "gray"}
SENTENCES: dict[State, str] = {
    "queued": "Waiting for its turn",
    "starting": "Starting",
    "running": "Learning",
    "evaluating": "Learnt; now judged beside the baselines",
    "cancelling": "Stopping",
    "completed": "{name} is ready",
    "cancelled": "{name} was cancelled",
    "failed": "{name} failed",
}
WORDS: dict[State, str] = {"completed": "ready", "running": "learning"}


def state_word(state: State) -> str:
    """Say a state in a word."""
    return WORDS.get(state, state)


def state_badge(job: Job) -> None:
    """Draw the state; a finished run says how long ago."""
    since = f", {ago(job.ended, datetime.now(UTC))}" if job.state == "completed" and job.ended else ""
    st.badge(f"{state_word(job.state)}{since}", icon=ICONS[job.state], color=COLOURS.get(job.state, "blue"))  # type: ignore[arg-type]  # the colours are Streamlit's


def progress_words(job: Job) -> str:
    """Say how far a run is: ``43 %, 2:10 min left``; how long it took once it has ended."""
    if not job.is_active:
        return time_words(job)
    left = time_words(job)
    return f"{share(job.progress, 0)}, {left}" if left else share(job.progress, 0)


def time_words(job: Job) -> str:
    """Say how long a run still takes, or took; "" where nothing is known yet."""
    if job.has_ended:
        return f"took {duration(job.took_seconds)}" if job.took_seconds else "did not start"
    if not job.is_active:
        return job.phase
    return "" if job.eta_seconds is None else f"{duration(job.eta_seconds)} left"
