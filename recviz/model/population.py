"""What everybody did before each instant: level of activity, popularity and its trend, and the prior of a user's rate."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import LogView
from recviz.data.split import PERIOD_DAYS, Split
from recviz.model.context import RatePrior

N_LEVELS = 3
HALF_LIVES = (0.5, 2.0, 13.0)
"""Half-lives of popularity, in periods: what is new, what is in fashion, and what always sells."""
NEW = len(HALF_LIVES)
"""Place of what a snapshot tells of items that nobody ever had: 1, else 0."""
N_POPULARITY = NEW + 2
"""What a snapshot tells of an item: its popularity at each half-life, whether it is new, and among how few it then is."""
MAX_SNAPSHOTS = 256
MAX_SNAPSHOT_VALUES = 2**22
"""Most values that the snapshots of one half-life hold; large catalogues have fewer snapshots."""
HARMONICS = (1, 2, 4)
"""Cycles a year that the calendar may carry."""
N_CALENDAR = 2 * len(HARMONICS) + 6

# I items, G snapshots, D days


@dataclass(frozen=True, slots=True)
class Population:
    """Aggregates of a view that are read strictly before an instant."""

    unit: int
    """Microseconds in a day, or 1 for a log that has an order only."""
    period: int
    """Days (or positions) in a period."""
    first_day: int
    active: NDArray[np.float64]
    """Active user-days up to each day's start, cumulative, ``(D + 1,)``."""
    known: NDArray[np.float64]
    """Users seen up to each day's start, ``(D + 1,)``."""
    popularity: NDArray[np.float32]
    """Log of smoothed popularity at each snapshot and half-life; then 1 where nobody has had the item yet, else 0; then,
    where it is listed besides, the log of how many items are listed for each such one, else 0; ``(G, N_POPULARITY, I)``."""
    grid: int
    """Days between snapshots; a snapshot knows what happened before its day."""

    def levels(self, instants: NDArray[np.int64]) -> NDArray[np.float32]:
        """Compare the population's recent activity per user with before, log ratios, ``(Q, 3)``."""
        day = np.clip(instants // self.unit - self.first_day, 0, len(self.active) - 1)
        rates = [self._rate(day, window * self.period) for window in (1, 4, 13, 52)]
        return np.stack([np.log(a / b) for a, b in pairwise(rates)], axis=1).astype(np.float32)

    def _rate(self, day: NDArray[np.int64], window: int) -> NDArray[np.float64]:
        start = np.maximum(day - window, 0)
        days = np.maximum(day - start, 1)
        return (self.active[day] - self.active[start] + 1) / (self.known[day] + 10) / days

    def snapshot(self, instants: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the latest snapshot at or before each instant, ``(Q,)``."""
        step = (instants // self.unit - self.first_day) // self.grid
        return np.clip(step, 0, len(self.popularity) - 1)


def measure_population(
    view: LogView, split: Split, is_target: NDArray[np.bool_], position: NDArray[np.int64], listed: NDArray[np.bool_]
) -> Population:
    """Aggregate all that the view shows.

    Args:
        view: The visible events.
        split: For the period.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        position: Item row to position in the run's items, -1 where none.
        listed: Which of the run's items a table lists, so that they are known before anybody has them, ``(I,)``.
    """
    n_items = len(listed)
    timed = split.timed
    unit, period = (MICROSECONDS_PER_DAY, PERIOD_DAYS[split.period]) if timed else (1, 1)
    store = view.store
    rows = np.flatnonzero(view.rows())
    rows = rows[is_target[np.asarray(store.kind)[rows]]]
    user = np.repeat(np.arange(store.n_users), np.diff(store.offsets))[rows]
    day = np.asarray(store.time)[rows] // unit
    item = position[np.asarray(store.item)[rows]]
    first = int(day.min()) if len(day) else 0
    n_days = int(day.max()) - first + 1 if len(day) else 1
    day = day - first
    if not timed:
        counts = np.bincount(item[item >= 0], minlength=n_items).astype(np.float64)
        flat = np.zeros(2)
        alike = np.stack([counts] * len(HALF_LIVES), axis=1)  # when is not known
        always = _told(alike, np.ones(n_items, bool), listed)
        return Population(unit, period, 0, flat, flat, always[None], 1)
    changes = np.ones(len(rows), dtype=bool)
    changes[1:] = (np.diff(user) != 0) | (np.diff(day) != 0)
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = np.diff(user) != 0
    active = np.concatenate([[0], np.cumsum(np.bincount(day[changes], minlength=n_days))]).astype(np.float64)
    known = np.concatenate([[0], np.cumsum(np.bincount(day[fresh], minlength=n_days))]).astype(np.float64)
    grid = math.ceil(n_days / min(MAX_SNAPSHOTS, max(MAX_SNAPSHOT_VALUES // max(n_items, 1), 1)))
    popularity = _snapshots(item, day, listed, n_days, grid, period)
    return Population(unit, period, first, active, known, popularity, grid)


def _snapshots(
    item: NDArray[np.int64], day: NDArray[np.int64], listed: NDArray[np.bool_], n_days: int, grid: int, period: int
) -> NDArray[np.float32]:
    n_steps, n_items = n_days // grid + 1, len(listed)
    kept = item >= 0
    step = day[kept] // grid
    order = np.argsort(step, kind="stable")
    bounds = np.searchsorted(step[order], np.arange(n_steps + 1))
    item = item[kept][order]
    decay = np.array([0.5 ** (grid / (half_life * period)) for half_life in HALF_LIVES])
    running = np.zeros((n_items, len(HALF_LIVES)))
    was_had = np.zeros(n_items, bool)
    taken = np.empty((n_steps, N_POPULARITY, n_items), np.float32)
    for at in range(n_steps):
        taken[at] = _told(running, was_had, listed)
        counts = np.bincount(item[bounds[at] : bounds[at + 1]], minlength=n_items)
        running = running * decay + counts[:, None]
        was_had |= counts > 0
    return taken


def _told(counts: NDArray[np.float64], was_had: NDArray[np.bool_], listed: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Logs of the ratios to an even share, smoothed by one event an item, then what is new, ``(N_POPULARITY, I)``.

    What comes out takes a steady share of what people do, however few of the items that the table lists are still to come:
    by how few they are, the chance of each of them rises. Where no table lists them nobody knows how many are to come; the
    items of the run would tell of the future.
    """
    smoothed = counts + 1.0
    ratio = np.log(smoothed / smoothed.mean(axis=0))
    awaited = listed & ~was_had
    fewness = np.log(max(listed.sum(), 1) / max(awaited.sum(), 1))
    return np.concatenate([ratio.T, [~was_had, fewness * awaited]]).astype(np.float32)


def fit_rate_prior(view: LogView, end: int, unit: int, period: int, is_target: NDArray[np.bool_]) -> RatePrior:
    """Fit the gamma-Poisson prior of active days per period by maximum likelihood over users.

    References:
        Ehrenberg, A. (1959). The pattern of consumer purchases. Applied Statistics 8.
    """
    store = view.store
    rows = np.flatnonzero(view.rows())
    rows = rows[is_target[np.asarray(store.kind)[rows]]]
    if not len(rows):
        return RatePrior(shape=1.0, scale=1.0, depth=1.0)
    user = np.repeat(np.arange(store.n_users), np.diff(store.offsets))[rows]
    day = np.asarray(store.time)[rows] // unit
    changes = np.ones(len(rows), dtype=bool)
    changes[1:] = (np.diff(user) != 0) | (np.diff(day) != 0)
    _, starts, days = np.unique(user[changes], return_index=True, return_counts=True)
    tenure = np.maximum(end // unit - day[changes][starts], 0.1) / period
    shape, scale = _fit_gamma_poisson(torch.from_numpy(days - 1.0), torch.from_numpy(tenure.astype(np.float64)))
    return RatePrior(shape=shape, scale=scale, depth=max(len(rows) / int(changes.sum()), 1.0))


def _fit_gamma_poisson(repeats: torch.Tensor, exposure: torch.Tensor) -> tuple[float, float]:
    logs = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([logs], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        shape, scale = logs.clamp(-6, 6).exp()
        likelihood = torch.lgamma(shape + repeats) - torch.lgamma(shape) + shape * torch.log(scale / (scale + exposure))
        value: torch.Tensor = -(likelihood - repeats * torch.log(scale + exposure)).mean()
        value.backward()
        return value

    optimiser.step(loss)
    shape, scale = logs.detach().clamp(-6, 6).exp().tolist()
    return shape, scale


def calendar(instants: NDArray[np.int64], steps: int, period: int, unit: int, span_days: float) -> NDArray[np.float32]:
    """Return the season of each query and of each period after it, ``(Q, steps + 1, N_CALENDAR)``.

    A yearly harmonic is offered only when the history before the cut covers one and a half of its cycles: a season
    that was never seen cannot be known.
    """
    offsets = np.concatenate([[0.0], (np.arange(steps) + 0.5) * period])
    days = (instants // unit)[:, None] + offsets[None, :]  # (Q, steps + 1)
    parts = []
    for harmonic in HARMONICS:
        seen = float(np.ceil(span_days) >= 1.5 * 364 / harmonic)  # 39 weeks show a half-yearly one
        angle = 2 * np.pi * harmonic * days / 365.25
        parts += [np.sin(angle) * seen, np.cos(angle) * seen]
    for harmonic in (1, 2, 3):
        angle = 2 * np.pi * harmonic * np.floor(days) / 7
        weekly = float(period == 1)
        parts += [np.sin(angle) * weekly, np.cos(angle) * weekly]
    return np.stack(parts, axis=-1).astype(np.float32)
