"""Absence, the one definition: an event is absent when it is removed from the log and all is computed again.

Only the test of an explanation knows a second way; see `recviz.explain.neutral`.
"""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.explain.choices import Removal
from recviz.explain.neutral import predict_neutral
from recviz.explain.scalars import Scalar
from recviz.model.prediction import join_predictions
from recviz.model.predictor import Predictor

INDIVIDUAL = 40
"""How many of the latest events are judged one by one; the older ones count together as one."""
SCORES_AT_ONCE = 4_000_000
"""Subsets times candidates whose scores are held together."""
SUBSETS_AT_ONCE = 1024

# P players (events or the group of earlier ones), C coalitions


def players_of(predictor: Predictor, history: History, individual: int = INDIVIDUAL) -> tuple[NDArray[np.intp], ...]:
    """Divide a history's positions into players, oldest first: earlier events together, the latest one by one."""
    latest = predictor.latest(history, individual)
    earlier = np.setdiff1d(np.arange(len(history)), latest)
    return (*([earlier] if len(earlier) else []), *latest[:, None])


class RemovalGame:
    """The score of any subset of one history; each subset is computed once, those asked for together in one go."""

    def __init__(
        self,
        predictor: Predictor,
        scalar: Scalar,
        history: History,
        instant: int,
        individual: int = INDIVIDUAL,
        removal: Removal = "removed",
    ) -> None:
        self.removal, self._individual = removal, individual
        self.players = players_of(predictor, history, individual)
        self.has_group = len(history) > individual
        """Whether the first player is all the earlier events together."""
        self.n_players = len(self.players)
        self._predictor = predictor
        self._scalar = scalar
        self._history = history
        self.instant = instant
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
        at_once = max(1, min(SUBSETS_AT_ONCE, SCORES_AT_ONCE // max(len(self._predictor.candidates), 1)))
        for start in range(0, len(order), at_once):
            chunk = order[start : start + at_once]
            found = self._evaluated(present[[index for _, index in chunk]][:, self._owner])
            self._known.update(zip((key for key, _ in chunk), found.tolist(), strict=True))
        return np.array([self._known[key] for key in keys])

    def _evaluated(self, present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the score with only some events present; ``present`` is ``(C, n)``."""
        variants = self._scalar.histories(self._history, self.instant, self._predictor)
        instant = self._scalar.looks_from(self.instant)
        removed = self.removal == "removed"
        predict = self._predictor.predict_subsets if removed else partial(predict_neutral, self._predictor)
        predictions = []
        for history in variants:
            added = np.ones((len(present), len(history) - present.shape[1]), dtype=bool)
            predictions.append(predict(history, instant, np.hstack([present, added])))
        adjacent = torch.arange(len(variants) * len(present)).view(len(variants), -1).T.flatten()
        with torch.no_grad():
            rows = predictions[0] if len(variants) == 1 else join_predictions(predictions).rows(adjacent)
            return np.asarray(self._scalar.value(rows, self._predictor).double().cpu().numpy())

    def with_removal(self, removal: Removal) -> "RemovalGame":
        """Return the same players under another way of taking events away."""
        return RemovalGame(
            self._predictor, self._scalar, self._history, self.instant, self._individual, removal=removal
        )

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
