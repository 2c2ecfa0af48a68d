"""What all commands share: the program, how problems are shown, and output that other programs can read.

Results go to standard output, an id always last; progress and problems go to standard error.
Commands import services when they run: help and short answers need not wait for torch.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from typer._click import Context
from typer.core import TyperGroup

from recviz.errors import InvalidSettingError, NotFoundError, RecvizError
from recviz.plots.formats import plain
from recviz.settings import Settings, settings_from_environment

WRONG_INPUT = 2
"""Exit code where the reader can put things right."""


class ProblemsShown(TyperGroup):
    """Shows expected errors as sentences with a next step; all others crash with their traceback."""

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 - as the base class has it
        try:
            return super().invoke(ctx)
        except RecvizError as error:
            show_problems(error)
            raise typer.Exit(WRONG_INPUT) from error


program = typer.Typer(
    name="recviz",
    cls=ProblemsShown,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@program.callback()
def common(
    ctx: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(help="The folder with datasets, runs and the job store; else RECVIZ_WORKSPACE, else ./workspace."),
    ] = None,
) -> None:
    """Long-term interest curves from behaviour logs, by a fine-tuned language model, explained down to the word."""
    settings = settings_from_environment()
    ctx.obj = settings if workspace is None else replace(settings, workspace=workspace)


def settings_of(ctx: typer.Context) -> Settings:
    """Return the settings that the command runs under."""
    return ctx.ensure_object(Settings)


def checkout(name: str) -> Path:
    """Return a file or folder of the checkout that recviz is installed from.

    Raises:
        NotFoundError: If recviz was installed without its checkout.
    """
    path = Path(__file__).resolve().parents[2] / name
    if not path.exists():
        raise NotFoundError.of(f"{name} is not beside the package", str(path.parent), "Work in a checkout of recviz")
    return path


def people() -> Console:
    """Return where people read: standard error, looked up anew since tests replace it."""
    return Console(stderr=True)


def say(text: str) -> None:
    """Tell people something; ids and titles are shown as they are, their control characters made visible."""
    people().print(plain(text), markup=False, highlight=False, emoji=False, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Print a table on standard output: drawn for a person, tab-separated where another program reads."""
    console = Console()
    cells = [[plain(str(cell)) for cell in row] for row in rows]
    if not console.is_terminal:
        for row in (columns, *cells):
            typer.echo("\t".join(row))
        return
    table = Table(title=title, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*map(escape, row))
    console.print(table)


@contextmanager
def progress_bar(words: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar that is told what is being done and the share that is done, 0 to 1."""
    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=people()) as bar:
        task = bar.add_task(words, total=1.0)
        yield lambda now, done: bar.update(task, description=now, completed=done)


def save_table(table: pd.DataFrame, out: Path) -> None:
    """Write a table to the file that was asked for and say so."""
    from recviz.services.exports import write_table

    write_table(table, out)
    say(f"{len(table):,} rows written to {out}")


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Split ``key=value`` texts.

    Raises:
        InvalidSettingError: If one has no ``=`` or a key is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise InvalidSettingError.of(f"{text!r} is not key=value", option, f"Write it as {option} key=value")
        if key.strip() in found:
            raise InvalidSettingError.of(f"{key.strip()!r} is given twice", option, "Give it once")
        found[key.strip()] = value.strip()
    return found


def show_problems(error: RecvizError) -> None:
    """Tell what is wrong, where, and how to mend it, beside the output."""
    for problem in error.problems:
        people().print(f"[bold red]{escape(plain(problem.what))}[/]", highlight=False, emoji=False, soft_wrap=True)
        say(f"  where: {problem.where}")
        say(f"  next:  {problem.mend}")
