"""Texts with their words tinted by what they did to a score; other people's text is escaped, numbers go into style."""

import html
from collections.abc import Iterable, Sequence
from typing import Literal

from recviz.explain.explanation import Span, TextAttribution
from recviz.plots.formats import plain, signed
from recviz.plots.template import tint

TextLevel = Literal["token", "word", "field"]


def escaped(text: str) -> str:
    """Make other people's text safe in HTML, attributes included; signs that would turn the line become marks."""
    return html.escape(plain(text), quote=True)


def token_strip(text: TextAttribution, level: TextLevel, reach: float, unit: str) -> str:
    """Return the text as HTML, each stretch tinted by its share.

    Args:
        text: The text and its shares.
        level: How finely it is tinted.
        reach: The absolute value of the strongest tint; the same for all strips that are compared.
        unit: Said when the pointer rests on a stretch.
    """
    pieces: list[str] = []
    at = 0
    for span in text.spans(level):
        pieces.append(escaped(text.text[at : span.start]))
        pieces.append(_stretch(text.text[span.start : span.end], span, reach, unit))
        at = span.end
    rest = text.text[at:]
    if text.cut_at is not None and rest:
        pieces.append(f'<span style="opacity:0.45" title="beyond what the model reads">{escaped(rest)}</span>')
    else:
        pieces.append(escaped(rest))
    return f'<bdi style="line-height:1.9">{"".join(pieces)}</bdi>'


def largest(texts: Iterable[TextAttribution | None], level: TextLevel) -> float:
    """Return the largest absolute share among the stretches of several texts, for one scale over all of them."""
    values: Sequence[float] = [abs(span.value) for text in texts if text for span in text.spans(level)]
    return max(values, default=0.0)


def legend(unit: str) -> str:
    """Return a small scale as HTML: which colour means what."""
    steps = "".join(
        f'<span style="display:inline-block;width:1.15em;height:0.8em;background:{tint(step, 1.0)}"></span>'
        for step in (-1.0, -0.6, -0.25, 0.0, 0.25, 0.6, 1.0)
    )
    return (
        '<span style="font-size:0.82rem;opacity:0.8;white-space:nowrap">spoke against '
        f'<span style="border:1px solid rgba(138,145,156,0.3);display:inline-flex;vertical-align:middle">{steps}</span>'
        f" spoke for, in {escaped(unit)}</span>"
    )


def _stretch(text: str, span: Span, reach: float, unit: str) -> str:
    below = "border-bottom:1px dotted currentColor;" if span.value < 0 and abs(span.value) > 0.1 * reach else ""
    return (
        f'<span style="background:{tint(span.value, reach)};border-radius:3px;padding:1px 2px;{below}" '
        f'title="{signed(span.value, 3)} {escaped(unit)}">{escaped(text)}</span>'
    )
