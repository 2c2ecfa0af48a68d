"""Baselines of value: what a user would give an item, in the log's own unit."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.activity import Floats, Ints, target_rows
from recviz.data.sequences import LogView

PRIORS = (1.0, 3.0, 10.0, 30.0, 100.0)
"""How many values at the general mean an item's and a user's own are weighed against; the latest values choose."""
HELD_OUT = 0.2
"""Share of the values, the latest, by which the prior is chosen."""
LEAST_VALUES = 50
"""To choose by; fewer take the middle prior."""


@dataclass(frozen=True, slots=True)
class PastValues:
    """Values of target events before the origin, ``(n,)`` each."""

    user: Ints
    position: Ints
    """Candidate position."""
    value: Floats
    time: Ints
    n_users: int
    n_candidates: int

    def rows(self, keep: NDArray[np.intp]) -> "PastValues":
        """Keep some of the events."""
        return replace(
            self, user=self.user[keep], position=self.position[keep], value=self.value[keep], time=self.time[keep]
        )


def past_values(
    view: LogView, is_target: NDArray[np.bool_], position: NDArray[np.int64], n_candidates: int
) -> PastValues:
    """Collect what users gave candidates; the arguments of `recviz.baselines.ranking.past_items`."""
    user, rows = target_rows(view, is_target)
    at = position[np.asarray(view.store.item)[rows]]
    value = np.asarray(view.store.value)[rows].astype(np.float64)
    keep = (at >= 0) & np.isfinite(value)
    return PastValues(
        user[keep], at[keep], value[keep], np.asarray(view.store.time)[rows][keep], view.n_users, n_candidates
    )


class ValueBaseline(Protocol):
    """Tells values from the values before the origin alone."""

    @property
    def name(self) -> str: ...

    def values(self, past: PastValues, user: Ints, position: Ints) -> Floats:
        """Return the expected value of each pair of a user and a candidate, ``(m,)``; ``past`` holds some value."""
        ...


@dataclass(frozen=True, slots=True)
class MeanValue:
    """The mean of all values, for every pair alike."""

    name: str = "everyone's mean"

    def values(self, past: PastValues, user: Ints, position: Ints) -> Floats:  # noqa: ARG002 - alike for all
        """See `ValueBaseline`."""
        return np.full(len(user), past.value.mean())


@dataclass(frozen=True, slots=True)
class Biases:
    """The mean, plus how far the item's values lie from it, plus how far the user's do, both shrunken.

    References:
        Koren, Y. (2010). Factor in the neighbors: scalable and accurate collaborative filtering. TKDD 4.
    """

    name: str = "user and item biases"

    def values(self, past: PastValues, user: Ints, position: Ints) -> Floats:
        """See `ValueBaseline`."""
        return _told(past, _chosen_prior(past), user, position)


def _chosen_prior(past: PastValues) -> float:
    """Choose by the squared error on the latest values before the origin."""
    if len(past.value) < LEAST_VALUES:
        return PRIORS[len(PRIORS) // 2]
    order = np.argsort(past.time, kind="stable")
    kept = len(order) - round(HELD_OUT * len(order))
    early, late = past.rows(order[:kept]), past.rows(order[kept:])

    def error(prior: float) -> float:
        return float(((_told(early, prior, late.user, late.position) - late.value) ** 2).mean())

    return min(PRIORS, key=error)


def _told(past: PastValues, prior: float, user: Ints, position: Ints) -> Floats:
    mean = past.value.mean()
    of_item = _shrunken(past.position, past.value - mean, past.n_candidates, prior)
    of_user = _shrunken(past.user, past.value - mean - of_item[past.position], past.n_users, prior)
    low, high = past.value.min(), past.value.max()
    return np.asarray(np.clip(mean + of_item[position] + of_user[user], low, high))


def _shrunken(group: Ints, offset: Floats, groups: int, prior: float) -> Floats:
    total, count = np.bincount(group, offset, minlength=groups), np.bincount(group, minlength=groups)
    return np.asarray(total / (count + prior))
