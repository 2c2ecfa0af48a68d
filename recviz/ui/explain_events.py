"""Past events as rows of HTML: when, what with its words tinted, how much it moved the score, and as a bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from recviz.explain.explanation import EventShare, Explanation, Parts
from recviz.plots.attribution import when
from recviz.plots.formats import counted, decimal, signed
from recviz.plots.template import sign_colour
from recviz.ui.tokens import TextLevel, escaped, largest, token_strip

ROWS = {"token": 8, "word": 8, "event": 16}
"""How many events are shown one by one, at each level."""
PART_NAMES = {
    "identity": "this very item",
    "kind": "kind",
    "value": "number",
    "time": "time",
    "remainder": "repeat habit and activity",
}
_GRID = (
    "display:grid;grid-template-columns:6.4em minmax(0,1fr) 4.4em 8.5em;column-gap:0.9em;align-items:baseline;"
    "padding:0.42em 0;border-top:1px solid rgba(138,145,156,0.22)"
)
_MUTED = "font-size:0.8rem;opacity:0.68"


@dataclass(frozen=True, slots=True)
class Sums:
    """What the shown rows leave to be said: parts of the events looked into, all other events, the whole."""

    parts: dict[str, float]
    """Words, then the names of `PART_NAMES`; only what is not nought."""
    others: float
    n_others: int
    total: float


def shown_events(explanation: Explanation, level: str) -> tuple[EventShare, ...]:
    """Return the single events with the largest effect."""
    single = [event for event in explanation.ranked() if not event.is_group]
    return tuple(single[: ROWS[level]])


def events_html(explanation: Explanation, level: str) -> str:
    """Lay out the events as rows.

    Args:
        explanation: What is explained.
        level: ``token``, ``word`` or ``event``; the last leaves the words untinted.
    """
    shown = shown_events(explanation, level)
    reach = max((abs(event.value) for event in shown), default=0.0)
    words = cast("TextLevel", level) if level in {"token", "word"} else None
    texts = [event.parts.text for event in shown if event.parts]
    word_reach = largest(texts, words) if words else 0.0
    rows = "".join(_row(event, explanation.unit, reach, words, word_reach) for event in shown)
    return f'<div role="list" style="width:100%">{rows}</div>'


def sums_of(explanation: Explanation, shown: Sequence[EventShare]) -> Sums:
    """Add up what the rows are made of and what they leave out; parts, others and shown events make the whole."""
    looked_into = [event.parts for event in shown if event.parts]
    parts = {"words": sum(part.text.total for part in looked_into if part.text)}
    parts |= {name: sum(getattr(part, field) for part in looked_into) for field, name in PART_NAMES.items()}
    positions = {event.positions for event in shown}
    others = [event for event in explanation.events if event.positions not in positions]
    return Sums(
        parts={name: value for name, value in parts.items() if value},
        others=sum(event.value for event in others),
        n_others=sum(len(event.positions) for event in others),
        total=explanation.difference,
    )


def sums_html(sums: Sums, unit: str, how_well: str) -> str:
    """Say what the rows leave out and that it all adds up.

    Args:
        sums: As `sums_of` returns them.
        unit: Of the values.
        how_well: "adds up within 0.3 %".
    """
    pieces = []
    if sums.parts:
        made_of = " · ".join(f"{escaped(name)} <b>{signed(value)}</b>" for name, value in sums.parts.items())
        pieces.append(f"Where the words are tinted: {made_of}")
    if sums.n_others:
        pieces.append(f"{counted(sums.n_others, 'other event')} <b>{signed(sums.others)}</b>")
    pieces.append(f"all past events together <b>{signed(sums.total)}</b> {escaped(unit)}, {escaped(how_well)}")
    return (
        f'<div style="{_MUTED};padding:0.5em 0;border-top:1px solid rgba(138,145,156,0.22)">{"<br>".join(pieces)}</div>'
    )


def _row(event: EventShare, unit: str, reach: float, level: TextLevel | None, word_reach: float) -> str:
    title = f"<bdi>{escaped(event.title or event.item_id)}</bdi>"
    detail = ""
    if level and event.parts:
        if event.parts.text:
            title = token_strip(event.parts.text, level, word_reach, unit)
        detail = f'<div style="{_MUTED}">{_parts_line(event.parts)}</div>'
    exactly = f"{signed(event.value, 3)} {unit}, give or take {decimal(event.standard_error, 3)}"
    return (
        f'<div role="listitem" style="{_GRID}">'
        f'<span style="{_MUTED}" title="{escaped(event.time)}">{escaped(when(event))}</span>'
        f"<div>{title}{_note(event)}{detail}</div>"
        f'<span style="text-align:right;font-variant-numeric:tabular-nums" title="{escaped(exactly)}">'
        f"{signed(event.value)}</span>{_bar(event.value, reach)}</div>"
    )


def _note(event: EventShare) -> str:
    """Say an event's kind and number, where they tell something."""
    said = [event.kind] if event.kind and event.kind not in {"event", "purchase"} else []
    if event.quantity is not None and event.quantity != 1:
        said.append(f"\u00d7 {decimal(event.quantity)}")
    return f' <span style="{_MUTED}">{escaped(" ".join(said))}</span>' if said else ""


def _parts_line(parts: Parts) -> str:
    named = {"words": parts.text.total if parts.text else 0.0}
    named |= {name: float(getattr(parts, field)) for field, name in PART_NAMES.items()}
    told = [f"{escaped(name)} {signed(value)}" for name, value in named.items() if abs(value) >= 0.005]  # noqa: PLR2004 - what would read 0.00
    return " · ".join(told) or "no part above 0.01"


def _bar(value: float, reach: float) -> str:
    """Draw a signed bar around a zero that is always in the middle."""
    width = 50 * abs(value) / reach if reach else 0.0
    side = "left:50%" if value >= 0 else "right:50%"
    return (
        '<span style="position:relative;display:block;height:0.75em;align-self:center">'
        '<span style="position:absolute;left:50%;top:-0.15em;bottom:-0.15em;width:1px;background:currentColor;opacity:0.35"></span>'
        f'<span style="position:absolute;{side};top:0;bottom:0;width:{width:.1f}%;background:{sign_colour(value)};'
        'border-radius:2px"></span></span>'
    )
