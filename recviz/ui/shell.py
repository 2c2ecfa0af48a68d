"""What surrounds every page: the choice of log and run at the left, and the trail that says where one is."""

from dataclasses import dataclass

import streamlit as st
from streamlit.commands.page_config import MenuItems

from recviz.data.dataset import Manifest
from recviz.jobs.job import Job
from recviz.language import CHINESE, ENGLISH, LANGUAGES, tr
from recviz.services import datasets, runs
from recviz.services.workspace import Workspace
from recviz.ui.caches import workspace
from recviz.ui.formats import counted, literal, short_id, told_apart
from recviz.ui.guards import shown_problems
from recviz.ui.notices import tell_ended
from recviz.ui.run_words import state_badge, state_word
from recviz.ui.session import Session, address, choose, choose_from, session

STEP = ":material/chevron_right:"
RUNS = "runs"
ABOUT_A_USER = {"interest", "explain"}
LOG_CHOICE = "shell_log"
RUN_CHOICE = "shell_run"
LANGUAGE_CHOICE = "shell_language"
LANGUAGES_BY_WORD = {"": LANGUAGES[ENGLISH], "zh": LANGUAGES[CHINESE]}
"""The languages under their words of the address."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the workspace holds, as far as the shell shows it."""

    logs: dict[str, Manifest]
    jobs: dict[str, Job]

    @property
    def log(self) -> Manifest | None:
        return self.logs.get(session().dataset)

    @property
    def job(self) -> Job | None:
        return self.jobs.get(session().run)

    def jobs_of(self, dataset_id: str) -> list[Job]:
        return [job for job in self.jobs.values() if job.dataset == dataset_id]


def menu() -> MenuItems:
    """Return what the app says about itself in its menu."""
    return {
        "About": tr(
            "**recviz** turns a behaviour log into explained interest curves: what each user will want over the coming "
            "weeks, what to recommend, and why."
        )
    }


def open_page(title: str, name: str) -> None:
    """Start the supervisor, settle what is looked at, and draw what surrounds the page.

    Args:
        title: What the page is called.
        name: Its path in the address.
    """
    with shown_problems():
        ws = workspace()
        runs.ensure_supervisor(ws)
        around = surroundings(ws)
    _settle(session(), around)
    with st.sidebar:
        _choices(around)
        _languages()
    _trail(title, around, tells_user=name in ABOUT_A_USER)
    tell_ended(list(around.jobs.values()), in_sight=name == RUNS)


def surroundings(ws: Workspace) -> Surroundings:
    """Read the lists of logs and runs, newest first."""
    return Surroundings(
        {row.manifest.id: row.manifest for row in datasets.list_datasets(ws)}, {job.id: job for job in runs.runs(ws)}
    )


def is_empty(ws: Workspace) -> bool:
    """Whether the workspace holds no log yet."""
    with shown_problems():
        return not surroundings(ws).logs


def _settle(view: Session, around: Surroundings) -> None:
    """Choose what follows from what is chosen: a run's own log, the newest ready run, the newest log."""
    if view.run in around.jobs:
        if view.dataset != around.jobs[view.run].dataset:
            choose(**{**address(view), "dataset": around.jobs[view.run].dataset})
        return
    if view.run:
        return  # unknown: the page says so
    candidates = around.jobs_of(view.dataset) if view.dataset else list(around.jobs.values())
    best = next((job for job in candidates if job.state == "completed"), next(iter(candidates), None))
    if best is not None:
        choose(dataset=best.dataset, run=best.id, user=view.user, item=view.item)
    elif not view.dataset and around.logs:
        choose(dataset=next(iter(around.logs)))


def _choices(around: Surroundings) -> None:
    view = session()
    if not around.logs:
        st.caption(tr("No log yet. Start at Home or Log."))
        return
    logs = told_apart({log: manifest.name for log, manifest in around.logs.items()})
    st.session_state[LOG_CHOICE] = view.dataset if view.dataset in logs else None
    st.selectbox(
        tr("Log"),
        list(logs),
        format_func=logs.__getitem__,
        key=LOG_CHOICE,
        placeholder=tr("Pick a log"),
        on_change=choose_from,
        args=(LOG_CHOICE, "dataset", tuple(logs)),
    )
    jobs = told_apart({job.id: _run_label(job) for job in around.jobs_of(view.dataset)})
    st.session_state[RUN_CHOICE] = view.run if view.run in jobs else None
    st.selectbox(
        tr("Run"),
        list(jobs),
        format_func=jobs.__getitem__,
        key=RUN_CHOICE,
        placeholder=tr("No run yet") if not jobs else tr("Pick a run"),
        disabled=not jobs,
        on_change=choose_from,
        args=(RUN_CHOICE, "run", tuple(jobs)),
    )


def _languages() -> None:
    st.session_state[LANGUAGE_CHOICE] = session().lang
    st.segmented_control(
        tr("Language"),
        list(LANGUAGES_BY_WORD),
        format_func=LANGUAGES_BY_WORD.__getitem__,
        key=LANGUAGE_CHOICE,
        required=True,
        label_visibility="collapsed",
        on_change=choose_from,
        args=(LANGUAGE_CHOICE, "lang"),
    )


def _run_label(job: Job) -> str:
    return job.name if job.state == "completed" else f"{job.name} ({state_word(job.state)})"


def _trail(title: str, around: Surroundings, *, tells_user: bool) -> None:
    view = session()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="trail"):
        if around.log is None:
            _quiet(tr("Unknown log") if view.dataset else tr("Pick a log") if around.logs else tr("Empty workspace"))
        else:
            st.page_link("pages/log.py", label=literal(around.log.name), query_params=address())
            _quiet(counted(around.log.n_events, "event"))
        _quiet(STEP)
        if around.job is None:
            _quiet(tr("unknown run") if view.run else tr("no run yet"))
        else:
            st.page_link("pages/runs.py", label=literal(around.job.name), query_params=address())
            state_badge(around.job)
        _quiet(STEP)
        user = f" `{short_id(view.user)}`" if view.user and tells_user else ""
        st.markdown(f"**{title}**{user}", width="content")


def _quiet(words: str) -> None:
    st.caption(words, width="content")
