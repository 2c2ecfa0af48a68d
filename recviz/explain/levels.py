"""The same values summed at a level of choice: token, word, field, event, category or time; every level adds up.

Positions, not names, decide what belongs to what; names only join what a person would call the same afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from recviz.explain.choices import Level
from recviz.explain.explanation import EventShare, Parts, TextAttribution
from recviz.language import mark

Span = Literal["day", "week", "month", "year"]
OTHER_PARTS = {
    "identity": mark("the item itself"),
    "kind": mark("kind of event"),
    "value": mark("value"),
    "time": mark("how long ago"),
}
"""Parts of an event beside its text, as they are named in sums."""
BEYOND_PARTS = {"habit": mark("habit and activity"), "shared": mark("what other events say as well")}
"""What is left of an event's value, as it is named in sums."""
MARKERS = mark("markers of the language model")
EARLIER = mark("earlier events")
NOT_LOOKED_INTO = mark("events not looked into")
POSITIONS = 10
"""Events in a stretch of time of a log that has an order only."""


@dataclass(frozen=True, slots=True)
class Share:
    """One stretch of an explanation, on its way to a sum."""

    label: str
    value: float
    is_text: bool = False
    """Whether the label is text of the log; else it is one of this module's own names, translated where it is shown."""
    position: int = -1
    """The event, as its place in the history; -1 where it is of none in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Everything of one name."""

    label: str
    is_text: bool
    value: float
    """In the explanation's unit."""
    count: int
    """How many stretches were summed."""


def roll_up(events: Sequence[EventShare], level: Level, span: Span = "month") -> tuple[Sum, ...]:
    """Sum an explanation's values by a level, largest effect first.

    Tokens, words and fields are known of the events that were looked into; the others stand in a sum of their own, so
    that every level adds up to the same total. Words that differ in case alone are one.

    Args:
        events: Of an explanation.
        level: token, word or field; event (each stands alone), category or time.
        span: Length of a stretch of time, for the level time of a log that has times.
    """
    if level == "event":
        shares = list(shares_of(events, level, span))
        return tuple(
            Sum(label=share.label, is_text=share.is_text, value=share.value, count=1)
            for share in sorted(shares, key=lambda share: -abs(share.value))
        )
    return sum_shares(shares_of(events, level, span))


def sum_shares(shares: Iterator[Share]) -> tuple[Sum, ...]:
    """Join shares of the same name, largest effect first; equal effects keep their order."""
    values: dict[tuple[bool, str], list[float]] = {}
    for share in shares:
        values.setdefault((share.is_text, share.label), []).append(share.value)
    sums = [
        Sum(label=label, is_text=is_text, value=sum(found), count=len(found))
        for (is_text, label), found in values.items()
    ]
    return tuple(sorted(sums, key=lambda one: -abs(one.value)))


def shares_of(events: Sequence[EventShare], level: Level, span: Span = "month") -> Iterator[Share]:
    """Divide events into the shares of a level; they add up to the events."""
    for event in events:
        position = event.positions[-1]
        if level == "event":
            yield Share(event.title, event.value, not event.is_group, position)
        elif level == "time":
            yield Share(_stretch_of_time(event, span), event.value, position=position)
        elif event.is_group:
            yield Share(EARLIER, event.value, position=position)
        elif level == "category":
            yield Share(event.category, event.value, is_text=True, position=position)
        elif event.parts is None:
            yield Share(NOT_LOOKED_INTO, event.value, position=position)
        else:
            yield from _inside(event.parts, level, position)
            for name, label in BEYOND_PARTS.items():
                yield Share(label, getattr(event, name), position=position)


def text_shares(text: TextAttribution, level: Literal["token", "word", "field"], position: int = -1) -> Iterator[Share]:
    """Divide one text into shares; the model's markers are one of their own."""
    names = text.field_names if level == "field" else None
    for at, span in enumerate(text.spans(level)):
        label = names[at] if names else text.text[span.start : span.end].casefold()
        yield Share(label, span.value, is_text=level != "field", position=position)
    yield Share(MARKERS, text.markers, position=position)


def _inside(parts: Parts, level: Level, position: int) -> Iterator[Share]:
    if parts.text is not None:
        yield from text_shares(parts.text, level, position)  # type: ignore[arg-type]  # the other levels are done
    for name, label in OTHER_PARTS.items():
        yield Share(label, getattr(parts, name), position=position)


def _stretch_of_time(event: EventShare, span: Span) -> str:
    if "T" not in event.time:  # a position
        first = int(event.time) // POSITIONS * POSITIONS
        return f"{first:,} \u2013 {first + POSITIONS - 1:,}"
    when = pd.Timestamp(event.time)
    match span:
        case "day":
            return when.strftime("%Y-%m-%d")
        case "week":
            return (when - pd.Timedelta(days=when.weekday())).strftime("%Y-%m-%d")
        case "month":
            return when.strftime("%Y-%m")
        case "year":
            return when.strftime("%Y")
