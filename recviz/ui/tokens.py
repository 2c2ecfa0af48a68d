"""Texts with their words tinted by what they did to a score; other people's text is escaped, numbers go into style."""

import html
from collections.abc import Iterable, Sequence
from typing import Literal

from recviz.explain.explanation import Span, TextAttribution
from recviz.language import mark, tr
from recviz.plots.formats import count, plain, signed
from recviz.plots.template import tint

TextLevel = Literal["token", "word", "field"]
LONGEST = 260
"""Characters of a text that are shown at once; the rest folds."""
SPARED = 60
"""A rest shorter than this is not worth folding."""
RULE = "1px solid rgba(138,145,156,0.22)"
MUTED = "font-size:0.8rem;opacity:0.72"
LEVEL_NAMES: dict[str, str] = {"token": mark("token"), "word": mark("word"), "field": mark("field")}
FIELD_NAMES = (mark("title"), mark("category"))
"""Fields of a text that every log calls the same; others are the log's own words."""
SIDES = (mark("spoke against"), mark("spoke for"))
"""What the two ends of the scale mean, where nothing is compared."""


def escaped(text: str) -> str:
    """Make other people's text safe in HTML, attributes included; signs that would turn the line become marks."""
    return html.escape(plain(text), quote=True)


def token_strip(text: TextAttribution, level: TextLevel, reach: float, unit: str) -> str:
    """Return the text as HTML, each stretch tinted by its share; long texts fold, truncated ones say so.

    Args:
        text: The text and its shares.
        level: How finely it is tinted.
        reach: The absolute value of the strongest tint; the same for all strips that are compared.
        unit: Said when the pointer rests on a stretch.
    """
    pieces: list[tuple[int, str]] = []  # where each begins in the text
    at = 0
    for span in text.spans(level):
        pieces.append((at, escaped(text.text[at : span.start])))
        pieces.append((span.start, _stretch(text.text[span.start : span.end], span, reach, unit)))
        at = span.end
    rest = escaped(text.text[at:])
    if text.cut_at is not None and rest:
        rest = f'<span style="opacity:0.45" title="{escaped(tr("beyond what the model reads"))}">{rest}</span>'
    pieces.append((at, rest))
    said = escaped(tr("(the model reads no further than the pale part)"))
    note = f' <span style="{MUTED}">{said}</span>' if _is_cut(text) else ""
    return f'<bdi style="line-height:1.9">{_folded(pieces, len(text.text))}</bdi>{note}'


def folded(text: str) -> str:
    """Return a text without shares as HTML; a long one folds."""
    return _folded([(0, escaped(text[:LONGEST])), (LONGEST, escaped(text[LONGEST:]))], len(text))


def share_table(text: TextAttribution, level: TextLevel, unit: str) -> str:
    """Return the same shares as a table of numbers, for those who do not see tints or have no pointer."""
    names = text.field_names if level == "field" else None
    rows = [
        (tr(names[at]) if names else text.text[span.start : span.end], span.value)
        for at, span in enumerate(text.spans(level))
    ]
    if text.markers:
        rows.append((tr("what the language model adds by itself"), text.markers))
    body = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:400;padding-right:1.2em">{escaped(name)}</th>'
        f'<td style="text-align:right;font-variant-numeric:tabular-nums">{signed(value, 3)}</td></tr>'
        for name, value in rows
    )
    return (
        f'<table style="border-collapse:collapse;margin:0.3em 0 0.5em"><thead><tr><th scope="col" '
        f'style="text-align:left;font-weight:400">{escaped(tr(LEVEL_NAMES[level]))}</th><th scope="col" '
        f'style="text-align:right;font-weight:400">{escaped(tr(unit))}</th></tr></thead><tbody>{body}</tbody></table>'
    )


def largest(texts: Iterable[TextAttribution | None], level: TextLevel) -> float:
    """Return the largest absolute share among the stretches of several texts, for one scale over all of them."""
    values: Sequence[float] = [abs(span.value) for text in texts if text for span in text.spans(level)]
    return max(values, default=0.0)


def legend(unit: str, sides: tuple[str, str] | None = None, reach: float | None = None) -> str:
    """Return a small scale as HTML: which colour means what.

    Args:
        unit: Of the shares.
        sides: What the lower and the upper end mean; without them, `SIDES`.
        reach: What the strongest tint stands for, if it is the same everywhere.
    """
    lower, upper = sides or [tr(side) for side in SIDES]
    steps = "".join(
        f'<span style="display:inline-block;width:1.15em;height:0.8em;background:{tint(step, 1.0)}"></span>'
        for step in (-1.0, -0.6, -0.25, 0.0, 0.25, 0.6, 1.0)
    )
    ends = ("", "") if not reach else (f" {signed(-reach)}", f"{signed(reach)} ")
    upper = tr("{side}, in {unit}").format(side=ends[1] + upper, unit=tr(unit))
    return (
        f'<span style="font-size:0.82rem;opacity:0.8">{escaped(lower + ends[0])} '
        f'<span aria-hidden="true" style="border:{RULE};display:inline-flex;vertical-align:middle">{steps}</span>'
        f" {escaped(upper)}</span>"
    )


def _is_cut(text: TextAttribution) -> bool:
    return text.cut_at is not None and bool(text.text[text.cut_at :].strip())


def _folded(pieces: Sequence[tuple[int, str]], length: int) -> str:
    if length <= LONGEST + SPARED:
        return "".join(piece for _, piece in pieces)
    first = "".join(piece for start, piece in pieces if start < LONGEST)
    more = "".join(piece for start, piece in pieces if start >= LONGEST)
    if not more:  # one stretch all through
        return first
    summary = escaped(tr("the rest of {n} characters").format(n=count(length)))
    return f'{first}<details><summary style="{MUTED};cursor:pointer">{summary}</summary>{more}</details>'


def _stretch(text: str, span: Span, reach: float, unit: str) -> str:
    """Tint a stretch; nothing stands beside its letters, since "Left-handed" would read as three words."""
    below = "border-bottom:1px dotted currentColor;" if span.value < 0 and abs(span.value) > 0.1 * reach else ""
    return (
        f'<span style="background:{tint(span.value, reach)};border-radius:2px;padding:1px 0;{below}" '
        f'title="{signed(span.value, 3)} {escaped(tr(unit))}">{escaped(text)}</span>'
    )
