"""An explanation in a terminal and in a file."""

from pathlib import Path

import typer

from recviz.cli.program import print_table
from recviz.explain.explanation import EventShare, Explanation, TextAttribution
from recviz.services.exports import write_table, write_whole

WORDS_SHOWN = 4


def print_explanation(explanation: Explanation) -> None:
    """Print what is explained, the events by their effect with their strongest words, and how far to trust it."""
    typer.echo(f"{explanation.scalar}, user {explanation.user_id}, run {explanation.run}, origin {explanation.origin}")
    typer.echo(
        f"{explanation.score:.3f} with this history, {explanation.empty_score:.3f} without any: "
        f"the history changes {explanation.difference:+.3f} {explanation.unit}. {explanation.sign_rule}"
    )
    rows = [
        (
            event.time[:10],
            event.title if not event.is_group else f"{len(event.positions):,} earlier events",
            f"{event.value:+.3f} ± {1.96 * event.standard_error:.3f}",
            _words(event),
        )
        for event in explanation.ranked()
    ]
    print_table(("When", "Event", f"Effect ({explanation.unit})", "Words that weigh most"), rows)
    if explanation.candidate is not None:
        typer.echo(f"The item's own words: {_strongest(explanation.candidate)}")
    if explanation.rival is not None:
        typer.echo(f"The other item's own words: {_strongest(explanation.rival)}")
    typer.echo(explanation.trust.sentence)
    neutral = explanation.trust.neutral_comprehensiveness
    if neutral is not None:
        typer.echo(
            f"Made neutral instead of removed: {neutral.mean:+.2f} {explanation.unit} "
            f"(95 %: {neutral.low:.2f} to {neutral.high:.2f}) beside random ones."
        )


def save_explanation(explanation: Explanation, out: Path) -> Path:
    """Write an explanation whole: as it is in JSON, or as a table of its parts in Parquet or CSV.

    Raises:
        InvalidSettingError: If the name ends in none of these.
    """
    if out.suffix.lower() == ".json":
        return write_whole(out, lambda stream: stream.write(explanation.to_json().encode("utf-8")))
    return write_table(explanation.to_frame(), out)


def _words(event: EventShare) -> str:
    return _strongest(event.parts.text) if event.parts is not None and event.parts.text is not None else ""


def _strongest(text: TextAttribution) -> str:
    words = sorted(text.words, key=lambda span: -abs(span.value))[:WORDS_SHOWN]
    return ", ".join(f"{text.text[span.start : span.end]} {span.value:+.2f}" for span in words)
