"""Baselines of mix: how a user's events spread over categories."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.activity import Floats
from recviz.data.sequences import LogView, target_rows


@dataclass(frozen=True, slots=True)
class PastMix:
    """Target events before the origin, U users and C categories."""

    own: Floats
    """Each user's events, ``(U, C)``."""
    everyone: Floats
    """Everyone's mix over the last horizon, half an event added to each category, ``(C,)``, summing to 1."""


def past_mix(
    view: LogView, is_target: NDArray[np.bool_], category: NDArray[np.int64], n_categories: int, since: int
) -> PastMix:
    """Count what each user took of each category.

    Args:
        view: The log before the origin.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        category: Category of each item of the item table, ``(items,)``.
        n_categories: C.
        since: Start of the last horizon, microseconds.
    """
    user, rows = target_rows(view, is_target)
    code = category[np.asarray(view.store.item)[rows]]
    own = np.bincount(user * n_categories + code, minlength=view.n_users * n_categories)
    recent = np.bincount(code[np.asarray(view.store.time)[rows] >= since], minlength=n_categories) + 0.5
    return PastMix(own.reshape(view.n_users, n_categories).astype(np.float64), recent / recent.sum())


class ShareBaseline(Protocol):
    """Forecasts each user's mix over the horizon."""

    @property
    def name(self) -> str: ...

    def mix(self, past: PastMix) -> Floats:
        """Return shares that sum to 1 over categories, ``(U, C)``."""
        ...


@dataclass(frozen=True, slots=True)
class EveryonesMix:
    """Everyone's mix of the last horizon, for all alike."""

    name: str = "everyone's recent mix"

    def mix(self, past: PastMix) -> Floats:
        """See `ShareBaseline`."""
        return np.tile(past.everyone, (len(past.own), 1))


@dataclass(frozen=True, slots=True)
class ShrunkenMix:
    """Own mix, with so many events of everyone's mix added (Dirichlet prior)."""

    prior_events: float = 20.0

    @property
    def name(self) -> str:
        return f"shrunken own mix (a={self.prior_events:g})"

    def mix(self, past: PastMix) -> Floats:
        """See `ShareBaseline`."""
        counts = past.own + self.prior_events * past.everyone
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class BlendedMix:
    """Half the own mix, lightly shrunk, half everyone's."""

    own: ShrunkenMix = ShrunkenMix(10.0)
    name: str = "half own, half everyone's mix"

    def mix(self, past: PastMix) -> Floats:
        """See `ShareBaseline`."""
        return np.asarray(0.5 * self.own.mix(past) + 0.5 * past.everyone)
