"""What if: the same user with past events switched off, edited or added, seen from another moment, or a retitled item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recviz.data.history import History
from recviz.errors import InvalidSettingError, Problem
from recviz.explain.retitle import retitled
from recviz.forecast.activity import has_curves
from recviz.language import tr
from recviz.model.prediction import Prediction
from recviz.model.predictor import Predictor


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A hypothetical event."""

    item: int
    """Row of the item table."""
    time: int
    """As the log's times; at the origin or before it."""
    kind: int
    value: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A past event as it might have been; what is ``None`` stays."""

    position: int
    """Place in the history."""
    item: int | None = None
    time: int | None = None
    kind: int | None = None
    value: float | None = None
    """NaN takes the value away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """All that is otherwise."""

    off: Sequence[int] = ()
    """Places of events that are switched off."""
    add: Sequence[Addition] = ()
    edit: Sequence[Edit] = ()
    moved_to: int | None = None
    """Another moment to look ahead from, as the log's times; events from there on have not happened."""
    titles: Mapping[int, str] = field(default_factory=dict)
    """Other titles of candidates, by row of the item table; where they stand in the past they keep their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A prediction before and after a change."""

    history: History
    """As changed."""
    before: Prediction
    after: Prediction
    model_after: Predictor
    """The model with the changed titles; the model itself where none was."""
    instant_after: int
    """The moment that is looked ahead from after the change."""


def what_if(predictor: Predictor, history: History, instant: int, change: Change) -> WhatIf:
    """Predict with and without a change; absence is that of every explanation: removed, and all computed again.

    Args:
        predictor: The model at its origin.
        history: All events that count.
        instant: The moment that the model looks ahead from.
        change: What is otherwise.

    Raises:
        InvalidSettingError: If a position is not in the history, is both off and edited, an event is after the origin,
            or the origin is moved beyond the horizon.
        UnsupportedError: If an item with another title is no candidate, or titles are not read.
    """
    moved = instant if change.moved_to is None else change.moved_to
    changed = changed_history(predictor, history, instant, change)
    # as with long-term effects: what happens at the origin has happened in both
    now = any(when == moved for when in _new_times(change))
    looks_before = instant + int(now and moved == instant)
    both = predictor.predict([history, changed], [looks_before, moved + int(now)])
    return WhatIf(
        history=changed,
        before=both.rows(slice(0, 1)),
        after=both.rows(slice(1, 2)),
        model_after=retitled(predictor, change.titles),
        instant_after=moved,
    )


def changed_history(predictor: Predictor, history: History, instant: int, change: Change) -> History:
    """Return the history with events switched off, edited and added.

    Raises:
        InvalidSettingError: As `what_if`.
    """
    if problems := [*_place_problems(history, change), *_time_problems(predictor, instant, change)]:
        raise InvalidSettingError(problems)
    changed = history.without([*change.off, *(edit.position for edit in change.edit)])
    for edit in change.edit:
        at = edit.position
        changed = changed.plus(
            int(history.item[at]) if edit.item is None else edit.item,
            int(history.time[at]) if edit.time is None else edit.time,
            int(history.kind[at]) if edit.kind is None else edit.kind,
            float(history.value[at]) if edit.value is None else edit.value,
        )
    for event in change.add:
        changed = changed.plus(event.item, event.time, event.kind, event.value)
    return changed


def _place_problems(history: History, change: Change) -> list[Problem]:
    named = [*change.off, *(edit.position for edit in change.edit)]
    missing = [
        Problem(
            tr("There is no past event {position}").format(position=position),
            tr("a history of {n:,} events").format(n=len(history)),
            tr("Pick events from 0 to {last}").format(last=len(history) - 1)
            if len(history)
            else tr("There is nothing to change"),
        )
        for position in named
        if not 0 <= position < len(history)
    ]
    twice = sorted({position for position in named if named.count(position) > 1})
    return missing + [
        Problem(
            tr("Past event {position} is changed twice").format(position=position),
            tr("what-if"),
            tr("Switch it off, or edit it once"),
        )
        for position in twice
    ]


def _time_problems(predictor: Predictor, instant: int, change: Change) -> list[Problem]:
    moved = instant if change.moved_to is None else change.moved_to
    late = [
        Problem(tr("A changed event is after the origin"), tr("what-if"), tr("Date it at the origin or before"))
        for when in _new_times(change)
        if when > moved
    ]
    last = int(predictor.split.edges(instant)[-1]) if has_curves(predictor) else instant
    if moved > last:
        late.append(
            Problem(
                tr("The origin is moved beyond the curves"),
                tr("what-if"),
                tr("Move it back, or ahead within the horizon"),
            )
        )
    return late


def _new_times(change: Change) -> list[int]:
    return [event.time for event in change.add] + [edit.time for edit in change.edit if edit.time is not None]
