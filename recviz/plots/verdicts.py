"""What a backtest found, said in sentences and ready to be drawn: one place for pages, commands and reports."""

from typing import Literal

from recviz.evaluate.result import Comparison, Evaluation, Task, TaskName
from recviz.language import mark, retold, tr
from recviz.plots.evaluation import Compared, comparison_dots
from recviz.plots.formats import share
from recviz.plots.template import Chart

TASK_WORDS: dict[TaskName, str] = {
    "counts": mark("Activity per period"),
    "shares": mark("Shares of categories"),
    "ranking": mark("Next items"),
    "ranking_new": mark("Next items new to the user"),
    "ranking_repeats": mark("Which own items come again"),
    "ranking_cold": mark("Items without any event before"),
    "ranking_newcomers": mark("Which of the items without any event before"),
    "value": mark("Values"),
}
CHART_WORDS: dict[TaskName, str] = {
    "counts": mark("Activity"),
    "shares": mark("Shares"),
    "ranking": mark("Next items"),
    "ranking_new": mark("New items"),
    "ranking_repeats": mark("Repeats"),
    "ranking_cold": mark("Cold items"),
    "ranking_newcomers": mark("Among cold items"),
    "value": mark("Values"),
}
"""Short, so that a title with a baseline's name fits above half a page."""
PREDICTS: dict[TaskName, str] = {
    "counts": mark("activity"),
    "shares": mark("shares of categories"),
    "ranking": mark("next items"),
    "ranking_new": mark("new items"),
    "ranking_repeats": mark("repeats"),
    "ranking_cold": mark("cold items"),
    "ranking_newcomers": mark("which cold items come"),
    "value": mark("values"),
}
MEASURES = {
    "deviance": mark("deviance per user and period"),
    "mae": mark("mean error"),
    "rmse": "RMSE",
    "brier": mark("Brier score of the chance to return"),
    "auc": "AUC",
    "gini": mark("normalised Gini"),
    "spearman": mark("rank correlation"),
    "bias": mark("bias of the level"),
    "wape": mark("error of everybody's sum"),
    "log_loss_user": mark("log-loss per user, nats"),
    "log_loss_event": mark("log-loss per event, nats"),
    "log_loss": mark("log-loss, nats"),
    "total_variation": mark("total variation"),
    "top1": mark("largest category foreseen"),
    "mse_user": mark("squared error per user"),
    "mrr": "MRR",
    "coverage@10": mark("catalogue shown in the first 10"),
    "popularity_bias@10": mark("more popular than what was taken, first 10"),
}
RANKED = {
    "hr": mark("hit in the first {n}"),
    "ndcg": mark("NDCG of the first {n}"),
    "recall": mark("found among the first {n}"),
}
NO_BREAK = "\u00a0"


def headline(found: Evaluation) -> str:
    """Say in a sentence how the run compares with the best baseline."""
    return task_headline(found.tasks[0]).replace(" %", f"{NO_BREAK}%")


def achieved(found: Evaluation) -> str:
    """Say it as the end of a sentence about the run: ``predicts activity 9 % better than the best baseline (...)``."""
    main, comparison = found.tasks[0], found.headline
    if comparison.verdict == "no difference seen":
        words = tr("predicts {task} as well as the best baseline ({baseline})")
    elif comparison.verdict == "better":
        words = tr("predicts {task} {gain} better than the best baseline ({baseline})")
    else:
        words = tr("predicts {task} {gain} worse than the best baseline ({baseline})")
    gain = share(abs(comparison.gain)).replace(" ", NO_BREAK)
    return words.format(task=tr(PREDICTS[main.name]), gain=gain, baseline=retold(comparison.baseline))


def task_headline(task: Task) -> str:
    """Say in a sentence how the model does on one task."""
    return tr("{task}: {finding}").format(task=tr(TASK_WORDS[task.name]), finding=verdict(task.comparison))


def verdict(comparison: Comparison) -> str:
    """Say a comparison; a difference inside the noise is said to be so."""
    if comparison.verdict == "no difference seen":
        words = tr("level with the best baseline, {baseline} (95 %: {low} to {high})")
    elif comparison.verdict == "better":
        words = tr("{gain} better than the best baseline, {baseline} (95 %: {low} to {high})")
    else:
        words = tr("{gain} worse than the best baseline, {baseline} (95 %: {low} to {high})")
    return words.format(
        gain=share(abs(comparison.gain)),
        baseline=retold(comparison.baseline),
        low=share(comparison.gain_low),
        high=share(comparison.gain_high),
    )


def so(comparison: Comparison | None) -> str:
    """Say a comparison of a part of the users, which may be too small for one."""
    return verdict(comparison) if comparison else tr("too few to compare")


def measure_words(measure: str) -> str:
    """Write a measure's key as words."""
    kind, _, cut = measure.partition("@")
    if measure not in MEASURES and kind in RANKED:
        return tr(RANKED[kind]).format(n=cut)
    return tr(MEASURES.get(measure, measure.replace("_", " ")))


def task_chart(task: Task) -> Chart:
    """Draw the model beside each baseline on the task's main measure."""
    better: Literal["lower", "higher"] = "lower" if task.lower_is_better else "higher"
    name = tr(CHART_WORDS[task.name])
    level = tr("{task}: level with {baseline}").format(task=name, baseline=retold(task.comparison.baseline))
    finding = level if task.comparison.verdict == "no difference seen" else ""
    return comparison_dots(name, compared(task), better, measure_words(task.measure), finding)


def compared(task: Task) -> list[Compared]:
    """Return the methods as rows of a comparison; those without a score are left out.

    The model's interval is that of its difference to the best baseline, user by user.
    """
    scores = {method.name: method.scores.get(task.comparison.measure) for method in task.methods}
    base = scores.get(task.comparison.baseline) if task.comparison.measure == task.measure else None
    return [
        Compared(
            name=retold(method.name),
            value=value,
            low=base + task.comparison.low if method.is_model and base is not None else None,
            high=base + task.comparison.high if method.is_model and base is not None else None,
            is_model=method.is_model,
        )
        for method in task.methods
        if (value := method.scores.get(task.measure)) is not None
    ]
