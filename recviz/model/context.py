"""Recency, frequency and tenure of a history at its origins: what the volume starts from.

One implementation serves training, forecasts and absence: a history is given with a mask of present events for each
query, so an event that is switched off is gone from every count that is derived from it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOWS = (1, 2, 4, 8, 13, 26)
"""Trailing windows, in periods."""
N_FEATURES = len(WINDOWS) + 8
DEPTH_WEIGHT = 5.0
"""Active days that the population's depth counts for when a user's own depth is shrunk towards it."""

# Q queries of one history, n events, D distinct days, F features


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePrior:
    """Gamma-Poisson (NBD) prior of the number of active days per period, and the usual depth."""

    shape: float
    """``r`` of the gamma distribution of users' rates."""
    scale: float
    """Periods of pseudo-observation: the prior's mean rate is ``shape / scale``."""
    depth: float
    """Target events per active day over all users, at least 1."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the counts say at each query, before any learning."""

    features: NDArray[np.float32]
    """Raw features, ``(Q, F)``."""
    rate: NDArray[np.float32]
    """Shrunken own rate: expected active days per period, ``(Q,)``."""
    shape: NDArray[np.float32]
    """Gamma shape after the user's own counts, ``(Q,)``."""
    depth: NDArray[np.float32]
    """Shrunken own events per active day, ``(Q,)``."""
    empty: NDArray[np.bool_]
    """No event present at all, ``(Q,)``."""


def context_of(
    present: NDArray[np.bool_],
    age: NDArray[np.float64],
    is_target: NDArray[np.bool_],
    prior: RatePrior,
) -> Context:
    """Count a history at each query.

    Args:
        present: Which events each query sees, ``(Q, n)``.
        age: Periods from the start of each event's day to each query, ``(Q, n)``; equal within a day.
        is_target: Whether each event's kind counts as interest, ``(n,)``.
        prior: Of the rate and the depth.
    """
    n_queries = len(present)
    empty = np.asarray(~present.any(axis=1))
    seen = present[:, is_target]
    if seen.shape[1] == 0:
        return _without_targets(n_queries, empty, prior)
    when = age[:, is_target]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(when[0]) != 0]))
    active = np.logical_or.reduceat(seen, starts, axis=1)  # (Q, D)
    when = when[:, starts]  # (Q, D)
    days = active.sum(axis=1).astype(np.float64)
    events = seen.sum(axis=1).astype(np.float64)
    known = days > 0
    tenure = np.where(known, np.where(active, when, 0).max(axis=1), 0.0)
    recency = np.where(known, np.where(active, when, np.inf).min(axis=1), 0.0)
    repeats = np.maximum(days - 1, 0)
    exposure = np.where(known, np.maximum(tenure, 0.0), 0.0)
    rate = (prior.shape + repeats) / (prior.scale + exposure)
    depth = (DEPTH_WEIGHT * prior.depth + events) / (DEPTH_WEIGHT + days)
    gap = np.where(days > 1, (tenure - recency) / np.maximum(repeats, 1), 0.0)
    counts = [np.log1p((active & (when <= window)).sum(axis=1)) for window in WINDOWS]
    features = [*counts, np.log1p(days), np.log1p(recency), np.log1p(tenure), np.log1p(gap), np.log(rate),
                np.log(depth), known.astype(float), _overdue(recency, gap)]  # fmt: skip
    return Context(
        np.stack(features, axis=1).astype(np.float32),
        rate.astype(np.float32),
        (prior.shape + repeats).astype(np.float32),
        depth.astype(np.float32),
        empty,
    )


def _overdue(recency: NDArray[np.float64], gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compare the present pause with the usual one, log ratio; 0 where there is no usual one."""
    return np.where(gap > 0, np.clip(np.log((recency + 0.1) / (gap + 0.1)), -4, 4), 0.0)


def _without_targets(n_queries: int, empty: NDArray[np.bool_], prior: RatePrior) -> Context:
    features = np.zeros((n_queries, N_FEATURES), np.float32)
    features[:, len(WINDOWS) + 4] = np.log(prior.shape / prior.scale)
    features[:, len(WINDOWS) + 5] = np.log(prior.depth)
    full = np.ones(n_queries, np.float32)
    return Context(features, full * (prior.shape / prior.scale), full * prior.shape, full * prior.depth, empty)
