"""What a backtest found, said in sentences and ready to be drawn: one place for pages, commands and reports."""

from collections.abc import Sequence
from typing import Literal

from recviz.evaluate.result import Comparison, Evaluation, Task, TaskName
from recviz.evaluate.trust import Coverage
from recviz.plots.evaluation import Compared, comparison_dots, coverage, reliability
from recviz.plots.formats import share
from recviz.plots.template import Chart

TASK_WORDS: dict[TaskName, str] = {
    "counts": "Activity per period",
    "shares": "Shares of categories",
    "ranking": "Next items",
    "ranking_new": "Next items new to the user",
}
CHART_WORDS: dict[TaskName, str] = {
    "counts": "Activity",
    "shares": "Shares",
    "ranking": "Next items",
    "ranking_new": "New items",
}
"""Short, so that a title with a baseline's name fits above half a page."""
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
NO_BREAK = "\u00a0"


def headline(found: Evaluation) -> str:
    """Say in a sentence how the run compares with the best baseline."""
    return task_headline(found.tasks[0]).replace(" %", f"{NO_BREAK}%")


def achieved(found: Evaluation) -> str:
    """Say it as the end of a sentence about the run: ``predicts activity 9 % better than the best baseline (...)``."""
    main, comparison = found.tasks[0], found.headline
    if comparison.verdict == "no difference seen":
        return f"predicts {PREDICTS[main.name]} as well as the best baseline ({comparison.baseline})"
    gain = share(abs(comparison.gain)).replace(" ", NO_BREAK)
    return f"predicts {PREDICTS[main.name]} {gain} {comparison.verdict} than the best baseline ({comparison.baseline})"


def task_headline(task: Task) -> str:
    """Say in a sentence how the model does on one task."""
    return f"{TASK_WORDS[task.name]}: {verdict(task.comparison)}"


def verdict(comparison: Comparison) -> str:
    """Say a comparison; a difference inside the noise is said to be so."""
    interval = f"95 %: {share(comparison.gain_low)} to {share(comparison.gain_high)}"
    if comparison.verdict == "no difference seen":
        return f"level with the best baseline, {comparison.baseline} ({interval})"
    return (
        f"{share(abs(comparison.gain))} {comparison.verdict} than the best baseline, {comparison.baseline} ({interval})"
    )


def measure_words(measure: str) -> str:
    """Write a measure's key as words."""
    return MEASURES.get(measure, measure.replace("_", " "))


def task_chart(task: Task) -> Chart:
    """Draw the model beside each baseline on the task's main measure."""
    better: Literal["lower", "higher"] = "lower" if task.lower_is_better else "higher"
    return comparison_dots(CHART_WORDS[task.name], compared(task), better, measure_words(task.measure))


def compared(task: Task) -> list[Compared]:
    """Return the methods as rows of a comparison; those without a score are left out.

    The model's interval is that of its difference to the best baseline, user by user.
    """
    scores = {method.name: method.scores.get(task.comparison.measure) for method in task.methods}
    base = scores.get(task.comparison.baseline) if task.comparison.measure == task.measure else None
    return [
        Compared(
            name=method.name,
            value=value,
            low=base + task.comparison.low if method.is_model and base is not None else None,
            high=base + task.comparison.high if method.is_model and base is not None else None,
            is_model=method.is_model,
        )
        for method in task.methods
        if (value := method.scores.get(task.measure)) is not None
    ]


def reliability_chart(found: Evaluation) -> Chart | None:
    """Draw how often users returned against the chance that was said; ``None`` where it was not judged."""
    bins = found.reliability
    if not bins:
        return None
    total = sum(part.users for part in bins)
    gap = sum(abs(part.predicted - part.observed) * part.users for part in bins) / max(total, 1)
    return reliability(
        [part.predicted for part in bins],
        [part.observed for part in bins],
        [part.users for part in bins],
        f"The chance to return is off by {share(gap)} on average",
    )


def coverage_chart(found: Evaluation) -> Chart | None:
    """Draw how much of users' totals fell inside each band; ``None`` where it was not judged."""
    parts = [part for part in found.coverage if part.of == "users"]
    if not parts:
        return None
    return coverage(
        [part.nominal for part in parts],
        [part.observed for part in parts],
        _coverage_title(parts),
        [part.band for part in parts],
    )


def _coverage_title(parts: Sequence[Coverage]) -> str:
    widest = max(parts, key=lambda part: part.band)
    return f"The {share(widest.band)} band held {share(widest.observed)} of users; it promised {share(widest.nominal)}"
