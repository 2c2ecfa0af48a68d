"""How a run's state is told: words, icon and colour, the same on every page."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from recviz.jobs.job import Job, State
from recviz.ui.formats import ago, counted, duration, literal, share

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
COLOURS: dict[State, str] = {"completed": "green", "failed": "red", "cancelled": "gray", "queued": "gray"}
SENTENCES: dict[State, str] = {
    "queued": "{name} waits for its turn",
    "starting": "{name} is starting",
    "running": "{name} is learning",
    "evaluating": "{name} has learnt and is now judged beside the baselines",
    "cancelling": "{name} is stopping",
    "completed": "{name} is ready",
    "cancelled": "{name} was cancelled",
    "failed": "{name} failed",
}
WORDS: dict[State, str] = {
    "queued": "waiting",
    "completed": "ready",
    "running": "learning",
    "evaluating": "being judged",
    "cancelling": "stopping",
}
PHASES: dict[str, str] = {
    "reading texts": "Reading the texts",
    "choosing passes": "Learning, validated after each pass",
    "refit": "Learning anew from all before the cut",
    "evaluating": "Judging beside the baselines",
}
"""What a run does, in its order; a phase that is none of these is short."""
SHORT_PHASES: dict[str, str] = {"loading": "Loading", "writing the model": "Writing the model down"}


def state_word(state: State) -> str:
    """Say a state in a word or two."""
    return WORDS.get(state, state)


def state_badge(job: Job) -> None:
    """Draw the state; a finished run says how long ago."""
    since = f", {ago(job.ended, datetime.now(UTC))}" if job.state == "completed" and job.ended else ""
    st.badge(f"{state_word(job.state)}{since}", icon=ICONS[job.state], color=COLOURS.get(job.state, "blue"))  # type: ignore[arg-type]  # the colours are Streamlit's


def phase_words(phase: str) -> str:
    """Say what a run is doing; a phase with a part, ``evaluating: LightGBM``, says the part too."""
    name, _, part = phase.partition(": ")
    words = PHASES.get(name) or SHORT_PHASES.get(name) or name.capitalize()
    return f"{words}: {part}" if part else words


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


def summary(jobs: Sequence[Job]) -> str:
    """Say in a sentence how all the runs are doing."""
    active = [job for job in jobs if job.is_active]
    waiting = sum(job.state == "queued" for job in jobs)
    then = f"; {waiting} more {'waits' if waiting == 1 else 'wait'}" if waiting else ""
    if len(active) == 1:
        return f"{literal(active[0].name)} is at work{then}"
    if active:
        return f"{len(active)} runs are at work{then}"
    if waiting:
        return f"{waiting} {'run waits' if waiting == 1 else 'runs wait'} for a free place"
    ready = sum(job.state == "completed" for job in jobs)
    if ready == len(jobs):
        return f"Nothing is at work; {'the run is' if ready == 1 else f'all {ready} runs are'} ready"
    return f"Nothing is at work; {ready} of {counted(len(jobs), 'run')} {'is' if ready == 1 else 'are'} ready"


def ordinal(place: int) -> str:
    """Write a place in a queue: ``1st``, ``2nd``, ``11th``."""
    teen = place % 100 in {11, 12, 13}
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def capitalised(words: str) -> str:
    """Begin with a capital letter and leave the rest, names in it too, as it is."""
    return words[:1].upper() + words[1:]
