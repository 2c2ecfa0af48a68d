"""What the model would say if the history were another: events switched off, hypothetical ones added."""

from collections.abc import Sequence
from dataclasses import dataclass

from recviz.data.history import History
from recviz.errors import InvalidSettingError, Problem
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
class WhatIf:
    """A prediction before and after a change of the history."""

    history: History
    """As changed."""
    before: Prediction
    after: Prediction


def what_if(
    predictor: Predictor, history: History, instant: int, off: Sequence[int] = (), add: Sequence[Addition] = ()
) -> WhatIf:
    """Predict with and without a change; absence is that of every explanation: removed, and all computed again.

    Args:
        predictor: The model at its origin.
        history: All events that count.
        instant: The moment that the model looks ahead from.
        off: Positions of events to switch off.
        add: Events to add.

    Raises:
        InvalidSettingError: If a position is not in the history, or an added event is after the origin.
    """
    changed = changed_history(history, instant, off, add)
    # as with long-term effects: what is added at the origin has happened in both
    looks_from = instant + int(any(event.time == instant for event in add))
    both = predictor.predict([history, changed], [looks_from, looks_from])
    return WhatIf(history=changed, before=both.rows(slice(0, 1)), after=both.rows(slice(1, 2)))


def changed_history(history: History, instant: int, off: Sequence[int], add: Sequence[Addition]) -> History:
    """Return the history with events switched off and added.

    Raises:
        InvalidSettingError: If a position is not in the history, or an added event is after the origin.
    """
    problems = [
        Problem(
            f"There is no past event {position}",
            f"a history of {len(history):,} events",
            f"Pick events from 0 to {len(history) - 1}" if len(history) else "There is nothing to switch off",
        )
        for position in off
        if not 0 <= position < len(history)
    ] + [
        Problem("An added event is after the origin", "what-if", "Date it at the origin or before")
        for event in add
        if event.time > instant
    ]
    if problems:
        raise InvalidSettingError(problems)
    changed = history.without(list(off))
    for event in add:
        changed = changed.plus(event.item, event.time, event.kind, event.value)
    return changed
