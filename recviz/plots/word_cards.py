"""An explanation as one picture to take away: the item's words, and past events as rows with their words and a bar."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from recviz.explain.explanation import EventShare, Explanation, TextAttribution
from recviz.language import tr
from recviz.plots.attribution import when
from recviz.plots.formats import plain, signed
from recviz.plots.template import Chart, escaped, figure, sign_colour, tint

WIDTH = 1000
"""Pixels of the picture, before it is scaled."""
ROWS = 6
"""Past events that are shown."""
LONGEST = 58
"""Characters of a text that fit beside the bar."""
PAPER, PEN, PENCIL = "#ffffff", "#22262b", "#5d646c"
"""The picture is read elsewhere, so it has colours of its own, whatever the page's."""
_ROW, _TOP, _LEFT = 38, 118, 96
_MONO = "'Source Code Pro', 'DejaVu Sans Mono', monospace"
_SIZE = 13
_ADVANCE = 0.6 * _SIZE
"""Pixels of a character: words stand where they stand in the text."""
_BARS = (0.72, 1.0)

TextLevel = Literal["token", "word", "field"]
Annotation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    title: str
    text: TextAttribution | None
    value: float | None
    """``None`` for the item's own words, which are no part of the sum."""


def word_cards(found: Explanation, title: str, foot: str, sides: tuple[str, str], level: TextLevel = "word") -> Chart:
    """Draw the recommended item's words and the events with the largest effect.

    Args:
        found: What is explained.
        title: The question, as the page's headline.
        foot: What is said below: what it adds up to, and the badge.
        sides: What below and above zero mean.
        level: How finely texts are tinted.
    """
    events = [event for event in found.ranked() if not event.is_group][:ROWS]
    rows = [_Row(tr("the item"), "", text, None) for text in (found.candidate, found.rival) if text]
    rows += [_Row(when(event), event.title or event.item_id, _text(event), event.value) for event in events]
    reach = max((abs(event.value) for event in events), default=0.0) or 1.0
    strongest = _strongest(rows, level)
    drawn = figure("", _TOP + _ROW * len(rows) + 76, [_bars(rows)])
    for place, row in enumerate(rows):
        drawn.add_annotation(_said(escaped(row.label), place, 0, size=12, colour=PENCIL))
        for note in _words(row, place, level, strongest[row.value is None]):
            drawn.add_annotation(note)
        if row.value is not None:
            number = _said(signed(row.value), place, 0)
            drawn.add_annotation(number | {"x": _BARS[0] - 0.012, "xanchor": "right", "xshift": 0})
    legend = tr("blue: {for_}; orange: {against}; in {unit}").format(
        for_=plain(sides[1]), against=plain(sides[0]), unit=tr(found.unit)
    )
    _frame(drawn, len(rows), reach, title, f"{escaped(foot)}<br>{escaped(legend)}")
    told = "; ".join(f"{row.title} {signed(row.value)}" for row in rows if row.value is not None)
    return Chart(drawn, f"{title}. {told}.")


def _text(event: EventShare) -> TextAttribution | None:
    return event.parts.text if event.parts else None


def _strongest(rows: Sequence[_Row], level: TextLevel) -> dict[bool, float]:
    """Return what the strongest tint stands for: of the item's own words, and of the events', which are no one scale."""
    return {
        own: max((abs(span.value) for row in rows if row.text and (row.value is None) == own
                  for span in row.text.spans(level)), default=0.0)
        for own in (True, False)
    }  # fmt: skip


def _words(row: _Row, place: int, level: TextLevel, reach: float) -> Iterator[Annotation]:
    """Yield the pieces of a row's text, each where it stands, tinted where it has a share."""
    whole = row.text.text if row.text else row.title
    shown = whole if len(whole) <= LONGEST else whole[: LONGEST - 1]
    at, end = float(_LEFT), 0
    for span in row.text.spans(level) if row.text else ():
        if span.start >= len(shown):
            break
        at += _wide(shown[end : span.start])
        if between := shown[end : span.start].strip():
            yield _said(escaped(between), place, at - _wide(shown[end : span.start].lstrip()), font=_MONO)
        stretch = shown[span.start : span.end]
        yield _said(escaped(stretch), place, at, font=_MONO) | {"bgcolor": tint(span.value, reach)}
        at, end = at + _wide(stretch), span.end
    rest = shown[end:] + ("\u2026" if len(shown) < len(whole) else "")
    if rest.strip():
        yield _said(escaped(rest), place, at, font=_MONO)


def _wide(text: str) -> float:
    """Return the pixels of a text: signs of East Asian scripts are two characters wide."""
    return _ADVANCE * sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _said(text: str, place: int, shift: float, *, font: str = "", size: int = _SIZE, colour: str = PEN) -> Annotation:
    kind = {"size": size, "color": colour} | ({"family": font} if font else {})
    return {
        "text": text, "x": 0, "xref": "paper", "xanchor": "left", "xshift": shift, "y": place, "yref": "y",
        "yanchor": "middle", "showarrow": False, "font": kind, "borderpad": 1,
    }  # fmt: skip


def _bars(rows: Sequence[_Row]) -> go.Bar:
    shown = [(place, row.value) for place, row in enumerate(rows) if row.value is not None]
    return go.Bar(
        x=[value for _, value in shown], y=[place for place, _ in shown], orientation="h", width=0.42, hoverinfo="skip",
        marker_color=[sign_colour(value) for _, value in shown], showlegend=False,
    )  # fmt: skip


def _frame(drawn: go.Figure, n_rows: int, reach: float, title: str, foot: str) -> None:
    """Set paper, title and foot around the rows."""
    drawn.update_layout(
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        width=WIDTH,
        margin={"l": 28, "r": 28, "t": _TOP - 50, "b": 76},
        title={"text": escaped(title), "font": {"color": PEN, "size": 17}, "x": 0.028, "y": 0.97, "yanchor": "top"},
    )
    drawn.update_xaxes(
        domain=list(_BARS), range=[-1.05 * reach, 1.05 * reach], showticklabels=False, zeroline=True, zerolinewidth=1,
        zerolinecolor=PENCIL,
    )  # fmt: skip
    drawn.update_yaxes(range=[n_rows - 0.5, -0.5], showgrid=False, showticklabels=False)
    drawn.add_annotation(
        text=foot, x=0, xref="paper", xanchor="left", align="left", y=0, yref="paper", yanchor="top", yshift=-12,
        showarrow=False, font={"size": 12, "color": PENCIL},
    )  # fmt: skip
