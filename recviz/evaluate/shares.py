"""How good forecasts of a user's mix over categories are."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SMALLEST_SHARE = 1e-6

# U users, C categories


def user_log_loss(counts: Floats, mix: Floats) -> Floats:
    """Return each user's cross-entropy of the actual mix, nats, ``(U,)``; both arguments are ``(U, C)``."""
    return np.asarray(-(_shares(counts) * np.log(_floored(mix))).sum(axis=1))


def share_scores(counts: Floats, mix: Floats) -> Mapping[str, float | None]:
    """Score forecasts of mixes.

    Args:
        counts: Actual target events, ``(U, C)``, at least one for each user.
        mix: Expected shares, ``(U, C)``.

    Returns:
        ``log_loss_user`` and ``log_loss_event`` (nats), ``total_variation``, ``top1`` (share of users whose largest category
        was foreseen).
    """
    floored, actual = _floored(mix), _shares(counts)
    return {
        "log_loss_user": float(-(actual * np.log(floored)).sum(axis=1).mean()),
        "log_loss_event": float(-(counts * np.log(floored)).sum() / counts.sum()),
        "total_variation": float(0.5 * np.abs(floored - actual).sum(axis=1).mean()),
        "top1": float((floored.argmax(axis=1) == actual.argmax(axis=1)).mean()),
    }


def _floored(mix: Floats) -> Floats:
    floored = np.clip(mix, SMALLEST_SHARE, None)
    return np.asarray(floored / floored.sum(axis=1, keepdims=True))


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
