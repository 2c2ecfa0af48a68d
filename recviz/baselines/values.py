"""Baselines of value: what a user would give an item, in the log's own unit; our own model starts from the second."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recviz.baselines.activity import Floats, Ints
from recviz.model.values import PastValues, chosen_prior, expected_by_offsets


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
        return expected_by_offsets(past, chosen_prior(past), user, position)
