"""The players of a removal game as a person knows them: what, when, how many, and what it did."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recviz.data.dataset import Dataset
from recviz.data.history import History
from recviz.explain.events import EventValues
from recviz.explain.explanation import EventShare
from recviz.explain.moments import moment
from recviz.explain.removal import RemovalGame


def event_shares(
    dataset: Dataset, history: History, game: RemovalGame, found: EventValues, alone: NDArray[np.float64]
) -> tuple[EventShare, ...]:
    """Name the players of a game and put their values beside them, oldest first.

    Args:
        dataset: The log.
        history: All events that count.
        game: Its players.
        found: What a method says of each player.
        alone: Leave-one-out differences, ``(P,)``.
    """
    rows = zip(game.players, found.values.tolist(), found.standard_errors.tolist(), alone.tolist(), strict=True)
    shares = []
    for index, (positions, value, error, single) in enumerate(rows):
        is_group = index == 0 and game.has_group
        told = _group_words(len(positions)) if is_group else _event_words(dataset, history, int(positions[0]))
        shares.append(
            EventShare(
                positions=tuple(positions.tolist()),
                is_group=is_group,
                time=moment(dataset, int(history.time[positions[-1]])),
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
