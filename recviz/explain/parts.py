"""What inside an event moved the score, the other events present.

Each part goes from its baseline to what it is, all parts of the event together:

* text: the embeddings of the title's tokens, from a baseline at every place that stands for text (see
  `recviz.explain.choices.Baseline`); the model's own markers stay;
* identity, kind, value: from the zero vector;
* time: the weight of the attention bias by time, from 0 (how long ago counts for nothing) to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.explain.choices import Baseline, PartMethod
from recviz.explain.faithfulness import SMALLEST_DIFFERENCE
from recviz.explain.part_methods import NODES, divide, integrated_gradients
from recviz.explain.path import OTHERS, PartPath
from recviz.explain.scalars import Scalar
from recviz.explain.texts import ReadTexts
from recviz.model.predictor import Predictor

LARGEST_ERROR = 0.01
"""Error of the integral, as a share of the larger of the difference and `SMALLEST_DIFFERENCE`, that calls for more nodes."""
FINER = 3
"""How many times as many nodes an event is given whose score is that curved."""

# E events looked into, T tokens, P = T + 4 places


@dataclass(frozen=True, slots=True, kw_only=True)
class PartValues:
    """What a method says of E events, in the scalar's unit."""

    texts: ReadTexts
    places: NDArray[np.float64]
    """Tokens, then identity, kind, value and time, ``(E, P)``; 0 on padding."""
    difference: NDArray[np.float64]
    """What the parts should sum to: score as it is, less score with the event's parts at their baselines, ``(E,)``."""

    @property
    def tokens(self) -> NDArray[np.float64]:
        """``(E, T)``."""
        return self.places[:, : -len(OTHERS)]

    @property
    def identity(self) -> NDArray[np.float64]:
        """``(E,)``."""
        return self._other("identity")

    @property
    def kind(self) -> NDArray[np.float64]:
        """``(E,)``."""
        return self._other("kind")

    @property
    def value(self) -> NDArray[np.float64]:
        """``(E,)``."""
        return self._other("value")

    @property
    def time(self) -> NDArray[np.float64]:
        """``(E,)``."""
        return self._other("time")

    @property
    def explained(self) -> NDArray[np.float64]:
        """Sum of the parts, ``(E,)``."""
        total: NDArray[np.float64] = self.places.sum(axis=1)
        return total

    def _other(self, name: str) -> NDArray[np.float64]:
        return self.places[:, OTHERS.index(name) - len(OTHERS)]


def part_values(  # noqa: PLR0913, PLR0917 - who, when, which events, how
    predictor: Predictor,
    scalar: Scalar,
    history: History,
    instant: int,
    positions: Sequence[int],
    method: PartMethod = "integrated gradients",
    baseline: Baseline = "neutral",
    nodes: int = NODES,
) -> PartValues:
    """Divide the effect of what these events are over their parts.

    Args:
        predictor: The model at its origin.
        scalar: What is explained.
        history: All events that count.
        instant: The moment that the model looks ahead from.
        positions: Places of the events in the history; each within the encoder's window.
        method: See `recviz.explain.part_methods.divide`.
        baseline: What stands in place of a word.
        nodes: Of the integral; events whose error is beyond `LARGEST_ERROR` are given `FINER` times as many.

    Raises:
        InvalidSettingError: If an event is too old for the window.
    """
    path = PartPath(predictor, scalar, history, instant, positions, baseline)
    places = divide(path, method, nodes)
    index = np.arange(len(path))
    whole = np.ones(places.shape, dtype=bool)
    ends = path.scores_with(np.tile(index, 2), np.concatenate([whole, ~whole]))
    difference = ends[: len(path)] - ends[len(path) :]
    if method == "integrated gradients":
        error = np.abs(places.sum(axis=1) - difference)
        curved = np.flatnonzero(error > LARGEST_ERROR * np.maximum(np.abs(difference), SMALLEST_DIFFERENCE))
        if len(curved):
            places[curved] = integrated_gradients(path, FINER * nodes, curved)
    return PartValues(texts=path.texts, places=places, difference=difference)
