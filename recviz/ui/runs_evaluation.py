"""Runs page: is the model any good? The model beside each baseline, and how far its chances and bands can be trusted."""

from contextlib import suppress

import pandas as pd
import streamlit as st

from recviz.errors import NotFoundError
from recviz.evaluate.result import Evaluation
from recviz.jobs.job import Job
from recviz.language import mark, retold, tr
from recviz.plots.trust import trust_charts
from recviz.plots.verdicts import (
    PREDICTS,
    TASK_WORDS,
    headline,
    measure_words,
    so,
    task_chart,
    task_headline,
)
from recviz.services import evaluations
from recviz.services.workspace import Workspace
from recviz.ui.charts import charts_beside, half_page, show_chart
from recviz.ui.formats import count, counted, decimal, literal
from recviz.ui.guards import shown_problems
from recviz.ui.ideas import interval, show_caption
from recviz.ui.session import address

TOGETHER = mark(
    "Random groups, all after one date: what moves everybody then moves them together, so that they say little more "
    "than one group would."
)


def show_evaluation(ws: Workspace, job: Job) -> None:
    """Draw the backtest of a finished run."""
    with shown_problems():
        found = _evaluation(ws, job.id)
    if found is None:
        st.caption(tr("This run was not judged: nothing was held out that could be scored."))
        _first(ws, job)
        return
    st.markdown(f"### {literal(headline(found))}")
    words = tr(
        "Judged on what was held out: {time} of {users}. "
        "The line through the model's dot is the 95 % interval of its difference to the best baseline, user by user."
    )
    time = counted(found.periods_scored, found.period) if found.split == "time" else tr("the last event")
    show_caption(words.format(time=time, users=counted(found.users, "user")), interval())
    _beside(found)
    _scores(found)
    _trust(found)
    _strata(found)
    for note in found.notes:
        st.caption(f":material/info: {literal(retold(note))}")


def _first(ws: Workspace, job: Job) -> None:
    """Lead to the run that this one continues, whose backtest says how good such weights are."""
    with suppress(NotFoundError):
        first = ws.jobs.get(ws.run_config(job.id).continues)
        words = tr("It continues {name}, whose backtest says how good such weights are").format(
            name=literal(first.name)
        )
        st.page_link("pages/runs.py", label=words, icon=":material/arrow_forward:", query_params=address(run=first.id))


def _evaluation(ws: Workspace, run_id: str) -> Evaluation | None:
    try:
        return evaluations.evaluation(ws, run_id)
    except NotFoundError:
        return None


def _beside(found: Evaluation) -> None:
    """Draw the model beside each baseline, task by task."""
    with charts_beside():
        for task in found.tasks:
            with half_page():
                show_chart(task_chart(task), f"runs_task_{task.name}")
                for method in task.methods:
                    if method.failure or method.note:
                        words = tr("{method}: {note}")
                        note = literal(retold(method.failure or method.note))
                        st.caption(words.format(method=literal(retold(method.name)), note=note))


def _scores(found: Evaluation) -> None:
    place = st.expander(tr("Every measure"), icon=":material/table_chart:", key="runs_measures", on_change="rerun")
    if not place.open:  # tables that nobody looks at cost as much as those in sight
        return
    with place:
        for task in found.tasks:
            st.markdown(f"**{literal(task_headline(task))}** ({counted(task.users, 'user')})")
            st.dataframe(
                pd.DataFrame(
                    {
                        tr("Measure"): [measure_words(name) for name in task.model.scores],
                        **{
                            retold(method.name): [_number(method.scores.get(name)) for name in task.model.scores]
                            for method in task.methods
                            if not method.failure
                        },
                    }
                ),
                hide_index=True,
                alt=tr("Every measure of {task}: the model, then each baseline").format(task=tr(PREDICTS[task.name])),
            )


def _trust(found: Evaluation) -> None:
    charts = trust_charts(found)
    if not charts:
        return
    st.markdown(f"#### {tr('How far its chances, bands and levels can be trusted')}")
    with charts_beside():
        for key, chart in charts.items():
            with half_page():
                show_chart(chart, f"runs_{key}")
                if key == "coverage_cohorts":
                    st.caption(tr(TOGETHER))


def _strata(found: Evaluation) -> None:
    tasks = [task for task in found.tasks if task.strata]
    if not tasks:
        return
    words = tr("By how active the users were")
    place = st.expander(words, icon=":material/groups:", key="runs_strata", on_change="rerun")
    if not place.open:
        return
    with place:
        st.caption(
            tr("Among users alike in activity, a forecast that only tells the active from the others gains nothing.")
        )
        for task in tasks:
            words = tr("**{task}**, {measure}")
            st.markdown(words.format(task=tr(TASK_WORDS[task.name]), measure=measure_words(task.measure)))
            st.dataframe(
                pd.DataFrame(
                    {
                        tr("Users"): [retold(part.name) for part in task.strata],
                        tr("How many"): [count(part.users) for part in task.strata],
                        tr("Model"): [_number(part.model) for part in task.strata],
                        tr("Best baseline"): [_number(part.baseline) for part in task.strata],
                        tr("So"): [so(part.comparison) for part in task.strata],
                    }
                ),
                hide_index=True,
                alt=tr("The model and the best baseline on {task} for each group of users").format(
                    task=tr(PREDICTS[task.name])
                ),
            )


def _number(value: float | None) -> str:
    return "" if value is None else decimal(value, 3)
