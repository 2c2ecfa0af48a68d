"""Every setting with its default and its sentence, as the table that the README shows."""

from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from recviz.cli.program import program, say
from recviz.errors import InvalidSettingError
from recviz.settings import Settings

BEGIN = "<!-- settings: written by `recviz settings --into README.md` -->"
END = "<!-- end of settings -->"


def settings_markdown() -> str:
    """Return the tables of the machine's settings and of a run's."""
    from recviz.model.config import RunConfig

    machine = [(f"RECVIZ_{spec.name.upper()}", spec) for spec in fields(Settings)]
    blocks = ["**This machine**, by environment variables:", *_table("variable", machine)]
    groups: dict[str, list[tuple[str, Field[Any]]]] = {}
    for spec in fields(RunConfig):
        if "group" in spec.metadata and spec.name != "dataset":
            groups.setdefault(spec.metadata["group"], []).append((spec.name, spec))
    for group, specs in groups.items():
        blocks += ["", f"**A run, {group}**, by `--set name=value`:", *_table("name", specs)]
    return "\n".join(blocks)


def with_settings(text: str) -> str:
    """Put the tables between the marks of a Markdown text.

    Raises:
        InvalidSettingError: If the text lacks the marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InvalidSettingError.of(
            "The file has no place for the table", "--into", f"Add two lines to it: {BEGIN} and {END}"
        )
    return f"{before}{BEGIN}\n\n{settings_markdown()}\n\n{END}{after}"


@program.command("settings", epilog="Example: recviz settings")
def show_settings(
    into: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A Markdown file whose table is brought up to date."),
    ] = None,
) -> None:
    """Show every setting, its default and what it does."""
    if into is None:
        typer.echo(settings_markdown())
        return
    into.write_text(with_settings(into.read_text(encoding="utf-8")), encoding="utf-8")
    say(f"Table written to {into}")


def _table(heading: str, specs: list[tuple[str, Field[Any]]]) -> Iterator[str]:
    yield ""
    yield f"| {heading} | default | what it does |"
    yield "|---|---|---|"
    for name, spec in specs:
        yield f"| `{name}` | {_default(spec.default)} | {spec.metadata['help']} |"


def _default(value: object) -> str:
    if value is None or value == "":
        return "(empty)"
    return "`on`" if value is True else "`off`" if value is False else f"`{value}`"
