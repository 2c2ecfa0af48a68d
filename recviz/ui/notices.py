"""A notice when a run ends while one looks at another page: once in each browser session."""

from collections.abc import Sequence

import streamlit as st

from recviz.jobs.job import Job
from recviz.language import retold, tr, tr_n
from recviz.services import runs
from recviz.ui.caches import workspace
from recviz.ui.formats import count, literal
from recviz.ui.guards import shown_problems
from recviz.ui.run_words import ICONS, SENTENCES, reason_words
from recviz.ui.session import keep, kept

EVERY = "4s"
KNOWN = "notices_known"
"""Under this name the runs are kept of which this tab knows that they have ended."""
MOST = 3
"""Runs that get a notice of their own; more, after a night, are counted."""


def tell_ended(jobs: Sequence[Job], *, in_sight: bool) -> None:
    """Tell of each run that has ended since this tab last looked, and look again while one is at work.

    Args:
        jobs: All runs.
        in_sight: Whether the page itself shows how each run ends: then nothing is said, now or later.
    """
    ended = frozenset(job.id for job in jobs if job.has_ended)
    before: frozenset[str] | None = kept(KNOWN, None)
    keep(KNOWN, ended)
    if before is not None and not in_sight:
        _tell([job for job in jobs if job.id in ended - before])
    if not in_sight and len(ended) < len(jobs):
        st.fragment(_look, run_every=EVERY)(ended)


def ended_words(job: Job) -> str:
    """Say how a run ended and where to look."""
    words = f"**{literal(tr(SENTENCES[job.state]).format(name=job.name))}**"
    if job.state == "failed":
        return tr("{what}: {reason}. Runs says what to do.").format(
            what=words, reason=literal(reason_words(job.reason))
        )
    if job.state == "completed" and job.versus_baseline:
        said = literal(retold(job.versus_baseline))
        return tr("{what}: {result}. See it under Runs.").format(what=words, result=said)
    return tr("{what}. See it under Runs.").format(what=words)


def _tell(news: Sequence[Job]) -> None:
    for job in news[:MOST]:
        st.toast(ended_words(job), icon=ICONS[job.state], duration="long")
    if len(news) > MOST:
        more = len(news) - MOST
        words = tr_n(
            "{n} more run has ended. See it under Runs.", "{n} more runs have ended. See them under Runs.", more
        )
        st.toast(words.format(n=count(more)), duration="long")


def _look(ended: frozenset[str]) -> None:
    with shown_problems():
        jobs = runs.runs(workspace())
    if ended != {job.id for job in jobs if job.has_ended}:
        st.rerun()  # the whole page: it tells the news, and stops looking where nothing is at work
