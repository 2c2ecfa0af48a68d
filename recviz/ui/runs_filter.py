"""Runs page: which runs the table shows: by state, by log, by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from recviz.jobs.job import ACTIVE, Job, State
from recviz.language import mark, tr
from recviz.ui.formats import literal, told_apart

GROUPS: Mapping[str, tuple[State, ...]] = {
    mark("At work"): ACTIVE,
    mark("Waiting"): ("queued",),
    mark("Ready"): ("completed",),
    mark("Failed"): ("failed",),
    mark("Cancelled"): ("cancelled",),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; an empty one lets every run through."""

    group: str = ""
    """A key of `GROUPS`."""
    dataset: str = ""
    words: str = ""
    """Each must occur in the run's name, id, preset, device or log."""


def matching(jobs: Sequence[Job], wanted: Filter, logs: Mapping[str, str]) -> list[Job]:
    """Return the runs that a filter lets through, in their order.

    Args:
        jobs: The runs.
        wanted: What is looked for.
        logs: Dataset id -> what it is called.
    """
    states = GROUPS.get(wanted.group)
    words = wanted.words.casefold().split()
    return [
        job
        for job in jobs
        if (states is None or job.state in states)
        and wanted.dataset in {"", job.dataset}
        and all(word in _text(job, logs) for word in words)
    ]


def choose_filter(jobs: Sequence[Job], logs: Mapping[str, str]) -> Filter:
    """Draw the choices that have an effect on these runs, and return what is chosen; with one run there is none."""
    if len(jobs) < 2:  # noqa: PLR2004 - nothing to choose from
        return Filter()
    groups = [name for name, states in GROUPS.items() if any(job.state in states for job in jobs)]
    datasets = sorted({job.dataset for job in jobs}, key=lambda one: logs.get(one, one))
    names = told_apart({one: logs.get(one, tr("a deleted log")) for one in datasets})
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = st.text_input(
            tr("Find a run"), key="runs_words", type="search", live=True, placeholder=tr("Find a run"),
            label_visibility="collapsed", icon=":material/search:", width=170, persist_state="session",
        )  # fmt: skip
        group, dataset = None, None
        if len(groups) > 1:
            group = st.pills(
                tr("State"), groups, format_func=tr, key="runs_group", label_visibility="collapsed",
                persist_state="session",
            )  # fmt: skip
        if len(datasets) > 1:
            dataset = st.selectbox(
                tr("Log"), datasets, index=None, key="runs_log", placeholder=tr("Any log"), width=200,
                format_func=names.__getitem__, label_visibility="collapsed",
                persist_state="session",
            )  # fmt: skip
    return Filter(group or "", dataset or "", words or "")


def say_none(wanted: Filter) -> None:
    """Say that no run is left, and what it was looked for."""
    if wanted.words:
        words = tr("No run with “{words}” among these. Clear the filter to see the others.")
        st.caption(words.format(words=literal(wanted.words)))
    else:
        st.caption(tr("No run among these. Clear the filter to see the others."))


def _text(job: Job, logs: Mapping[str, str]) -> str:
    return " ".join((job.name, job.id, job.preset, job.device, logs.get(job.dataset, ""))).casefold()
