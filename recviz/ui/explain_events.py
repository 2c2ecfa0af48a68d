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
WORDS_THAT_COUNT = 0.25
"""A word takes the strongest tint only from this part of the largest event's value on: faint words stay faint."""
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
    """Words, then the names of `PART_NAMES`."""
    others: float
    n_others: int
    total: float


@dataclass(frozen=True, slots=True)
class _Scale:
    """What all rows share, so that they can be compared."""

    unit: str
    reach: float
    """Absolute value of the longest bar."""
    level: TextLevel | None
    """How finely words are tinted, if at all."""
    word_reach: float
    """Absolute value of the strongest tint."""
    places: int


def places_for(reach: float) -> int:
    """Return the decimals that tell values up to ``reach`` apart."""
    return 2 if reach >= 0.2 else 3  # noqa: PLR2004 - below it, two decimals would make most values equal


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
    word_reach = max(largest(texts, words), WORDS_THAT_COUNT * reach) if words else 0.0
    scale = _Scale(explanation.unit, reach, words, word_reach, places_for(reach))
    rows = "".join(_row(event, scale) for event in shown)
    return f'<div role="list" style="width:100%">{rows}</div>'


def sums_of(explanation: Explanation, shown: Sequence[EventShare]) -> Sums:
    """Add up what the rows are made of and what they leave out; parts, others and shown events make the whole."""
    looked_into = [event.parts for event in shown if event.parts]
    parts = {"words": sum(part.text.total for part in looked_into if part.text)}
    parts |= {name: sum(getattr(part, field) for part in looked_into) for field, name in PART_NAMES.items()}
    positions = {event.positions for event in shown}
    others = [event for event in explanation.events if event.positions not in positions]
    return Sums(
        parts=parts,
        others=sum(event.value for event in others),
        n_others=sum(len(event.positions) for event in others),
        total=explanation.difference,
    )


def sums_html(sums: Sums, unit: str, how_well: str, places: int) -> str:
    """Say what the rows leave out and that it all adds up.

    Args:
        sums: As `sums_of` returns them.
        unit: Of the values.
        how_well: "adds up within 0.3 %".
        places: Decimals.
    """
    pieces = []
    if told := _told(sums.parts, places):
        pieces.append(f"Of the events whose words are read: {' · '.join(told)}")
    if sums.n_others:
        pieces.append(f"{counted(sums.n_others, 'other event')} <b>{signed(sums.others, places)}</b>")
    pieces.append(f"All past events together <b>{signed(sums.total, places)}</b> {escaped(unit)}, {escaped(how_well)}")
    return (
        f'<div style="{_MUTED};padding:0.5em 0;border-top:1px solid rgba(138,145,156,0.22)">{"<br>".join(pieces)}</div>'
    )


def _row(event: EventShare, scale: _Scale) -> str:
    title = f"<bdi>{escaped(event.title or event.item_id)}</bdi>"
    detail = ""
    if scale.level and event.parts:
        if event.parts.text:
            title = token_strip(event.parts.text, scale.level, scale.word_reach, scale.unit)
        detail = f'<div style="{_MUTED}">{_parts_line(event.parts, scale.places)}</div>'
    exactly = f"{signed(event.value, 4)} {scale.unit}, give or take {decimal(event.standard_error, 4)}"
    return (
        f'<div role="listitem" style="{_GRID}">'
        f'<span style="{_MUTED}" title="{escaped(event.time)}">{escaped(when(event))}</span>'
        f"<div>{title}{_note(event)}{detail}</div>"
        f'<span style="text-align:right;font-variant-numeric:tabular-nums" title="{escaped(exactly)}">'
        f"{signed(event.value, scale.places)}</span>{_bar(event.value, scale.reach)}</div>"
    )


def _note(event: EventShare) -> str:
    """Say an event's kind and number, where they tell something."""
    said = [event.kind] if event.kind and event.kind not in {"event", "purchase"} else []
    if event.quantity is not None and event.quantity != 1:
        said.append(f"\u00d7 {decimal(event.quantity)}")
    return f' <span style="{_MUTED}">{escaped(" ".join(said))}</span>' if said else ""


def _parts_line(parts: Parts, places: int) -> str:
    named = {"words": parts.text.total if parts.text else 0.0}
    named |= {name: float(getattr(parts, field)) for field, name in PART_NAMES.items()}
    return " · ".join(_told(named, places)) or "every part near nought"


def _told(named: dict[str, float], places: int) -> list[str]:
    """Say what would not read as nought."""
    return [
        f"{escaped(name)} <b>{signed(value, places)}</b>"
        for name, value in named.items()
        if abs(value) >= 0.5 * 10.0**-places
    ]


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
