"""Runs page: is the model any good? The model beside each baseline, and how far its chances and bands can be trusted."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.errors import NotFoundError
from recviz.evaluate.result import Evaluation, Task
from recviz.jobs.job import Job
from recviz.plots.verdicts import coverage_chart, headline, reliability_chart, task_chart, verdict
from recviz.services import evaluations
from recviz.services.workspace import Workspace
from recviz.ui.charts import show_chart
from recviz.ui.formats import count, counted, decimal, literal
from recviz.ui.guards import shown_problems


def show_evaluation(ws: Workspace, job: Job) -> None:
    """Draw the backtest of a finished run."""
    with shown_problems():
        found = _evaluation(ws, job.id)
    if found is None:
        st.caption("This run was not judged: nothing was held out that could be scored.")
        return
    st.markdown(f"### {literal(headline(found))}")
    st.caption(
        f"Judged on what was held out: {counted(found.periods_scored, found.period)} of {counted(found.users, 'user')}. "
        "The line through the model's dot is the 95 % interval of its difference to the best baseline, user by user."
    )
    for left, right in _pairs(found.tasks):
        for place, task in zip(st.columns(2, gap="large"), (left, right), strict=True):
            if task is not None:
                with place:
                    _task(task)
    _trust(found)
    _strata(found.tasks[0])
    for note in found.notes:
        st.caption(f":material/info: {literal(note)}")


def _evaluation(ws: Workspace, run_id: str) -> Evaluation | None:
    try:
        return evaluations.evaluation(ws, run_id)
    except NotFoundError:
        return None


def _pairs(tasks: Sequence[Task]) -> list[tuple[Task, Task | None]]:
    padded = [*tasks, None]
    return [(task, padded[place + 1]) for place, task in enumerate(tasks) if place % 2 == 0]


def _task(task: Task) -> None:
    show_chart(task_chart(task), f"runs_task_{task.name}")
    for method in task.methods:
        if method.failure:
            st.caption(f"{literal(method.name)}: {literal(method.failure)}")


def _trust(found: Evaluation) -> None:
    charts = {"runs_reliability": reliability_chart(found), "runs_coverage": coverage_chart(found)}
    for place, (key, chart) in zip(st.columns(2, gap="large"), charts.items(), strict=True):
        if chart is not None:
            with place:
                show_chart(chart, key)


def _strata(task: Task) -> None:
    if not task.strata:
        return
    with st.expander("By how active the users were", icon=":material/groups:"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Users": [part.name for part in task.strata],
                    "How many": [count(part.users) for part in task.strata],
                    "Model": [_number(part.model) for part in task.strata],
                    "Best baseline": [_number(part.baseline) for part in task.strata],
                    "So": [
                        verdict(part.comparison) if part.comparison else "too few to compare" for part in task.strata
                    ],
                }
            ),
            hide_index=True,
            alt="The model and the best baseline for each group of users",
        )


def _number(value: float | None) -> str:
    return "" if value is None else decimal(value, 3)
