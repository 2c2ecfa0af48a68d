"""What an explanation says, as plain data for pages, command line and report: every number with unit, sign and error."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Literal

import pandas as pd

from recviz.explain.choices import Baseline, Method, PartMethod
from recviz.explain.targets import Target, sign_of_reasons
from recviz.explain.trust import Checks, Trust

FORMAT = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text and how much it moved the score, in the explanation's unit."""

    start: int
    end: int
    """Characters ``start:end`` of the text; never overlapping, in order."""
    value: float
    """Above zero where it spoke for the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAttribution:
    """One text with the share of each of its tokens, and the same shares summed by word and by field."""

    text: str
    tokens: tuple[Span, ...]
    words: tuple[Span, ...]
    """Runs of letters and digits; single characters in scripts without spaces (as far as the tokens are that fine)."""
    fields: tuple[Span, ...]
    field_names: tuple[str, ...]
    """Name of each of ``fields``: "title", "category", ..."""
    markers: float
    """Share of the model's own marker tokens, which stand for no stretch of the text."""
    cut_at: int | None
    """The model read characters before this one only; ``None`` where it read all."""

    @property
    def total(self) -> float:
        """Sum over all tokens, markers included."""
        return sum(span.value for span in self.tokens) + self.markers

    def spans(self, level: Literal["token", "word", "field"]) -> tuple[Span, ...]:
        """Return the shares at a level."""
        return {"token": self.tokens, "word": self.words, "field": self.fields}[level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An event's value divided over what the event is made of; the six numbers add up to the event's value exactly."""

    text: TextAttribution | None
    """``None`` where the item has no text."""
    identity: float
    """What the model learnt of this very item beyond its text."""
    kind: float
    value: float
    """The event's number: quantity, rating."""
    time: float
    """How long ago it was, as the model's attention weighs it."""
    remainder: float
    """What is left of the event's value: `EventShare.habit` and `EventShare.shared` together."""
    gap: float
    """Error of the integral: what the parts should sum to, less what they do."""
    gap_share: float
    """``gap`` relative to the larger of the explained difference and 0.1."""

    @property
    def explained(self) -> float:
        """Sum of the parts without the remainder."""
        return (self.text.total if self.text else 0.0) + self.identity + self.kind + self.value + self.time

    @property
    def total(self) -> float:
        """The event's value."""
        return self.explained + self.remainder


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShare:
    """One past event (or all the earlier ones together) and how much it moved the score."""

    positions: tuple[int, ...]
    """Places in the user's history, in the log's own order."""
    is_group: bool
    """Whether this stands for all the earlier events together."""
    item_id: str
    title: str
    category: str
    kind: str
    time: str
    """ISO 8601 UTC; the position in a log that has an order only."""
    quantity: float | None
    """The event's own number; ``None`` where it has none."""
    value: float
    """Shapley value, or leave-one-out difference; above zero where the event spoke for the score."""
    standard_error: float
    """Of the sampling; 0 where all combinations were counted."""
    leave_one_out: float
    """The score less the score without this event alone."""
    parts: Parts | None = None
    """Only for the events looked into; see `recviz.explain.explainer.with_details`."""

    @property
    def shared(self) -> float:
        """What other past events say as well, so that taking this one alone away would not change it.

        Five purchases of one item divide what they do together, and each could go without much loss. Below zero where the
        event does more beside the others than by itself; 0 where its value is the leave-one-out difference.
        """
        return self.value - self.leave_one_out

    @property
    def habit(self) -> float:
        """What its removal alone changes through habit and activity: own counts, recency, rhythm, its mere presence.

        With it stand what a title says at its baseline, and the integral's gap. 0 for an event that has not been looked into.
        """
        return self.leave_one_out - self.parts.explained if self.parts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one number about one user is what it is."""

    run: str
    """Run id and checkpoint hash: which model says so."""
    user_id: str
    origin: Literal["cut", "now"]
    instant: str
    """The moment that the model looks ahead from, ISO 8601 UTC, or a position."""
    target: Target
    """What is explained, in the log's own ids."""
    scalar: str
    """What is explained, in words."""
    unit: str
    sign_rule: str
    method: Method
    score: float
    empty_score: float
    """The same number for a user without history."""
    events: tuple[EventShare, ...]
    """Oldest first; within a basket in the order of titles, so that no id decides what is counted one by one."""
    candidate: TextAttribution | None
    """The recommended item's own words; a separate strip, not added to the events."""
    candidate_gap_share: float
    trust: Trust
    """What is always judged."""
    seconds: float
    rival: TextAttribution | None = None
    """The other item's own words, where two are compared."""
    rival_gap_share: float = 0.0
    part_method: PartMethod = "integrated gradients"
    baseline: Baseline = "neutral"
    checks: Checks | None = None
    """What is judged on demand; see `recviz.explain.checks.check`."""
    format: int = FORMAT

    @property
    def difference(self) -> float:
        """What the history changes: score less empty score."""
        return self.score - self.empty_score

    @property
    def sign_of_reasons(self) -> int:
        """-1 where it is asked why the number is low; see `recviz.explain.targets.sign_of_reasons`."""
        return sign_of_reasons(self.target, self.score)

    @property
    def covered(self) -> float:
        """Share of all events' absolute values that belongs to events looked into, 0 to 1."""
        total = sum(abs(event.value) for event in self.events)
        return sum(abs(event.value) for event in self.events if event.parts) / total if total else 0.0

    def ranked(self) -> tuple[EventShare, ...]:
        """Return the events, largest effect first, whichever its sign; equal effects keep their order in time."""
        return tuple(sorted(self.events, key=lambda event: -abs(event.value)))

    def to_json(self) -> str:
        """Write everything as JSON."""
        return json.dumps(asdict(self) | {"covered": self.covered}, ensure_ascii=False, allow_nan=False)

    def to_frame(self) -> pd.DataFrame:
        """Lay the explanation out as a table: a row for each event, part and stretch of text.

        Columns: ``part`` (event; text, identity, kind, value, time, habit and shared, which add up to it; token, word,
        field; candidate token, candidate word, and rival for the item compared with), ``position`` (of the latest event; -1 for candidates), ``item_id``,
        ``title``, ``category``, ``time``, ``start``, ``end``, ``stretch``, ``attribution``, ``standard_error``, and
        on each row ``user_id``, ``run``, ``scalar``, ``unit``.
        """
        rows: list[dict[str, object]] = []
        for event in self.events:
            rows += _event_rows(event)
        for text, prefix in ((self.candidate, "candidate "), (self.rival, "rival ")):
            rows += _text_rows(text, {"position": -1}, prefix) if text else []
        frame = pd.DataFrame(rows, columns=_COLUMNS)
        return frame.assign(user_id=self.user_id, run=self.run, scalar=self.scalar, unit=self.unit)

    def with_events(self, events: tuple[EventShare, ...], trust: Trust) -> "Explanation":
        """Replace the events and the figures that depend on them."""
        return replace(self, events=events, trust=trust)


_COLUMNS = [
    "part", "position", "item_id", "title", "category", "time", "start", "end", "stretch", "attribution",
    "standard_error",
]  # fmt: skip


def _event_rows(event: EventShare) -> list[dict[str, object]]:
    base: dict[str, object] = {
        "position": event.positions[-1],
        "item_id": event.item_id,
        "title": event.title,
        "category": event.category,
        "time": event.time,
    }
    rows = [base | {"part": "event", "attribution": event.value, "standard_error": event.standard_error}]
    if event.parts is None:
        return rows
    parts = event.parts
    if parts.text:
        rows += [base | {"part": "text", "attribution": parts.text.total}]
    for name in ("identity", "kind", "value", "time"):
        rows += [base | {"part": name, "attribution": getattr(parts, name)}]
    for name in ("habit", "shared"):
        rows += [base | {"part": name, "attribution": getattr(event, name)}]
    return rows + (_text_rows(parts.text, base, "") if parts.text else [])


def _text_rows(text: TextAttribution, base: dict[str, object], prefix: str) -> list[dict[str, object]]:
    levels: tuple[Literal["token", "word", "field"], ...] = ("token", "word", "field")
    return [
        base
        | {
            "part": prefix + level,
            "start": span.start,
            "end": span.end,
            "stretch": text.text[span.start : span.end],
            "attribution": span.value,
        }
        for level in levels
        for span in text.spans(level)
    ]
