"""The second way to take an event away: it stays in its place in time, as an event of no item in particular.

What such an event still says is that there was activity, of which kind and when; what it no longer says is what it was
about. So a score that falls when the event is removed, but not when it is made neutral, fell because of activity.
"""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.explain.path import take_rows
from recviz.model.batch import Batch
from recviz.model.network import EventParts
from recviz.model.prediction import Prediction, join_predictions
from recviz.model.predictor import Predictor

AT_ONCE = 64

# C subsets, n events, L events of the window


@torch.no_grad()
def predict_neutral(predictor: Predictor, history: History, instant: int, present: NDArray[np.bool_]) -> Prediction:
    """Predict a history in which absent events are neutral.

    A neutral event has the mean text vector of the candidates, no identity and no value, its own kind and time; it
    counts as activity, but not as one of the user's own items or values.

    Args:
        predictor: The model at its origin.
        history: All events that count.
        instant: The moment that the model looks ahead from.
        present: Which events stay as they are, ``(C, n)``.
    """
    known = history.before(instant)
    present = present[:, : len(known)]
    if not len(known):
        return predictor.predict([known] * len(present), [instant] * len(present))
    window = np.sort(predictor.latest(known, predictor.config.max_history))
    whole = predictor.collate([known], [instant])
    parts = predictor.parts(whole)
    found = []
    for start in range(0, len(present), AT_ONCE):
        chosen = present[start : start + AT_ONCE]
        kept = torch.from_numpy(chosen[:, window]).to(parts.text.device)  # (C, L)
        batch = _own_items_of(predictor, take_rows(whole, torch.zeros(len(chosen), dtype=torch.long)), known, chosen)
        found.append(predictor.predict_parts(batch, _neutral(parts, kept, predictor.item_text.mean(dim=0))))
    return join_predictions(found)


def _neutral(parts: EventParts, kept: Tensor, text: Tensor) -> EventParts:
    """Put what is not kept ``(C, L)`` of one history's parts in the middle."""
    at = kept[..., None]
    return EventParts(
        torch.where(at, parts.text, text),
        torch.where(at, parts.identity, 0.0),
        parts.kind.expand(len(kept), -1, -1),
        torch.where(at, parts.value, 0.0),
    )


def _own_items_of(predictor: Predictor, batch: Batch, known: History, present: NDArray[np.bool_]) -> Batch:
    instant = int(batch.instant[0, 0])
    subsets = predictor.collate([known.take(row) for row in present], [instant] * len(present))
    own = {name: getattr(subsets, name) for name in ("own_item", "own_weight", "own_value")}
    return replace(batch, **own)
