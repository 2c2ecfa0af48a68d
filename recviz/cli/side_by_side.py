"""The command that lays runs side by side: compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recviz.cli.program import print_table, program, progress_bar, save_table, settings_of, show_problems
from recviz.errors import RecvizError
from recviz.plots.formats import decimal

if TYPE_CHECKING:
    from recviz.services.workspace import Workspace


@program.command(epilog="Example: recviz compare RUN RUN --out comparison.csv")
def compare(
    ctx: typer.Context,
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN...", help="Two runs or more; the others are compared with the first."),
    ],
    *,
    out: Annotated[Path | None, typer.Option(help="Also write every number: .csv, .parquet or .json.")] = None,
) -> None:
    """Lay runs side by side: every measure with its difference and interval, and the settings that differ."""
    from recviz.evaluate.comparison import comparison_table
    from recviz.plots.comparison_words import cell_words, headline, judged_words, measure_name, measure_unit
    from recviz.services import comparisons
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    found = comparisons.compare(workspace, runs)
    if found.is_pending:
        _work_out(workspace, runs)
        found = comparisons.compare(workspace, runs)
    for at in range(1, len(runs)):
        typer.echo(headline(found, at))
    for sentence in found.obstacles:
        typer.echo(sentence)
    if any(found.compares[1:]):
        rows = [
            (
                f"{measure_name(row)} ({measure_unit(row)})",
                *(cell_words(row, at) for at in range(len(runs))),
                "" if row.baseline_value is None else f"{decimal(row.baseline_value, 3)}, {row.baseline}",
            )
            for row in found.rows
        ]
        print_table(["Measure", *found.names, "Best baseline"], rows)
        typer.echo(judged_words(found))
    differences = comparisons.setting_differences(workspace, runs)
    if differences:
        print_table(["Setting", *found.names], [(one.name, *map(str, one.values)) for one in differences])
    if out is not None:
        save_table(comparison_table(found), out)


def _work_out(workspace: "Workspace", runs: list[str]) -> None:
    """Score every user; a run whose model cannot be opened is told of, since activity compares without it."""
    from recviz.services import comparisons

    try:
        with progress_bar("scoring every user") as told:
            for step in comparisons.work_out(workspace, runs):
                told("scoring every user", step.done)
    except RecvizError as error:
        show_problems(error)
