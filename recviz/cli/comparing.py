"""A backtest in a terminal: the model beside the baselines."""

import typer

from recviz.cli.program import print_table
from recviz.evaluate.result import Evaluation, Task
from recviz.plots.formats import counted
from recviz.plots.trust import trust_charts
from recviz.plots.verdicts import measure_words, so, task_headline


def print_task(task: Task) -> None:
    """Print every method's scores, and the model against the best baseline in a sentence."""
    measures = tuple(task.model.scores)
    rows = [
        (method.name, *(_number(method.scores.get(name)) for name in measures)) if not method.failure
        else (method.name, method.failure)
        for method in task.methods
    ]  # fmt: skip
    print_table(["Method", *map(measure_words, measures)], rows, title=f"{task.name}: {counted(task.users, 'user')}")
    for method in task.methods:
        if method.note:
            typer.echo(f"{method.name}: {method.note}")
    for part in task.strata:
        typer.echo(f"  {part.name}: {counted(part.users, 'user')}, {so(part.comparison)}")
    typer.echo(task_headline(task))


def print_trust(found: Evaluation) -> None:
    """Print, a sentence each, how far chances, bands, levels and other origins can be trusted."""
    for chart in trust_charts(found).values():
        typer.echo(chart.alt)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
