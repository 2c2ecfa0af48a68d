"""What a backtest found, said in sentences and ready to be drawn: one place for pages, commands and reports."""

from typing import Literal

from recviz.evaluate.result import Comparison, Evaluation, Task, TaskName
from recviz.plots.evaluation import Compared, comparison_dots
from recviz.plots.formats import share
from recviz.plots.template import Chart

TASK_WORDS: dict[TaskName, str] = {
    "counts": "Activity per period",
    "shares": "Shares of categories",
    "ranking": "Next items",
    "ranking_new": "Next items new to the user",
    "ranking_repeats": "Which own items come again",
    "ranking_cold": "Items without any event before",
    "value": "Values",
}
CHART_WORDS: dict[TaskName, str] = {
    "counts": "Activity",
    "shares": "Shares",
    "ranking": "Next items",
    "ranking_new": "New items",
    "ranking_repeats": "Repeats",
    "ranking_cold": "Cold items",
    "value": "Values",
}
"""Short, so that a title with a baseline's name fits above half a page."""
PREDICTS: dict[TaskName, str] = {
    "counts": "activity",
    "shares": "shares of categories",
    "ranking": "next items",
    "ranking_new": "new items",
    "ranking_repeats": "repeats",
    "ranking_cold": "cold items",
    "value": "values",
}
MEASURES = {
    "deviance": "deviance per user and period",
    "mae": "mean error",
    "rmse": "RMSE",
    "brier": "Brier score of the chance to return",
    "auc": "AUC",
    "gini": "normalised Gini",
    "spearman": "rank correlation",
    "bias": "bias of the level",
    "wape": "error of everybody's sum",
    "log_loss_user": "log-loss per user, nats",
    "log_loss_event": "log-loss per event, nats",
    "log_loss": "log-loss, nats",
    "total_variation": "total variation",
    "top1": "largest category foreseen",
    "mse_user": "squared error per user",
    "mrr": "MRR",
    "coverage@10": "catalogue shown in the first 10",
    "popularity_bias@10": "more popular than what was taken, first 10",
}
RANKED = {"hr": "hit in the first", "ndcg": "NDCG of the first", "recall": "found among the first"}
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


def so(comparison: Comparison | None) -> str:
    """Say a comparison of a part of the users, which may be too small for one."""
    return verdict(comparison) if comparison else "too few to compare"


def measure_words(measure: str) -> str:
    """Write a measure's key as words."""
    kind, _, cut = measure.partition("@")
    if measure not in MEASURES and kind in RANKED:
        return f"{RANKED[kind]} {cut}"
    return MEASURES.get(measure, measure.replace("_", " "))


def task_chart(task: Task) -> Chart:
    """Draw the model beside each baseline on the task's main measure."""
    better: Literal["lower", "higher"] = "lower" if task.lower_is_better else "higher"
    level = f"{CHART_WORDS[task.name]}: level with {task.comparison.baseline}"
    finding = level if task.comparison.verdict == "no difference seen" else ""
    return comparison_dots(CHART_WORDS[task.name], compared(task), better, measure_words(task.measure), finding)


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
