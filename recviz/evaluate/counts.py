"""How good forecasts of active days are."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

Floats = NDArray[np.float64]
SMALLEST_MEAN = 1e-6

# U users, K periods


def user_deviance(actual: Floats, mean: Floats) -> Floats:
    """Return each user's Poisson deviance, mean over periods, ``(U,)``; both arguments are ``(U, K)``."""
    mean = np.clip(mean, SMALLEST_MEAN, None)
    logs = np.where(actual > 0, actual * np.log(np.clip(actual, 1e-9, None) / mean), 0.0)
    return np.asarray(2 * (logs - (actual - mean)).mean(axis=1))


def count_scores(actual: Floats, mean: Floats, chance: Floats) -> Mapping[str, float | None]:
    """Score a forecast of active days.

    Args:
        actual: Active days, ``(U, K)``.
        mean: Expected active days, ``(U, K)``.
        chance: Of any active day in all periods, ``(U,)``.

    Returns:
        ``deviance`` (Poisson, per user and period), ``mae`` and ``rmse`` of totals (days), ``brier`` of the chance to be
        active at all, ``auc``, ``gini`` (normalised), ``spearman`` of totals, ``bias`` of the level (share), ``wape`` of
        everybody's sum per period. ``None`` where a rank measure is undefined.
    """
    total, expected = actual.sum(axis=1), mean.sum(axis=1)
    is_active = total > 0
    ranks = expected.std() > 1e-12 and total.std() > 0  # noqa: PLR2004 - rounding
    return {
        "deviance": float(user_deviance(actual, mean).mean()),
        "mae": float(np.abs(total - expected).mean()),
        "rmse": float(np.sqrt(((total - expected) ** 2).mean())),
        "brier": float(((np.clip(chance, 0, 1) - is_active) ** 2).mean()),
        "auc": float(roc_auc_score(is_active, expected)) if ranks and 0 < is_active.sum() < len(total) else None,
        "gini": _normalised_gini(total, expected) if ranks else None,
        "spearman": float(spearmanr(total, expected)[0]) if ranks else None,
        "bias": float(expected.sum() / total.sum() - 1) if total.any() else None,
        "wape": float(np.abs(mean.sum(axis=0) - actual.sum(axis=0)).sum() / total.sum()) if total.any() else None,
    }


def _normalised_gini(actual: Floats, forecast: Floats) -> float:
    """Compare how early the forecast's order reaches the actual total with how early it can be reached."""

    def gain(key: Floats) -> float:
        return float((np.cumsum(actual[np.argsort(-key, kind="stable")]) / actual.sum()).sum())

    return (2 * gain(forecast) / len(actual) - 1) / (2 * gain(actual) / len(actual) - 1)
