"""A backtest in a terminal: the model beside the baselines."""

import typer

from recviz.cli.program import print_table
from recviz.evaluate.result import Comparison, Task
from recviz.plots.formats import counted, share


def print_task(task: Task) -> None:
    """Print every method's scores, and the model against the best baseline in a sentence."""
    measures = [name for name in task.model.scores if name != task.measure]
    columns = ("Method", task.measure, *measures)
    rows = [
        (method.name, *(_number(method.scores.get(name)) for name in columns[1:])) if not method.failure
        else (method.name, method.failure)
        for method in task.methods
    ]  # fmt: skip
    print_table(columns, rows, title=f"{task.name}: {counted(task.users, 'user')}")
    typer.echo(comparison_words(task.comparison))


def comparison_words(comparison: Comparison) -> str:
    """Say how the model does against the best baseline, with the interval."""
    side = {"better": "better than", "worse": "worse than", "no difference seen": "not told apart from"}
    return (
        f"{comparison.measure}: {side[comparison.verdict]} {comparison.baseline}, by {share(comparison.gain)} "
        f"(95 %: {share(comparison.gain_low)} to {share(comparison.gain_high)})"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
