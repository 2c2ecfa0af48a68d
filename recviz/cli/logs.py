"""Commands that bring logs in and manage them: ingest, datasets."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from recviz.cli.program import print_table, program, progress_bar, say, settings_of
from recviz.data.findings import CheckReport, ReadOptions
from recviz.errors import InvalidLogError
from recviz.plots.formats import size
from recviz.plots.log_facts import log_facts

datasets = typer.Typer(help="List the stored logs, and show, rename or delete one.", invoke_without_command=True)
program.add_typer(datasets, name="datasets", epilog="Example: recviz datasets show DATASET")

DatasetId = Annotated[str, typer.Argument(metavar="DATASET", help="The log's id, as ingest prints it.")]
LINES_SHOWN = 3


@program.command(epilog='Example: recviz ingest log.csv.gz --map user=CustomerID --where "Quantity > 0" --name Shop')
def ingest(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, TSV, JSON lines, Parquet or XLSX; gz and zip too.")
    ],
    *,
    items: Annotated[Path | None, typer.Option(help="A table of items with their texts.")] = None,
    users: Annotated[Path | None, typer.Option(help="A table of users, for segments.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="Which column plays which role, as user=CustomerID; what is not given is guessed."),
    ] = None,
    where: Annotated[list[str] | None, typer.Option(help='Rows to keep, as "Quantity > 0".')] = None,
    kind_rule: Annotated[
        list[str] | None, typer.Option(help='What makes a kind of event: "InvoiceNo starts with C means return".')
    ] = None,
    outliers: Annotated[
        list[str] | None, typer.Option(help='What becomes of extremes: "cap Quantity above 1000", or drop.')
    ] = None,
    target: Annotated[list[str] | None, typer.Option(help="A kind of event that counts as interest.")] = None,
    conversion: Annotated[str | None, typer.Option(help="A kind of event whose chance is to be predicted.")] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How to read times such as 03/04/2024.")
    ] = None,
    time_unit: Annotated[
        Literal["auto", "s", "ms", "us", "ns"], typer.Option(help="The unit of times that are numbers.")
    ] = "auto",
    encoding: Annotated[
        str | None, typer.Option(help="Of the file's characters, such as cp1251; found out where not given.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="What separates the file's cells, such as ';'; found out where not given.")
    ] = None,
    drop_duplicates: Annotated[
        bool, typer.Option("--drop-duplicates", help="Leave out rows that equal an earlier row.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="What to call the log.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be stored.")] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="Also write the rows left out, with lines and reasons: .parquet or .csv.")
    ] = None,
) -> None:
    """Read a behaviour log and store it; prints the dataset's id last."""
    from recviz.services import datasets as service
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    files = service.LogFiles(
        events=service.local_file(file),
        items=None if items is None else service.local_file(items),
        users=None if users is None else service.local_file(users),
        options=ReadOptions(encoding=encoding, delimiter=delimiter),
    )
    asked = service.Asked(
        mapping=mapping or (), where=where or (), kind_rules=kind_rule or (), outliers=outliers or (),
        day_first=day_first, time_unit=time_unit, drop_duplicates=drop_duplicates, targets=target,
        conversion=conversion,
    )  # fmt: skip
    preview = service.preview(workspace, files, asked)
    for guess in preview.guesses["events"]:
        if guess.role is not None:
            say(f"  {guess.role}: column {guess.column} ({guess.confidence_word}: {guess.reason})")
    if rejected is not None:
        say(f"{service.rejected_rows(workspace, files, preview.plan, rejected):,} rows left out written to {rejected}")
    if dry_run:
        report = service.check(workspace, files, preview.plan)
        _tell(report)
        if report.problems:
            raise InvalidLogError(report.problems)
        return
    with progress_bar("reading") as told:
        stored = service.ingest(workspace, files, preview.plan, name, told)
    _tell(stored.report)
    if stored.was_there:
        say("The same file, mapping and rules were stored before: nothing is stored twice")
    typer.echo(stored.dataset_id)


@datasets.callback()
def list_datasets(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is not None:
        return
    from recviz.services import datasets as service
    from recviz.services.workspace import Workspace

    rows = [
        (row.manifest.id, row.manifest.name, f"{row.manifest.n_users:,}", f"{row.manifest.n_items:,}",
         f"{row.manifest.n_events:,}", size(row.n_bytes), len(row.runs))
        for row in service.list_datasets(Workspace(settings_of(ctx)))
    ]  # fmt: skip
    print_table(("Dataset", "Name", "Users", "Items", "Events", "Size", "Runs"), rows)


@datasets.command(epilog="Example: recviz datasets show DATASET")
def show(ctx: typer.Context, dataset: DatasetId) -> None:
    """Show what a log is like, and the period and horizon that suit it."""
    from recviz.services import datasets as service
    from recviz.services.workspace import Workspace

    profile = service.profile(Workspace(settings_of(ctx)), dataset)
    print_table(("What", "How much"), log_facts(profile))
    for line in (profile.reason, *profile.warnings):
        typer.echo(line)


@datasets.command(epilog='Example: recviz datasets rename DATASET "Shop, autumn"')
def rename(ctx: typer.Context, dataset: DatasetId, name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Call a log something else; its id stays."""
    from recviz.services import datasets as service
    from recviz.services.workspace import Workspace

    service.rename(Workspace(settings_of(ctx)), dataset, name)
    say(f"{dataset} is now called {name}")


@datasets.command(epilog="Example: recviz datasets delete DATASET")
def delete(ctx: typer.Context, dataset: DatasetId) -> None:
    """Delete a log that no run uses, and tell what that freed."""
    from recviz.services import datasets as service
    from recviz.services.workspace import Workspace

    freed = service.delete(Workspace(settings_of(ctx)), dataset)
    say(f"{dataset} is deleted, {size(freed)} are free again")


def _tell(report: CheckReport) -> None:
    say(
        f"{report.n_rows:,} rows read: {report.n_events:,} events of {report.n_users:,} users "
        f"with {report.n_items:,} items"
    )
    for rejection in report.rejections:
        lines = ", ".join(f"{line:,}" for line in rejection.first_lines[:LINES_SHOWN])
        say(f"  {rejection.n_rows:,} rows left out: {rejection.reason} (lines {lines}...)")
    if report.time is not None:
        say(f"  times: {report.time.words}, {report.time.first} to {report.time.last}")
    for name, n_events in report.kinds.items():
        say(f"  {n_events:,} events of kind {name}{'' if name in report.targets else ', not counted as interest'}")
    for note in report.notes:
        say(f"  {note}")
