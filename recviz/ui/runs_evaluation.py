"""Runs page: is the model any good? The model beside each baseline, and how far its chances and bands can be trusted."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.errors import NotFoundError
from recviz.evaluate.result import Comparison, Coverage, Evaluation, Task, TaskName
from recviz.jobs.job import Job
from recviz.plots.evaluation import Compared, comparison_dots, coverage, reliability
from recviz.services import evaluations
from recviz.services.workspace import Workspace
from recviz.ui.charts import show_chart
from recviz.ui.formats import count, counted, decimal, literal, share
from recviz.ui.guards import shown_problems

NO_BREAK = "\u00a0"
TASK_WORDS: dict[TaskName, str] = {
    "counts": "Activity per period",
    "shares": "Shares of categories",
    "ranking": "Next items",
    "ranking_new": "Next items new to the user",
}
PREDICTS: dict[TaskName, str] = {
    "counts": "activity",
    "shares": "shares of categories",
    "ranking": "next items",
    "ranking_new": "new items",
}
MEASURES = {
    "deviance": "deviance per user and period",
    "log_loss_user": "log-loss per user, nats",
    "ndcg@10": "NDCG of the first 10",
    "recall@10": "found among the first 10",
}


def show_evaluation(ws: Workspace, job: Job) -> None:
    """Draw the backtest of a finished run; nothing while it is at work."""
    if job.state != "completed":
        return
    st.divider()
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


def headline(found: Evaluation) -> str:
    """Say in a sentence how the run compares with the best baseline."""
    return f"{TASK_WORDS[found.tasks[0].name]}: {verdict(found.headline)}".replace(" %", f"{NO_BREAK}%")


def achieved(found: Evaluation) -> str:
    """Say it as the end of a sentence about the run: ``predicts activity 9 % better than the best baseline (...)``."""
    main, comparison = found.tasks[0], found.headline
    if comparison.verdict == "no difference seen":
        return f"predicts {PREDICTS[main.name]} as well as the best baseline ({comparison.baseline})"
    gain = share(abs(comparison.gain)).replace(" ", NO_BREAK)
    return f"predicts {PREDICTS[main.name]} {gain} {comparison.verdict} than the best baseline ({comparison.baseline})"


def verdict(comparison: Comparison) -> str:
    """Say a comparison; a difference inside the noise is said to be so."""
    interval = f"95 %: {share(comparison.gain_low)} to {share(comparison.gain_high)}"
    if comparison.verdict == "no difference seen":
        return f"level with the best baseline, {comparison.baseline} ({interval})"
    return (
        f"{share(abs(comparison.gain))} {comparison.verdict} than the best baseline, {comparison.baseline} ({interval})"
    )


def _evaluation(ws: Workspace, run_id: str) -> Evaluation | None:
    try:
        return evaluations.evaluation(ws, run_id)
    except NotFoundError:
        return None


def _pairs(tasks: Sequence[Task]) -> list[tuple[Task, Task | None]]:
    padded = [*tasks, None]
    return [(task, padded[place + 1]) for place, task in enumerate(tasks) if place % 2 == 0]


def _task(task: Task) -> None:
    chart = comparison_dots(
        TASK_WORDS[task.name],
        compared(task),
        "lower" if task.lower_is_better else "higher",
        MEASURES.get(task.measure, task.measure.replace("_", " ")),
    )
    show_chart(chart, f"runs_task_{task.name}")
    for method in task.methods:
        if method.failure:
            st.caption(f"{literal(method.name)}: {literal(method.failure)}")


def compared(task: Task) -> list[Compared]:
    """Return the methods as rows of a comparison; those without a score are left out."""
    reference = next((method for method in task.methods if method.name == task.comparison.baseline), None)
    base = reference.scores.get(task.comparison.measure) if reference is not None else None
    rows = []
    for method in task.methods:
        value = method.scores.get(task.measure)
        if value is None:
            continue
        has_interval = method.is_model and base is not None and task.comparison.measure == task.measure
        rows.append(
            Compared(
                name=method.name,
                value=value,
                low=base + task.comparison.low if has_interval and base is not None else None,
                high=base + task.comparison.high if has_interval and base is not None else None,
                is_model=method.is_model,
            )
        )
    return rows


def _trust(found: Evaluation) -> None:
    left, right = st.columns(2, gap="large")
    if found.reliability:
        bins = found.reliability
        chart = reliability(
            [part.predicted for part in bins],
            [part.observed for part in bins],
            [part.users for part in bins],
            _reliability_title(found),
        )
        with left:
            show_chart(chart, "runs_reliability")
    of_users = [part for part in found.coverage if part.of == "users"]
    if of_users:
        chart = coverage(
            [part.nominal for part in of_users], [part.observed for part in of_users], _coverage_title(of_users)
        )
        with right:
            show_chart(chart, "runs_coverage")


def _reliability_title(found: Evaluation) -> str:
    total = sum(part.users for part in found.reliability)
    gap = sum(abs(part.predicted - part.observed) * part.users for part in found.reliability) / max(total, 1)
    return f"The chance to return is off by {share(gap)} on average"


def _coverage_title(parts: Sequence[Coverage]) -> str:
    widest = max(parts, key=lambda part: part.band)
    return f"The {share(widest.band)} band held {share(widest.observed)} of users; it promised {share(widest.nominal)}"


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
