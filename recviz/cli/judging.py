"""Commands that judge a run and hand it on: evaluate, report, export."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from recviz.cli.answers import From, RunId
from recviz.cli.program import program, progress_bar, say, settings_of


@program.command(epilog="Example: recviz evaluate RUN --out evaluation.json")
def evaluate(
    ctx: typer.Context,
    run: RunId,
    *,
    again: Annotated[bool, typer.Option("--again", help="Do the backtest anew, though there is one.")] = False,
    baselines: Annotated[
        str | None,
        typer.Option(
            help="Judge anew beside these: quick, all (which trains the same model without text, too), or names with "
            "commas between them.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write everything that was found, as .json.")] = None,
) -> None:
    """Judge a run on what its cut held out, beside baselines."""
    from recviz.cli.comparing import print_task, print_trust
    from recviz.evaluate.backtest import FOLDER
    from recviz.evaluate.result import FILE
    from recviz.services import evaluations
    from recviz.services.exports import write_whole
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    file = workspace.run_folder(run) / FOLDER / FILE
    if again or baselines is not None or not file.is_file():
        with progress_bar("evaluating") as told:
            found = evaluations.evaluate(
                workspace, run, lambda words, done, steps: told(words, done / max(steps, 1)), baselines
            )
    else:
        found = evaluations.evaluation(workspace, run)
    for task in found.tasks:
        print_task(task)
    print_trust(found)
    for note in found.notes:
        typer.echo(note)
    if out is not None:
        write_whole(out, lambda stream: stream.write(file.read_bytes()))
        say(f"Written to {out}")


@program.command(epilog="Example: recviz report RUN --out report.html --user 17841")
def report(
    ctx: typer.Context,
    run: RunId,
    *,
    out: Annotated[Path, typer.Option(help="The HTML file to write; it needs no network.")] = Path("report.html"),
    user: Annotated[str | None, typer.Option(help="Whose first recommendation is explained; else one is picked.")] = (
        None
    ),
    language: Annotated[Literal["en", "zh_CN"], typer.Option(help="The language it is written in.")] = "en",
) -> None:
    """Write one HTML file about the log, the run, its curves and an explanation, to send to somebody."""
    from recviz.language import speaking
    from recviz.services.reports import write_report
    from recviz.services.workspace import Workspace

    with progress_bar("gathering") as told, speaking(language):
        write_report(Workspace(settings_of(ctx)), run, out, user, told)
    say(f"Written to {out}")


@program.command(epilog="Example: recviz export RUN --out run.zip --form csv")
def export(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="RUN|DATASET", help="The id of a run or of a log.")],
    out: Annotated[Path, typer.Option(help="A new folder, or a new .zip.")],
    *,
    form: Annotated[
        Literal["parquet", "csv", "json"], typer.Option(help="Of a run's tables; csv is made safe for spreadsheets.")
    ] = "parquet",
    origin: From = "cut",
) -> None:
    """Copy out a run's forecast, shares, recommendations and evaluation, or a stored log."""
    from recviz.services import datasets
    from recviz.services.bundles import export_run
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    if any(row.manifest.id == what for row in datasets.list_datasets(workspace)):
        datasets.export_dataset(workspace, what, out)
    else:
        with progress_bar("exporting") as told:
            export_run(workspace, what, out, form, origin, told)
    say(f"Written to {out}")
