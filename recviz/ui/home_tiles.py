"""Home of a workspace in use: the answer so far, what is running, whom to look at, what ran lately."""

from collections.abc import Sequence

import streamlit as st

from recviz.errors import NotFoundError, RecvizError
from recviz.evaluate.result import Evaluation
from recviz.forecast.cohorts import CohortView
from recviz.forecast.users import ListName, UserLists
from recviz.jobs.job import Job
from recviz.language import mark, retold, tr, tr_p
from recviz.plots import curves
from recviz.plots.verdicts import achieved
from recviz.services import evaluations, forecasts
from recviz.services.workspace import Workspace
from recviz.ui.caches import remembered, workspace
from recviz.ui.charts import show_chart
from recviz.ui.formats import count, counted, decimal, literal, share, short_id
from recviz.ui.guards import shown_problems
from recviz.ui.run_words import progress_words, state_badge
from recviz.ui.runs_detail import EVERY
from recviz.ui.session import address, session
from recviz.ui.shell import Surroundings, surroundings

SHOWN_RUNS = 4
SHOWN_USERS = 5
SHOWN_PERIODS = 20
EVERYBODY = "all"
"""The segment of all users."""


@remembered(mark("Looking for rising and fading users"), entries=16)
def _lists(ws: Workspace, run_id: str) -> UserLists | None:
    try:
        return forecasts.user_lists(ws, run_id, "now")
    except RecvizError:
        return None  # an order only, or a model that is gone: the page shows its other parts


@remembered(entries=16)
def _cohort(ws: Workspace, run_id: str) -> CohortView:
    return forecasts.cohort(ws, run_id, EVERYBODY, "now")


def show_home(ws: Workspace) -> None:
    """Draw the page of a workspace that holds a log."""
    with shown_problems():
        around = surroundings(ws)
    job = around.job if around.job is not None and around.job.state == "completed" else None
    found = _found(ws, job) if job is not None else None
    st.title(headline(around, job, found))
    live = any(not one.has_ended for one in around.jobs.values())
    lists = _lists(ws, job.id) if job is not None else None
    st.fragment(_tiles, run_every=EVERY if live else None)(lists, found, live=live)
    st.space("small")
    left, middle, right = st.columns([1, 1, 1], gap="large")
    ahead = (
        ""
        if found is None
        else tr("Expected active days in the next {time}").format(time=counted(found.horizon, found.period))
    )
    with left:
        _users(lists, "rising", tr("Rising users"), ahead)
    with middle:
        _users(lists, "fading", tr("Fading users"), ahead)
    with right:
        _runs(list(around.jobs.values())[:SHOWN_RUNS])
    if lists is not None and job is not None:
        _everybody(ws, job)


def _everybody(ws: Workspace, job: Job) -> None:
    with shown_problems():
        view = _cohort(ws, job.id)
        period = ws.run_config(job.id).period
    st.space("small")
    show_chart(curves.cohort_curve(view, period), "home_everybody")


def headline(around: Surroundings, job: Job | None, found: Evaluation | None) -> str:
    """Say what the workspace knows so far."""
    if job is not None and found is not None:
        return tr("{run} {achieved}").format(run=literal(job.name), achieved=achieved(found))
    if job is not None:
        return tr("{run} is ready: see what each user will want").format(run=literal(job.name))
    if any(one.is_active for one in around.jobs.values()):
        return tr("A model is learning; its curves are here when it is done")
    if around.log is not None:
        return tr("{log} is in: fine-tune a model on it next").format(log=literal(around.log.name))
    return tr("Pick a log at the left")


def _found(ws: Workspace, job: Job) -> Evaluation | None:
    try:
        return evaluations.evaluation(ws, job.id)
    except NotFoundError:
        return None


def _tiles(lists: UserLists | None, found: Evaluation | None, *, live: bool) -> None:
    with shown_problems():
        around = surroundings(workspace())
    if live and all(job.has_ended for job in around.jobs.values()):
        st.rerun()
    log = around.log
    tiles = [
        (tr("Events"), count(log.n_events) if log else tr("none"), counted(log.n_items, "item") if log else ""),
        (tr("Users"), count(log.n_users) if log else tr("none"), _returning(lists)),
        _running_tile(list(around.jobs.values())),
        _best_tile(around.job, found),
    ]
    for place, (label, value, below) in zip(st.columns(len(tiles), gap="small"), tiles, strict=True):
        with place.container(border=True, gap="xxsmall", height="stretch"):
            st.metric(label, value)
            st.caption(below or " ")


def _returning(lists: UserLists | None) -> str:
    if lists is None or not len(lists.frame):
        return tr("fine-tune to see who returns")
    part = share(float(lists.frame["p_active_horizon"].mean()), 0)
    return tr("{share} will return within the horizon").format(share=part)


def _running_tile(jobs: Sequence[Job]) -> tuple[str, str, str]:
    active = [job for job in jobs if job.is_active]
    waiting = sum(job.state == "queued" for job in jobs)
    if active:
        return (tr("At work"), counted(len(active), "job"), progress_words(active[0]))
    if waiting:
        return (tr("At work"), counted(waiting, "job"), tr("waiting for its turn"))
    return (tr("At work"), tr("Idle"), tr("{runs} so far").format(runs=counted(len(jobs), "run")))


def _best_tile(job: Job | None, found: Evaluation | None) -> tuple[str, str, str]:
    if job is not None and job.state == "completed" and found is None:
        return (tr("Against baselines"), tr_p("no backtest", "None"), tr("this run was not judged"))
    if job is None or found is None:
        return (tr("Against baselines"), tr_p("not known yet", "Open"), tr("known once a run is done"))
    gain = found.headline
    sign = "+" if gain.gain >= 0 else ""
    low, high = share(gain.gain_low), share(gain.gain_high)
    return (
        tr("Against baselines"),
        f"{sign}{share(gain.gain)}",
        tr("95 %: {low} to {high}, {baseline}").format(low=low, high=high, baseline=retold(gain.baseline)),
    )


def _users(lists: UserLists | None, name: ListName, title: str, ahead: str) -> None:
    st.markdown(f"**{title}**")
    if lists is None:
        st.caption(tr("Shown once a run on a log with times is ready."))
        return
    st.caption(ahead)
    picked = lists.pick(name, SHOWN_USERS)
    for row in picked.itertuples():
        _user(str(row.user_id), list(row.sparkline)[-SHOWN_PERIODS:], float(row.expected), float(row.change))  # type: ignore[arg-type]  # a row of a table has any type
    st.page_link("pages/interest.py", label=tr("All users"), icon=":material/arrow_forward:", query_params=address())


def _user(user: str, past: list[float], expected: float, change: float) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.page_link(
            "pages/interest.py",
            label=f"`{short_id(user)}`",
            query_params=address(user=user, origin="now"),
            width=90,
        )
        st.html(_spark(past), width=82)
        st.caption(
            tr("{days} days {sign}").format(
                days=decimal(expected), sign="▲" if change > 0 else "▼" if change < 0 else ""
            )
        )


def _spark(past: Sequence[float]) -> str:
    """Draw past active days as small bars; numbers alone, so nothing to escape."""
    most = max([*past, 1])
    bars = "".join(
        f'<div style="width:3px;height:{max(20 * value / most, 1):.1f}px;background:#8a919c"></div>' for value in past
    )
    return f'<div style="display:flex;gap:1px;align-items:flex-end;height:20px">{bars}</div>'


def _runs(jobs: Sequence[Job]) -> None:
    st.markdown(f"**{tr('Recent runs')}**")
    if not jobs:
        st.page_link(
            "pages/fine_tune.py",
            label=tr("Fine-tune a first model"),
            icon=":material/arrow_forward:",
            query_params=address(),
        )
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.page_link(
                "pages/runs.py",
                label=literal(job.name),
                query_params=address(session(), run=job.id, dataset=job.dataset),
            )
            state_badge(job)
        if job.versus_baseline or not job.has_ended:
            st.caption(literal(retold(job.versus_baseline) or progress_words(job)))
