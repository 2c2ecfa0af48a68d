"""What the model says at the cut, asked once for all tasks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.errors import RunFailedError
from recviz.evaluate.ranking import Targets, hits_of, top_positions
from recviz.model.prediction import Prediction, interest, mark_probabilities
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]
USERS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Volume:
    """Expected active days of U users over K periods."""

    mean: Floats
    """``(U, K)``."""
    shape: Floats
    """``(U,)``."""


def ask_volume_and_mix(
    predictor: Predictor, users: NDArray[np.intp], groups: Floats | None, told: Callable[[], None]
) -> tuple[Volume, Floats | None]:
    """Ask for the volume of each period, and for expected target events per group of items and period.

    Args:
        predictor: At its cut.
        users: Rows of the user table, ``(U,)``.
        groups: Weight of each candidate in each group of items, ``(I, C)``; ``None`` does not ask for it.
        told: Called after each batch.

    Returns:
        The volume, and ``(U, K, C)``, or ``None``.
    """
    weights = None if groups is None else torch.from_numpy(groups).to(predictor.item_vectors)
    means, shapes, mixes = [], [], []
    for prediction in _predictions(predictor, users):
        means.append(prediction.mu.double().cpu().numpy())
        shapes.append(prediction.shape.double().cpu().numpy())
        if weights is not None:
            with torch.inference_mode():
                events = interest(prediction, predictor.item_vectors, weights)
            mixes.append(events.double().cpu().numpy())
        told()
    volume = Volume(np.concatenate(means), np.concatenate(shapes))
    _require_finite(volume.mean, volume.shape, *mixes)
    return volume, np.concatenate(mixes) if mixes else None


def ask_hits(predictor: Predictor, targets: Targets) -> NDArray[np.bool_]:
    """Rank by the chance of the next event for every user of the targets and tell what was hit, ``(U, 200)``."""
    parts, start = [], 0
    for prediction in _predictions(predictor, targets.users):
        some = slice(start, start + len(prediction))
        with torch.inference_mode():
            chances = mark_probabilities(prediction, predictor.item_vectors, 0).float().cpu().numpy()
        _require_finite(chances)
        barred = None if targets.barred is None else targets.barred[some]
        parts.append(hits_of(top_positions(chances, barred), targets.wanted[some]))
        start += len(prediction)
    return np.concatenate(parts)


def batches(users: int) -> int:
    """Return how many batches the model is asked in."""
    return -(-users // USERS_AT_ONCE)


def _predictions(predictor: Predictor, users: NDArray[np.intp]) -> Iterator[Prediction]:
    for start in range(0, len(users), USERS_AT_ONCE):
        some = [int(user) for user in users[start : start + USERS_AT_ONCE]]
        yield predictor.predict(
            [predictor.history(user) for user in some], [predictor.instant_of(user) for user in some]
        )


def _require_finite(*arrays: NDArray[np.floating]) -> None:
    if not all(np.isfinite(array).all() for array in arrays):
        raise RunFailedError.of(
            "The model answers with numbers that are not finite",
            "its forecasts at the cut",
            "Train it with a lower rate",
        )
