"""What taking an item does to the weeks after: an association that the model learnt, not a promise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.split import training_view
from recviz.forecast.activity import require_curves
from recviz.forecast.remembered import Remembered
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class UsualEvent:
    """The event that stands for taking an item."""

    kind: int
    """The most frequent kind that counts as interest, before the cut."""
    value: float
    """Its median value before the cut; NaN where it has none."""


@dataclass(frozen=True, slots=True)
class LongTermEffect:
    """Change of one user's curve when each of n items is taken at the origin."""

    without: Floats
    """Expected active days if nothing is taken, ``(K,)``."""
    with_item: Floats
    """Expected active days if the item is taken, ``(n, K)``."""

    def total_change(self) -> Floats:
        """Return the change of the expected active days over the horizon, ``(n,)``."""
        return np.asarray(self.with_item.sum(1) - self.without.sum(), np.float64)


def usual_event(predictor: Predictor) -> UsualEvent:
    """Find the usual kind and value from before the cut, whatever the origin."""
    dataset = predictor.dataset
    seen = training_view(dataset, predictor.split, with_validation=True).rows()
    kind = np.asarray(dataset.store.kind)
    counts = np.bincount(kind[seen], minlength=len(dataset.target_kinds)) * dataset.target_kinds
    usual = int(counts.argmax())
    values = np.asarray(dataset.store.value)[seen & (kind == usual)]
    values = values[~np.isnan(values)]
    return UsualEvent(usual, float(np.median(values)) if len(values) else float("nan"))


remembered_usual_event = Remembered(usual_event)


def long_term_effect(predictor: Predictor, user: int, items: Sequence[int] | NDArray[np.intp]) -> LongTermEffect:
    """Append each item to the user's history at the origin, one at a time, and forecast again.

    All forecasts are made just after the origin, so that they differ by the event alone.

    Args:
        predictor: A run opened at an origin.
        user: Row of the user table.
        items: n rows of the item table.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    require_curves(predictor)
    history, instant, usual = predictor.history(user), predictor.instant_of(user), remembered_usual_event(predictor)
    with_item = [history.plus(int(item), instant, usual.kind, usual.value) for item in items]
    prediction = predictor.predict([history, *with_item], [instant + 1] * (1 + len(with_item)))
    with torch.inference_mode():
        mu = prediction.mu.double().cpu().numpy()
    return LongTermEffect(mu[0], mu[1:])
