"""Does the model mean what it says: chances, bands and the whole distribution of counts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recviz.evaluate.negative_binomial import band_mass, cdf, pooled, quantiles
from recviz.evaluate.trust import Coverage, Decile, ReliabilityBin

Floats = NDArray[np.float64]
BANDS = (0.5, 0.8, 0.95)
BINS = 10
COHORTS = 40
USERS_PER_COHORT = 10
"""At least: smaller groups say little that single users do not."""
WILSON = 1.96

# U users, K periods


def reliability(chance: Floats, is_active: NDArray[np.bool_]) -> tuple[ReliabilityBin, ...]:
    """Compare predicted chances with what happened, in tenths of the users by chance; both are ``(U,)``."""
    order = np.argsort(chance, kind="stable")
    bins = []
    for part in np.array_split(order, min(BINS, len(order))):
        n, observed = len(part), float(is_active[part].mean())
        middle = (observed + WILSON**2 / (2 * n)) / (1 + WILSON**2 / n)
        half = WILSON / (1 + WILSON**2 / n) * np.sqrt(observed * (1 - observed) / n + WILSON**2 / (4 * n**2))
        bins.append(
            ReliabilityBin(
                predicted=float(chance[part].mean()),
                observed=observed,
                low=float(max(middle - half, 0.0)),
                high=float(min(middle + half, 1.0)),
                users=n,
            )
        )
    return tuple(bins)


def period_reliability(chance: Floats, is_active: NDArray[np.bool_]) -> tuple[ReliabilityBin, ...]:
    """Compare the chances of single periods with what happened, in tenths of users' periods; both are ``(U, K)``.

    Periods of one user are alike, so the intervals, which take them as independent, are too narrow.
    """
    return reliability(chance.ravel(), is_active.ravel())


def chance_gap(bins: Sequence[ReliabilityBin]) -> float:
    """Return how far chances are from what happened, on average over the users."""
    users = sum(part.users for part in bins)
    return sum(abs(part.predicted - part.observed) * part.users for part in bins) / max(users, 1)


def deciles(actual: Floats, model: Floats, baseline: Floats) -> tuple[Decile, ...]:
    """Compare levels in tenths of the users by what the model expects of them; all are totals, ``(U,)``."""
    order = np.argsort(model, kind="stable")
    parts = []
    for part in np.array_split(order, min(BINS, len(order))):
        mean = float(actual[part].mean())
        error = WILSON * float(actual[part].std(ddof=1)) / np.sqrt(len(part)) if len(part) > 1 else 0.0
        parts.append(
            Decile(
                users=len(part),
                expected=float(model[part].mean()),
                baseline=float(baseline[part].mean()),
                actual=mean,
                low=float(max(mean - error, 0.0)),
                high=float(mean + error),
            )
        )
    return tuple(parts)


def coverage(actual: Floats, mean: Floats, shape: Floats, days: float, level: float) -> tuple[Coverage, ...]:
    """Tell how often totals lay in their bands, of users and of random groups of users.

    Args:
        actual: Active days over the horizon, ``(U,)``.
        mean: Expected, ``(U,)``.
        shape: Gamma shape of each user, ``(U,)``.
        days: Days of the horizon: no user can have more.
        level: Standard deviation of the factor that all users share: it widens the bands of groups.
    """
    groups = max(min(COHORTS, len(actual) // USERS_PER_COHORT), 1)
    cohort = np.random.default_rng(0).permutation(len(actual)) % groups
    sums = np.bincount(cohort, actual, minlength=groups).astype(np.float64)
    parts = [(mean[cohort == group], shape[cohort == group]) for group in range(groups)]
    whole = np.array([pooled(*part, level) for part in parts], np.float64)
    return tuple(
        _covered(of, band, (values, means, shapes), cap)
        for of, values, means, shapes, cap in (
            ("users", actual, mean, shape, days),
            ("cohorts", sums, whole[:, 0], whole[:, 1], None),
        )
        for band in BANDS
    )


def _covered(of: str, band: float, totals: tuple[Floats, Floats, Floats], cap: float | None) -> Coverage:
    actual, mean, shape = totals
    limits = quantiles(mean, shape, [(1 - band) / 2, (1 + band) / 2], cap)
    inside = (actual >= limits[:, 0]) & (actual <= limits[:, 1])
    return Coverage(
        of="users" if of == "users" else "cohorts",
        band=band,
        nominal=float(band_mass(limits[:, 0], limits[:, 1], mean, shape, cap).mean()),
        observed=float(inside.mean()),
        count=len(actual),
    )


def randomised_pit(actual: Floats, mean: Floats, shape: Floats, days: Floats) -> tuple[tuple[float, ...], ...]:
    """Return the share of users in each tenth of the randomised probability integral transform, per period.

    A count is discrete, so its transform is drawn uniformly between the chances of fewer and of at most so many:
    uniform over users exactly where the forecast distribution is right.

    Args:
        actual: ``(U, K)``.
        mean: ``(U, K)``.
        shape: ``(U,)``.
        days: Days of each period, ``(K,)``.

    References:
        Czado, C., Gneiting, T., Held, L. (2009). Predictive model assessment for count data. Biometrics 65.
    """
    below = cdf(actual - 1, mean, shape[:, None])
    until = np.where(actual >= days, 1.0, cdf(actual, mean, shape[:, None]))
    drawn = below + np.random.default_rng(0).random(actual.shape) * (until - below)  # (U, K)
    tenth = np.minimum((drawn * BINS).astype(np.int64), BINS - 1)
    return tuple(tuple((np.bincount(column, minlength=BINS) / len(column)).tolist()) for column in tenth.T)
