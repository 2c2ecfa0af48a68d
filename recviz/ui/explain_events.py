"""Past events as cards of HTML: when, what with its words tinted, how much it moved the score, and as a bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from recviz.explain.explanation import EventShare, Explanation, Parts
from recviz.language import mark, tr
from recviz.plots.attribution import when
from recviz.plots.formats import counted, decimal, signed
from recviz.plots.template import sign_colour
from recviz.ui.tokens import MUTED, RULE, TextLevel, escaped, folded, largest, share_table, token_strip

ROWS = {"token": 6, "word": 6, "field": 6, "event": 10}
"""How many events are shown at once, at each level; the others fold."""
TEXT_LEVELS = ("token", "word", "field")
Order = Literal["effect", "time"]
WORDS_THAT_COUNT = 0.25
"""A word takes the strongest tint only from this part of the largest event's value on: faint words stay faint."""
WORDS = mark("words")
PART_NAMES = {
    "identity": mark("this very item"),
    "kind": mark("kind"),
    "value": mark("number"),
    "time": mark("time"),
}
BEYOND_PARTS = {"habit": mark("habit"), "shared": mark("shared")}
"""What is left of an event's value beside its parts."""
_GRID = (
    "display:grid;grid-template-columns:clamp(3.4em,14%,6em) minmax(0,1fr) 3.8em clamp(2em,16%,7em);column-gap:0.7em;align-items:baseline;"
    f"padding:0.32em 0;border-top:{RULE}"
)
_LIST = "list-style:none;margin:0;padding:0;width:100%"
_RAIL = "list-style:none;margin:0 0 0 0.3em;padding:0 0 0 1em;border-left:2px solid rgba(138,145,156,0.35)"
_DOT = "position:absolute;left:calc(-1em - 6px);top:0.85em;width:10px;height:10px;border-radius:50%"


@dataclass(frozen=True, slots=True)
class Sums:
    """What the shown rows leave to be said: parts of the events looked into, all other events, the whole."""

    parts: dict[str, float]
    """Words, then the names of `PART_NAMES` and of `BEYOND_PARTS`."""
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
    dots: bool
    """Whether each card hangs on a line of time."""


def places_for(reach: float) -> int:
    """Return the decimals that tell values up to ``reach`` apart."""
    return 2 if reach >= 0.2 else 3  # noqa: PLR2004 - below it, two decimals would make most values equal


def shown_events(explanation: Explanation, level: str, order: Order = "effect") -> tuple[EventShare, ...]:
    """Return the single events with the largest effect, or the latest ones, first first."""
    ranked = explanation.ranked() if order == "effect" else explanation.events[::-1]
    return tuple(event for event in ranked if not event.is_group)[: ROWS[level]]


def text_level(level: str) -> TextLevel | None:
    """Return how finely texts are tinted at a level; nothing where they are not."""
    return cast("TextLevel", level) if level in TEXT_LEVELS else None


def word_scale(explanation: Explanation, level: str) -> float:
    """Return what the strongest tint of the events' texts stands for; 0 where none is tinted."""
    words = text_level(level)
    if words is None:
        return 0.0
    shown = shown_events(explanation, level)
    reach = max((abs(event.value) for event in shown), default=0.0)
    return max(largest([event.parts.text for event in shown if event.parts], words), WORDS_THAT_COUNT * reach)


def events_html(explanation: Explanation, level: str, order: Order = "effect") -> str:
    """Lay the events with the largest effect out as cards.

    Args:
        explanation: What is explained.
        level: ``token``, ``word``, ``field`` or ``event``; the last leaves the words untinted.
        order: Largest effect first, or latest first, along a line of time.
    """
    label = tr("Past events, latest first") if order == "time" else tr("Past events, largest effect first")
    return _cards(shown_events(explanation, level, order), _scale(explanation, level, order), label)


def others_html(explanation: Explanation, level: str, order: Order = "effect") -> str:
    """Lay the other events out as cards, folded under what they come to; empty where all are shown."""
    known = {event.positions for event in shown_events(explanation, level, order)}
    others = [event for event in explanation.ranked() if event.positions not in known]
    if not others:
        return ""
    scale = _scale(explanation, level, order)
    n_others = sum(len(event.positions) for event in others)
    words = tr("{events}, {value} together").format(
        events=counted(n_others, "more event"), value=signed(sum(event.value for event in others), scale.places)
    )
    return (
        f'<details style="border-top:{RULE}"><summary style="{MUTED};cursor:pointer;padding:0.42em 0">{words}'
        f"</summary>{_cards(others, scale, tr('The other past events'))}</details>"
    )


def sums_of(explanation: Explanation, shown: Sequence[EventShare]) -> Sums:
    """Add up what the rows are made of and what they leave out; parts, others and shown events make the whole."""
    inside = [_made_of(event, event.parts) for event in shown if event.parts]
    parts = {name: sum(made[name] for made in inside) for name in (inside[0] if inside else ())}
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
        how_well: "adds up but for 0.3 %".
        places: Decimals.
    """
    pieces = []
    if told := _told(sums.parts, places):
        pieces.append(escaped(tr("Of the events shown: {parts}")).format(parts=" · ".join(told)))
    whole = escaped(tr("All past events together {total} {unit}, {how_well}")).format(
        total=f"<b>{signed(sums.total, places)}</b>", unit=escaped(tr(unit)), how_well=escaped(how_well)
    )
    if sums.n_others:
        whole = f"{counted(sums.n_others, 'other event')} <b>{signed(sums.others, places)}</b> · {whole}"
    pieces.append(whole)
    return f'<div style="{MUTED};padding:0.5em 0;border-top:{RULE}">{"<br>".join(pieces)}</div>'


def _scale(explanation: Explanation, level: str, order: Order) -> _Scale:
    reach = max((abs(event.value) for event in shown_events(explanation, level)), default=0.0)
    return _Scale(
        unit=explanation.unit,
        reach=reach,
        level=text_level(level),
        word_reach=word_scale(explanation, level),
        places=places_for(reach),
        dots=order == "time",
    )


def _cards(events: Sequence[EventShare], scale: _Scale, label: str) -> str:
    if scale.dots:
        events = sorted(events, key=lambda event: -event.positions[-1])
    rows = "".join(_card(event, scale) for event in events)
    return f'<ol aria-label="{escaped(label)}" style="{_RAIL if scale.dots else _LIST}">{rows}</ol>'


def _card(event: EventShare, scale: _Scale) -> str:
    title = f"<bdi>{folded(title_of(event))}</bdi>"
    detail = ""
    if scale.level and event.parts:
        line = " · ".join(_told(_made_of(event, event.parts), scale.places)) or tr("every part near nought")
        if event.parts.text:
            title = token_strip(event.parts.text, scale.level, scale.word_reach, scale.unit)
            table = share_table(event.parts.text, scale.level, scale.unit)
            detail = f'<details style="{MUTED}"><summary style="cursor:pointer">{line}</summary>{table}</details>'
        else:
            detail = f'<div style="{MUTED}">{line}</div>'
    exactly = tr("{value} {unit}, give or take {error}; {alone} if this alone had not been").format(
        value=signed(event.value, 4),
        unit=tr(scale.unit),
        error=decimal(event.standard_error, 4),
        alone=signed(event.leave_one_out, 4),
    )
    dot = f'<span aria-hidden="true" style="{_DOT};background:{sign_colour(event.value)}"></span>' if scale.dots else ""
    give = f'<br><span style="{MUTED}">± {decimal(event.standard_error, scale.places)}</span>'
    moment = tr("earlier") if event.is_group else when(event)
    return (
        f'<li style="{_GRID};position:relative">{dot}'
        f'<time style="{MUTED}" title="{escaped(event.time)}">{escaped(moment)}</time>'
        f"<div>{title}{_note(event)}{detail}</div>"
        f'<span style="text-align:right;font-variant-numeric:tabular-nums;line-height:1.25" '
        f'title="{escaped(exactly)}">{signed(event.value, scale.places)}'
        f"{give if event.standard_error else ''}</span>{_bar(event.value, scale.reach)}</li>"
    )


def title_of(event: EventShare) -> str:
    """Return an event's title; earlier events that count together are counted."""
    return counted(len(event.positions), "earlier event") if event.is_group else event.title or event.item_id


def _note(event: EventShare) -> str:
    """Say an event's kind and number, where they tell something."""
    said = [event.kind] if event.kind and event.kind not in {"event", "purchase"} else []
    if event.quantity is not None and event.quantity != 1:
        said.append(f"\u00d7 {decimal(event.quantity)}")
    return f' <span style="{MUTED}">{escaped(" ".join(said))}</span>' if said else ""


def _made_of(event: EventShare, parts: Parts) -> dict[str, float]:
    """Name what an event's value is made of; it all adds up to the value."""
    named = {WORDS: parts.text.total if parts.text else 0.0}
    named |= {name: float(getattr(parts, field)) for field, name in PART_NAMES.items()}
    return named | {name: float(getattr(event, field)) for field, name in BEYOND_PARTS.items()}


def _told(named: dict[str, float], places: int) -> list[str]:
    """Say what would not read as nought."""
    return [
        f'<span style="white-space:nowrap">{escaped(tr(name))} <b>{signed(value, places)}</b></span>'
        for name, value in named.items()
        if abs(value) >= 0.5 * 10.0**-places
    ]


def _bar(value: float, reach: float) -> str:
    """Draw a signed bar around a zero that is always in the middle."""
    width = min(50 * abs(value) / reach, 50) if reach else 0.0
    side = "left:50%" if value >= 0 else "right:50%"
    return (
        '<span aria-hidden="true" style="position:relative;display:block;height:0.75em;align-self:center">'
        '<span style="position:absolute;left:50%;top:-0.15em;bottom:-0.15em;width:1px;background:currentColor;opacity:0.35"></span>'
        f'<span style="position:absolute;{side};top:0;bottom:0;width:{width:.1f}%;background:{sign_colour(value)};'
        'border-radius:2px"></span></span>'
    )
