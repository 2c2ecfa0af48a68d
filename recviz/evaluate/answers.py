"""What the model says at the cut, asked once for all tasks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.sequences import LogView
from recviz.errors import RunFailedError
from recviz.evaluate.held_out import ValuedPairs
from recviz.evaluate.ranking import CUTS, Targets, all_hits, top_positions
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


def ask_volume(predictor: Predictor, view: LogView, instant: int) -> Volume:
    """Ask for the volume of every user with history before another instant than the predictor's own.

    Args:
        predictor: Opened at an origin that knows the events of ``view``.
        view: What was before the instant.
        instant: Microseconds since 1970 UTC.
    """
    users = view.users()
    said = [
        predictor.predict([view.history(int(user)) for user in some], [instant] * len(some))
        for some in (users[start : start + USERS_AT_ONCE] for start in range(0, len(users), USERS_AT_ONCE))
    ]
    volume = Volume(
        np.concatenate([prediction.mu.double().cpu().numpy() for prediction in said]),
        np.concatenate([prediction.shape.double().cpu().numpy() for prediction in said]),
    )
    _require_finite(volume.mean, volume.shape)
    return volume


def ask_top(predictor: Predictor, asked: Sequence[Targets]) -> list[NDArray[np.int64]]:
    """Rank by the chance of the next event for the users of each of the targets, ``(U, 200)`` candidate positions.

    Users are asked once, however many of the targets they are in.
    """
    users = np.unique(np.concatenate([targets.users for targets in asked]))
    tops = [np.full((len(targets.users), max(CUTS)), -1, np.int64) for targets in asked]
    start = 0
    for prediction in _predictions(predictor, users):
        some = users[start : start + len(prediction)]
        start += len(prediction)
        with torch.inference_mode():
            chances = mark_probabilities(prediction, predictor.item_vectors, 0).float().cpu().numpy()
        _require_finite(chances)
        for targets, top in zip(asked, tops, strict=True):
            place = np.flatnonzero(np.isin(targets.users, some))
            if len(place):
                own = targets.rows(place)
                top[place] = top_positions(own.left_of(chances[np.searchsorted(some, own.users)]))
    return tops


def ask_hits(predictor: Predictor, targets: Targets) -> NDArray[np.bool_]:
    """Rank by the chance of the next event for every user of the targets and tell what was hit, ``(U, 200)``."""
    return all_hits(ask_top(predictor, [targets])[0], targets)


def ask_values(predictor: Predictor, pairs: ValuedPairs) -> Floats:
    """Ask for the expected value of each pair of a user and a candidate, ``(n,)``."""
    users = np.unique(pairs.user)
    said, start = np.empty(len(pairs.user)), 0
    for prediction in _predictions(predictor, users.astype(np.intp)):
        some = users[start : start + len(prediction)]
        start += len(prediction)
        events = np.flatnonzero(np.isin(pairs.user, some))
        row = np.searchsorted(some, pairs.user[events])
        for position in np.unique(pairs.position[events]):
            here = pairs.position[events] == position
            found = predictor.expected_value(prediction.rows(torch.from_numpy(row[here])), int(position))
            if found is not None:
                said[events[here]] = found.double().cpu().numpy()
    _require_finite(said)
    return said


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
