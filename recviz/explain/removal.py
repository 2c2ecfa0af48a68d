"""Absence, the one definition: an event is absent when it is removed from the log and all is computed again."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.explain.scalars import Scalar
from recviz.model.predictor import Predictor

INDIVIDUAL = 40
"""How many of the latest events are judged one by one; the older ones count together as one."""
SCORES_AT_ONCE = 4_000_000
"""Histories times candidates that one forward may hold."""
HISTORIES_AT_ONCE = 512

# P players (events or the group of earlier ones), C coalitions


def players_of(predictor: Predictor, history: History, individual: int = INDIVIDUAL) -> tuple[NDArray[np.intp], ...]:
    """Divide a history's positions into players, oldest first: earlier events together, the latest one by one."""
    latest = predictor.latest(history, individual)
    earlier = np.setdiff1d(np.arange(len(history)), latest)
    return (*([earlier] if len(earlier) else []), *latest[:, None])


def scores(
    predictor: Predictor, scalar: Scalar, histories: Sequence[History], instants: Sequence[int]
) -> NDArray[np.float64]:
    """Return the number of each history at its instant, ``(B,)``, in the scalar's unit, without gradient."""
    at_once = max(1, min(HISTORIES_AT_ONCE, SCORES_AT_ONCE // max(len(predictor.candidates), 1)))
    found = [np.empty(0)]
    with torch.no_grad():
        for start in range(0, len(histories), at_once):
            chunk = range(start, min(start + at_once, len(histories)))
            rows = [scalar.histories(histories[i], instants[i], predictor) for i in chunk]
            at = [scalar.looks_from(instants[i]) for i, variants in zip(chunk, rows, strict=True) for _ in variants]
            prediction = predictor.predict([row for variants in rows for row in variants], at)
            found.append(scalar.value(prediction, predictor).double().cpu().numpy())
    return np.concatenate(found)


class RemovalGame:
    """The score of any subset of one history; each subset is computed once, those asked for together in one go."""

    def __init__(
        self,
        predictor: Predictor,
        scalar: Scalar,
        history: History,
        instant: int,
        individual: int = INDIVIDUAL,
    ) -> None:
        self.players = players_of(predictor, history, individual)
        self.has_group = len(history) > individual
        """Whether the first player is all the earlier events together."""
        self.n_players = len(self.players)
        self._predictor = predictor
        self._scalar = scalar
        self._history = history
        self._instant = instant
        self._owner = np.empty(len(history), np.intp)  # the player of each event
        for index, positions in enumerate(self.players):
            self._owner[positions] = index
        self._known: dict[bytes, float] = {}

    def scores(self, present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the score with only some players present.

        Args:
            present: ``(C, P)``.

        Returns:
            ``(C,)``, in the scalar's unit.
        """
        keys = [row.tobytes() for row in np.packbits(present, axis=1)]
        new = {key: index for index, key in enumerate(keys) if key not in self._known}
        # neighbours in length share a forward, so that little of it is padding
        order = sorted(new.items(), key=lambda entry: int(present[entry[1]].sum()))
        histories = [self._history.take(present[index][self._owner]) for _, index in order]
        found = scores(self._predictor, self._scalar, histories, [self._instant] * len(histories))
        self._known.update(zip((key for key, _ in order), found.tolist(), strict=True))
        return np.array([self._known[key] for key in keys])

    @property
    def full(self) -> float:
        """The score with the whole history."""
        return float(self.scores(np.ones((1, self.n_players), dtype=bool))[0])

    @property
    def empty(self) -> float:
        """The score without any history."""
        return float(self.scores(np.zeros((1, self.n_players), dtype=bool))[0])

    @property
    def n_evaluated(self) -> int:
        """How many different subsets went through the model."""
        return len(self._known)
