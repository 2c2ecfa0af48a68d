"""Baselines beside the model's curves: what simpler methods, fitted on the same past, expect of the same users."""

import threading
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.baselines.activity import Horizon
from recviz.baselines.choice import COUNTS
from recviz.baselines.counts import CountBaseline
from recviz.baselines.shares import PastMix, ShareBaseline
from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.data.sequences import target_rows
from recviz.errors import UnsupportedError
from recviz.forecast.activity import remembered_active_days
from recviz.forecast.remembered import Remembered
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]
SMOOTHED = 0.5
"""Events that each group has more of in everyone's mix, as in `recviz.baselines.shares.past_mix`."""


@dataclass(frozen=True, slots=True)
class CountsBeside:
    """What a baseline expects of everybody's activity."""

    name: str
    mean: Floats
    """Expected active days of all users of the log, ``(users, K)``."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the model's curves; ``None`` where the log or the run has nothing of the kind."""

    counts: CountsBeside | None = None
    mix: ShareBaseline | None = None

    @property
    def counts_name(self) -> str:
        return "" if self.counts is None else self.counts.name

    @property
    def mix_name(self) -> str:
        return "" if self.mix is None else self.mix.name

    def days(self, users: NDArray[np.intp]) -> Floats | None:
        """Return the expected active days of some users, ``(users, K)``."""
        return None if self.counts is None else self.counts.mean[users]

    def events(self, predictor: Predictor, history: History, groups: Floats, total: Floats) -> Floats | None:
        """Divide the model's own expected events as the baseline's mix would, so that only the mix is compared.

        Args:
            predictor: A run opened at an origin.
            history: One user's events before it.
            groups: What part of each item is in each of G groups that make the whole, ``(items, G)``.
            total: The model's expected events of each period, ``(K,)``.

        Returns:
            Events, ``(K, G)``; ``None`` without a baseline.
        """
        return None if self.mix is None else total[:, None] * mix_of(predictor, history, self.mix, groups)


NOTHING = Beside()


class _Fits:
    """Baselines of activity that were fitted at one origin: in memory, and kept with the run."""

    def __init__(self) -> None:
        self._known: dict[str, CountsBeside | None] = {}
        self._lock = threading.Lock()

    def counts(self, predictor: Predictor, name: str) -> CountsBeside | None:
        with self._lock:
            if name not in self._known:
                self._known[name] = _kept_or_fitted(predictor, name)
            return self._known[name]


_remembered_fits = Remembered(lambda _predictor: _Fits())


def counts_beside(predictor: Predictor, name: str) -> CountsBeside | None:
    """Return what a baseline of activity expects of everybody: fitted once, and kept with the run.

    Args:
        predictor: A run opened at an origin.
        name: What the baseline is called, as evaluations do.

    Returns:
        ``None`` where this past is too little to fit it on.
    """
    return _remembered_fits(predictor).counts(predictor, name)


def _kept_or_fitted(predictor: Predictor, name: str) -> CountsBeside | None:
    key, baseline = next((key, one) for key, one in COUNTS.items() if one.name == name)

    def fitted() -> dict[str, Tensor]:
        return {"mean": torch.from_numpy(np.asarray(count_forecast(predictor, baseline).mean, np.float64))}

    try:
        return CountsBeside(name, predictor.kept.tensors(f"beside-{key}", fitted)["mean"].numpy())
    except UnsupportedError:
        return None


def count_forecast(predictor: Predictor, baseline: CountBaseline) -> CountsBeside:
    """Fit a baseline of volume on what the origin knows.

    Raises:
        UnsupportedError: If this past is too little to fit on.
    """
    said = baseline.forecast(remembered_active_days(predictor), Horizon.of(predictor.split.edges(predictor.instant)))
    return CountsBeside(baseline.name, said.mean)


def mix_of(predictor: Predictor, history: History, baseline: ShareBaseline, groups: Floats) -> Floats:
    """Return a baseline's shares of one user over G groups, ``(G,)``; ``groups`` is as in `Beside.events`."""
    taken = history.item[predictor.dataset.target_kinds[history.kind]]
    own = groups[taken].sum(axis=0)[None]  # (1, G)
    everyone = remembered_recent_items(predictor) @ groups + SMOOTHED
    return np.asarray(baseline.mix(PastMix(own, everyone / everyone.sum()))[0])


def _recent_items(predictor: Predictor) -> Floats:
    horizon = Horizon.of(predictor.split.edges(predictor.instant))
    since = (horizon.origin - horizon.days) * MICROSECONDS_PER_DAY
    _, rows = target_rows(predictor.view, predictor.dataset.target_kinds)
    store = predictor.view.store
    recent = np.asarray(store.item)[rows[np.asarray(store.time)[rows] >= since]]
    return np.asarray(np.bincount(recent, minlength=predictor.dataset.manifest.n_items), dtype=np.float64)


remembered_recent_items = Remembered(_recent_items)
"""Target events of each item over the last horizon's length before the origin, ``(items,)``."""
