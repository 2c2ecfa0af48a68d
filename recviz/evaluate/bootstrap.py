"""Paired comparison with the best baseline: differences user by user, with bootstrap intervals over users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.evaluate.result import Comparison, Verdict

Floats = NDArray[np.float64]
DRAWS = 1000
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Losses:
    """One method's main measure, user by user."""

    name: str
    per_user: Floats
    """``(users,)``."""


def compare(model: Floats, best: Losses, measure: str, *, lower_is_better: bool) -> Comparison:
    """Compare the model with a baseline on the same users.

    Args:
        model: The model's measure per user, ``(users,)``, at least one user.
        best: The baseline's.
        measure: Its key among the scores.
        lower_is_better: Of the measure.
    """
    rng = np.random.default_rng(0)
    n, sign = len(model), -1.0 if lower_is_better else 1.0
    means = np.empty((DRAWS, 2))
    for draw in range(DRAWS):
        users = rng.integers(0, n, n)
        means[draw] = model[users].mean(), best.per_user[users].mean()
    low, high = np.quantile(means[:, 0] - means[:, 1], INTERVAL)
    gains = sign * (means[:, 0] - means[:, 1]) / np.maximum(means[:, 1], np.finfo(float).tiny)
    ours, theirs = float(model.mean()), float(best.per_user.mean())
    gain_low, gain_high = (float(np.clip(part, -1e6, 1e6)) for part in np.quantile(gains, INTERVAL))
    return Comparison(
        measure=measure,
        baseline=best.name,
        difference=ours - theirs,
        low=float(low),
        high=float(high),
        gain=sign * (ours - theirs) / theirs if theirs else 0.0,
        gain_low=gain_low,
        gain_high=gain_high,
        verdict=_verdict(sign * float(low), sign * float(high)),
    )


def _verdict(one: float, other: float) -> Verdict:
    """Judge by the interval of the advantage, whichever end comes first."""
    if min(one, other) > 0:
        return "better"
    return "worse" if max(one, other) < 0 else "no difference seen"
