"""Compare page: which runs are laid side by side, kept in the address as ``runs``."""

from collections.abc import Mapping, Sequence

import streamlit as st

from recviz.errors import Problem
from recviz.jobs.job import Job
from recviz.language import tr
from recviz.services import runs
from recviz.services.comparisons import FEWEST
from recviz.services.workspace import Workspace
from recviz.ui.compare_data import Chosen
from recviz.ui.formats import literal, plain, told_apart
from recviz.ui.guards import empty_state, show_problems, shown_problems
from recviz.ui.run_words import state_word
from recviz.ui.session import address, keep, kept, session

WORD = "runs"
"""The word of the address, and the name under which the choice is kept across pages."""
BY_HAND = "compare_by_hand"
"""The name under which it is kept that the visitor has picked runs: then none is added to them."""
CHOICE = "compare_runs"
MOST = 4
"""Runs side by side; as many models stay open."""
LONGEST = 512


def choose_runs(ws: Workspace) -> Chosen:
    """Draw the choice and return it; where there is nothing to compare, say what to do next, and stop."""
    with shown_problems():
        jobs = {job.id: job for job in runs.runs(ws)}
    _require_some(jobs)
    wanted, unknown = split_known(_asked(), jobs)
    chosen = wanted if kept(BY_HAND, empty=False) and not unknown else completed_choice(wanted, jobs, session().run)
    _remember(chosen)
    names = distinct_names(jobs)
    st.session_state[CHOICE] = chosen
    offered = [job.id for job in in_reach(jobs, chosen)]
    picked = st.multiselect(
        tr("Runs side by side; the others are compared with the first"),
        offered,
        format_func=names.__getitem__,
        key=CHOICE,
        max_selections=MOST,
        on_change=_take,
        args=(offered,),
        placeholder=tr("Pick runs"),
    )
    if unknown:
        show_problems([missing(run) for run in unknown])
    if len(picked) < FEWEST:
        _ask_for_another(jobs, picked)
    return Chosen(ws, tuple(picked), tuple(names[run] for run in picked))


def split_known(asked: Sequence[str], jobs: Mapping[str, Job]) -> tuple[list[str], list[str]]:
    """Part the runs of a link into those that are here and those that are not, each once."""
    once = [*dict.fromkeys(run.strip() for run in asked if run.strip())]
    return [run for run in once if run in jobs][:MOST], [run for run in once if run not in jobs]


def completed_choice(wanted: Sequence[str], jobs: Mapping[str, Job], current: str) -> list[str]:
    """Fill a choice up to two: with the run that is looked at, then the newest ready ones of the same log."""
    if len(wanted) >= FEWEST:
        return [*wanted]
    first = [*wanted] or [run for run in [current] if run in jobs]
    ready = [job.id for job in jobs.values() if job.state == "completed"]
    log = jobs[first[0]].dataset if first else jobs[ready[0]].dataset if ready else ""
    same = [run for run in ready if jobs[run].dataset == log]
    return [*dict.fromkeys([*first, *same])][:FEWEST]


def in_reach(jobs: Mapping[str, Job], chosen: Sequence[str]) -> list[Job]:
    """List the runs to choose from: all that are ready, those of the first one's log before the others."""
    log = jobs[chosen[0]].dataset if chosen else ""
    offered = [job for job in jobs.values() if job.state == "completed" or job.id in chosen]
    return sorted(offered, key=lambda job: job.dataset != log)


def distinct_names(jobs: Mapping[str, Job]) -> dict[str, str]:
    """Name every run; those of one name carry their ids, and those that are not ready their state."""
    told = told_apart({run: plain(job.name) for run, job in jobs.items()})
    return {
        run: name
        if jobs[run].state == "completed"
        else tr("{run}, {state}").format(run=name, state=state_word(jobs[run].state))
        for run, name in told.items()
    }


def missing(run: str) -> Problem:
    """Say that a link names a run that is not here."""
    what = tr("There is no run {run}").format(run=repr(plain(run)))
    return Problem(what, tr("the link"), tr("Pick runs that are here, above"))


def _asked() -> list[str]:
    said = st.query_params.get(WORD, "")[:LONGEST]
    return said.split(",") if said else kept(WORD, [])


def _remember(chosen: Sequence[str]) -> None:
    keep(WORD, [*chosen])
    said = ",".join(chosen)
    if st.query_params.get(WORD, "") != said:
        if said:
            st.query_params[WORD] = said
        else:
            st.query_params.pop(WORD, None)


def _take(offered: Sequence[str]) -> None:
    picked: list[str] = st.session_state[CHOICE]
    if all(run in offered for run in picked):  # else a label came that a changed state has made an old one
        keep(BY_HAND, value=True)
        _remember(picked)


def _require_some(jobs: Mapping[str, Job]) -> None:
    if not any(job.state == "completed" for job in jobs.values()):
        empty_state(
            tr("No run is ready yet."),
            tr("Two runs that are ready can be laid side by side: their scores, their curves, their settings."),
            tr("Fine-tune a model"),
            "pages/fine_tune.py",
        )


def _ask_for_another(jobs: Mapping[str, Job], picked: Sequence[str]) -> None:
    one = literal(jobs[picked[0]].name) if picked else tr("the first")
    more = sum(job.state == "completed" for job in jobs.values()) >= FEWEST
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        head = tr("Pick a second run") if more else tr("One run is ready so far")
        st.markdown(f"#### {head}", text_alignment="center")
        words = (
            tr("Pick another run above, to compare it with {run}.")
            if more
            else tr(
                "A second one, with other settings, can be compared with {run}. How {run} does beside the baselines "
                "stands under Runs."
            )
        )
        st.caption(words.format(run=one), text_alignment="center")
        st.page_link(
            "pages/fine_tune.py", label=f"**{tr('Fine-tune another model')}**", icon=":material/arrow_forward:",
            query_params=address(),
        )  # fmt: skip
        st.page_link("pages/runs.py", label=tr("See the runs"), icon=":material/timeline:", query_params=address())
        st.space("small")
    st.stop()
