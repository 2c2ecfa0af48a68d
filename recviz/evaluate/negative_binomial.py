"""Distribution of active-day counts: Poisson with a personal gamma factor, capped at the days there are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import nbinom

Floats = NDArray[np.float64]


def quantiles(mean: ArrayLike, shape: ArrayLike, levels: Sequence[float], cap: float | None = None) -> Floats:
    """Return the smallest counts that reach each level.

    The total over several periods has the same form: the sum of their means, the same shape, the sum of their days.

    Args:
        mean: Expected active days, at least 0, any shape ``(...,)``.
        shape: Gamma shape ``r`` above 0, broadcast against ``mean``; small means that users differ much.
        levels: From 0 to 1.
        cap: Most days that there can be; ``None`` for no limit (totals of cohorts).

    Returns:
        Whole active days, ``(..., levels)``.
    """
    mean, shape = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(shape, np.float64))
    counts = nbinom.ppf(np.asarray(levels, np.float64), shape[..., None], _success(mean, shape)[..., None])
    return np.asarray(counts if cap is None else np.minimum(counts, cap), np.float64)


def cdf(count: ArrayLike, mean: ArrayLike, shape: ArrayLike, cap: float | None = None) -> Floats:
    """Return the chance of at most ``count`` active days; arrays broadcast. ``count`` may be -1: chance 0."""
    count, mean, shape = (np.asarray(part, np.float64) for part in (count, mean, shape))
    below = nbinom.cdf(count, shape, _success(mean, shape))
    return np.asarray(below if cap is None else np.where(count >= cap, 1.0, below), np.float64)


def band_mass(
    lower: ArrayLike, upper: ArrayLike, mean: ArrayLike, shape: ArrayLike, cap: float | None = None
) -> Floats:
    """Return the chance of a count from ``lower`` to ``upper``, both included.

    Counts are discrete, so a 50 % band holds 50 % or more: coverage is judged against this mass, not the name.
    """
    return cdf(upper, mean, shape, cap) - cdf(np.asarray(lower, np.float64) - 1, mean, shape, cap)


def pooled(mean: Floats, shape: Floats, level: float) -> tuple[float, float]:
    """Return mean and shape of the negative binomial that has the mean and variance of users' sum.

    Args:
        mean: Expected active days of each user, ``(users,)``.
        shape: Gamma shape of each user, ``(users,)``: users vary independently,
        level: but for a factor of mean 1 that all share; its standard deviation (`recviz.model.level`).
    """
    total = float(mean.sum())
    extra = float((mean**2 / shape).sum()) + (level * total) ** 2
    return total, total**2 / extra if extra > 0 else 1.0


def _success(mean: Floats, shape: Floats) -> Floats:
    return np.asarray(shape / (shape + mean), np.float64)
