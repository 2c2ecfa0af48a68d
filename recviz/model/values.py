"""What expected values start from: how far an item's values lie from the mean, and a user's from the items', both shrunken.

References:
    Koren, Y. (2010). Factor in the neighbors: scalable and accurate collaborative filtering. TKDD 4.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recviz.data.sequences import LogView, target_rows

PRIORS = (1.0, 3.0, 10.0, 30.0, 100.0)
"""How many values at the general mean an item's and a user's own are weighed against; the latest values choose."""
HELD_OUT = 0.2
"""Share of the values, the latest, by which the prior is chosen."""
LEAST_VALUES = 50
"""To choose by; fewer take the middle prior."""
SURE = 0.01
"""A chance starts no nearer to 0 or 1 than this."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# n events, I candidates, Q queries or subsets


@dataclass(frozen=True, slots=True)
class PastValues:
    """Values of target events before an origin, ``(n,)`` each."""

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


def expected_by_offsets(past: PastValues, prior: float, user: Ints, position: Ints) -> Floats:
    """Return the mean plus the item's and the user's offset for pairs, ``(m,)``, within the range of ``past``."""
    mean = past.value.mean()
    of_item = _shrunken(past.position, past.value - mean, past.n_candidates, prior)
    of_user = _shrunken(past.user, past.value - mean - of_item[past.position], past.n_users, prior)
    low, high = past.value.min(), past.value.max()
    return np.asarray(np.clip(mean + of_item[position] + of_user[user], low, high))


def chosen_prior(past: PastValues) -> float:
    """Choose from `PRIORS` by the squared error on the latest values before the origin."""
    if len(past.value) < LEAST_VALUES:
        return PRIORS[len(PRIORS) // 2]
    order = np.argsort(past.time, kind="stable")
    kept = len(order) - round(HELD_OUT * len(order))
    early, late = past.rows(order[:kept]), past.rows(order[kept:])

    def error(prior: float) -> float:
        return float(((expected_by_offsets(early, prior, late.user, late.position) - late.value) ** 2).mean())

    return min(PRIORS, key=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLevels:
    """The items' values at one origin, standardised, and what they say of a pair before any learning."""

    total: Floats
    """Sum of the distances of each item's values from the mean, ``(I,)``."""
    count: Ints
    """Number of each item's values, ``(I,)``."""
    mean: float
    prior: float
    """Values at the mean, against which an item's and a user's own are weighed."""
    is_chance: bool
    """Whether values are yes or no; then levels are log-odds."""

    @classmethod
    def of(cls, past: PastValues, prior: float | None, *, is_chance: bool) -> "ValueLevels":
        """Measure levels; ``prior`` is chosen where it is ``None``. Without any value nothing lies above or below."""
        mean = float(past.value.mean()) if len(past.value) else float(is_chance) / 2
        total = np.bincount(past.position, past.value - mean, minlength=past.n_candidates).astype(np.float64)
        count = np.bincount(past.position, minlength=past.n_candidates)
        prior = chosen_prior(past) if prior is None else prior
        return cls(total=total, count=count, mean=mean, prior=prior, is_chance=is_chance)

    @classmethod
    def unknown(cls, n_items: int, *, is_chance: bool) -> "ValueLevels":
        """Return levels that say nothing."""
        nothing = np.zeros(0, np.int64)
        none = PastValues(nothing, nothing, nothing.astype(np.float64), nothing, 0, n_items)
        return cls.of(none, None, is_chance=is_chance)

    def of_items(self) -> NDArray[np.float32]:
        """Return each item's level, ``(I,)``."""
        return self._linked(self.mean + self.total / (self.count + self.prior))

    def without_one(self, position: Ints, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the levels of items as they would be without one of their values, which is to be told, ``(n,)``.

        Args:
            position: Of the items, ``(n,)``.
            value: Standardised, ``(n,)``; where it is not a number, there is nothing to leave out.
        """
        has = np.isfinite(value)
        total = self.total[position] - np.where(has, np.nan_to_num(value) - self.mean, 0.0)
        count = self.count[position] - has
        return self._linked(self.mean + total / (count + self.prior))

    def surplus(self, position: Ints, value: NDArray[np.float32]) -> Floats:
        """Return how far values lie above their items' level, ``(n,)``; not a number where that is not known.

        Args:
            position: Of the items, -1 where it is none of the candidates, ``(n,)``.
            value: Standardised, ``(n,)``.
        """
        of_item = self.total / (self.count + self.prior)
        above: Floats = np.where(position >= 0, value - self.mean - of_item[np.maximum(position, 0)], np.nan)
        return above

    def of_user(self, surplus: Floats, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return what a user's own values add to an item's level.

        Args:
            surplus: Of the events, ``(n,)``; not a number where an event tells nothing of values.
            present: Which events each query sees, ``(Q, n)``.

        Returns:
            ``(Q,)``.
        """
        told = np.isfinite(surplus)
        own = present @ np.where(told, surplus, 0.0) / (present @ told.astype(np.float64) + self.prior)
        return self._linked(self.mean + own) - self._linked(np.full(1, self.mean))

    def _linked(self, level: Floats) -> NDArray[np.float32]:
        if not self.is_chance:
            return level.astype(np.float32)
        chance = np.clip(level, SURE, 1 - SURE)
        return np.log(chance / (1 - chance)).astype(np.float32)


def _shrunken(group: Ints, offset: Floats, groups: int, prior: float) -> Floats:
    total, count = np.bincount(group, offset, minlength=groups), np.bincount(group, minlength=groups)
    return np.asarray(total / (count + prior))
