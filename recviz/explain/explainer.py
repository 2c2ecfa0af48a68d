"""One door to explanations: events by removal, parts by integrated gradients, trust beside them."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.dataset import Dataset
from recviz.data.history import History
from recviz.errors import InvalidSettingError
from recviz.explain.candidate import candidate_text
from recviz.explain.events import EventValues, leave_one_out, shapley_values
from recviz.explain.explanation import EventShare, Explanation, Method, Parts, Trust
from recviz.explain.faithfulness import faithfulness, relative_gap
from recviz.explain.parts import part_values
from recviz.explain.removal import INDIVIDUAL, RemovalGame
from recviz.explain.scalars import MarkLogProbability
from recviz.explain.targets import Target, scalar_of
from recviz.model.predictor import Predictor

DETAILED = 5
"""Events looked into at first; the rest on demand."""


def explain_score(
    predictor: Predictor,
    user: int,
    target: Target,
    *,
    n_detailed: int = DETAILED,
    method: Method = "shapley",
    seed: int = 0,
) -> Explanation:
    """Explain one number about one user.

    Args:
        predictor: The model at its origin.
        user: Row of the user table.
        target: The number.
        n_detailed: How many of the events with the largest effect are looked into.
        method: How events are valued.
        seed: Of the sampled orders.

    Raises:
        NotFoundError: If the log has no such item, or the run no such category.
        InvalidSettingError: If there is no such period.
        UnsupportedError: If the log, or the item at this origin, has no such number.
    """
    started = time.monotonic()
    scalar = scalar_of(predictor, target)
    history, instant = predictor.history(user), predictor.instant_of(user)
    # one place of the window is left to the event that a long-term effect adds
    individual = max(1, min(INDIVIDUAL, predictor.config.max_history - 1))
    game = RemovalGame(predictor, scalar, history, instant, individual)
    alone = leave_one_out(game)
    found = shapley_values(game, seed) if method == "shapley" else EventValues(alone, np.zeros(len(alone)))
    events = _event_shares(predictor.dataset, history, game, found, alone)
    judged = faithfulness(game, found.values, seed=seed + 1, unit=scalar.unit)
    gap = game.full - game.empty - float(found.values.sum())
    trust = Trust(
        events_gap=gap,
        events_gap_share=relative_gap(gap, game.full - game.empty),
        parts_gap_share=0.0,
        comprehensiveness=judged.comprehensiveness,
        sufficiency=judged.sufficiency,
        badge=judged.badge,
        sentence=judged.sentence,
    )
    strip = candidate_text(predictor, scalar, history, instant) if isinstance(scalar, MarkLogProbability) else None
    bare = Explanation(
        run=predictor.fingerprint,
        user_id=str(predictor.dataset.user_ids[user]),
        origin=predictor.origin,
        instant=_moment(predictor.dataset, instant),
        target=target,
        scalar=scalar.label(predictor),
        unit=scalar.unit,
        sign_rule=scalar.sign_rule(),
        method=method,
        score=game.full,
        empty_score=game.empty,
        events=events,
        candidate=strip.text if strip else None,
        candidate_gap_share=strip.gap_share if strip else 0.0,
        trust=trust,
        seconds=0.0,
    )
    top = [event.positions[0] for event in bare.ranked() if not event.is_group][:n_detailed]
    detailed = with_details(predictor, bare, top)
    return replace(detailed, seconds=time.monotonic() - started)


def with_details(predictor: Predictor, explanation: Explanation, positions: Sequence[int]) -> Explanation:
    """Look into more events of an explanation.

    Args:
        predictor: The model that the explanation is of.
        explanation: Its events keep their values.
        positions: Places of the events in the history.

    Raises:
        InvalidSettingError: If an event is not judged on its own, or the explanation is of another model.
    """
    alone = {event.positions[0]: event for event in explanation.events if not event.is_group}
    if unknown := [position for position in positions if position not in alone]:
        raise InvalidSettingError.of(
            f"Past event {unknown[0]} has no value of its own", "explanation", "Pick one of the events in the list"
        )
    if explanation.run != predictor.fingerprint:
        raise InvalidSettingError.of(
            "The explanation is of another model", f"{explanation.run}, not {predictor.fingerprint}", "Explain again"
        )
    wanted = [position for position in positions if alone[position].parts is None]
    if not wanted:
        return explanation
    parts = _parts_of(predictor, explanation, {position: alone[position].value for position in wanted})
    events = tuple(
        event if event.is_group else replace(event, parts=parts.get(event.positions[0], event.parts))
        for event in explanation.events
    )
    largest = max((event.parts.gap_share for event in events if event.parts), default=0.0)
    return explanation.with_events(events, replace(explanation.trust, parts_gap_share=largest))


def _parts_of(predictor: Predictor, explanation: Explanation, values: dict[int, float]) -> dict[int, Parts]:
    user = predictor.dataset.user_index(explanation.user_id)
    scalar = scalar_of(predictor, explanation.target)
    history, instant = predictor.history(user), predictor.instant_of(user)
    found = part_values(predictor, scalar, history, instant, list(values))
    parts = {}
    for row, (position, value) in enumerate(values.items()):
        text = found.texts.attribution(row, found.tokens[row])
        gap = float(found.difference[row] - found.explained[row])
        made = Parts(
            text=text,
            identity=float(found.identity[row]),
            kind=float(found.kind[row]),
            value=float(found.value[row]),
            time=float(found.time[row]),
            remainder=0.0,
            gap=gap,
            gap_share=relative_gap(gap, float(found.difference[row])),
        )
        parts[position] = replace(made, remainder=value - made.explained)
    return parts


def _event_shares(
    dataset: Dataset, history: History, game: RemovalGame, found: EventValues, alone: NDArray[np.float64]
) -> tuple[EventShare, ...]:
    rows = zip(game.players, found.values.tolist(), found.standard_errors.tolist(), alone.tolist(), strict=True)
    shares = []
    for index, (positions, value, error, single) in enumerate(rows):
        is_group = index == 0 and game.has_group
        told = _group_words(len(positions)) if is_group else _event_words(dataset, history, int(positions[0]))
        shares.append(
            EventShare(
                positions=tuple(positions.tolist()),
                is_group=is_group,
                time=_moment(dataset, int(history.time[positions[-1]])),
                value=value,
                standard_error=error,
                leave_one_out=single,
                **told,
            )
        )
    return tuple(shares)


def _event_words(dataset: Dataset, history: History, position: int) -> dict[str, Any]:
    item, number = int(history.item[position]), float(history.value[position])
    return {
        "item_id": str(dataset.item_ids[item]),
        "title": dataset.title(item),
        "category": str(dataset.items["category"].iloc[item]),
        "kind": dataset.manifest.kinds[int(history.kind[position])].name,
        "quantity": None if np.isnan(number) else number,
    }


def _group_words(count: int) -> dict[str, Any]:
    title = f"{count:,} earlier event{'s' if count > 1 else ''}"
    return {"item_id": "", "title": title, "category": "", "kind": "", "quantity": None}


def _moment(dataset: Dataset, time_or_position: int) -> str:
    if not dataset.has_times:
        return str(time_or_position)
    return pd.Timestamp(time_or_position, unit="us", tz="UTC").isoformat()
