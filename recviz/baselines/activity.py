"""What baselines may know of the past: active days, counted as recency and frequency."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import LogView, target_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WINDOWS = (1, 2, 4, 8, 13, 26)
"""Trailing windows of the features, in periods."""
FEATURES = ("repeats", "recency span", "tenure", "pause", "rate", "gap", *(f"last {window}" for window in WINDOWS))


@dataclass(frozen=True, slots=True)
class Horizon:
    """The periods to be forecast, in whole UTC days since 1970."""

    edges: Ints
    """``(K + 1,)``; the first is the origin."""

    @classmethod
    def of(cls, edges: Ints) -> "Horizon":
        """Take the instants that bound the periods, microseconds, ``(K + 1,)``."""
        return cls(edges // MICROSECONDS_PER_DAY)

    @property
    def origin(self) -> int:
        return int(self.edges[0])

    @property
    def periods(self) -> int:
        return len(self.edges) - 1

    @property
    def days(self) -> int:
        return int(self.edges[-1] - self.edges[0])

    @property
    def period_days(self) -> float:
        return self.days / self.periods

    def moved(self, days: int) -> "Horizon":
        """Return the same periods that many days earlier."""
        return Horizon(self.edges - days)


@dataclass(frozen=True, slots=True)
class ActiveDays:
    """Each user's distinct days with at least one target event, by user and then day."""

    n_users: int
    user: Ints
    """``(n,)``."""
    day: Ints
    """UTC days since 1970, ``(n,)``."""

    def before(self, day: int) -> "ActiveDays":
        """Keep what was strictly earlier."""
        keep = self.day < day
        return ActiveDays(self.n_users, self.user[keep], self.day[keep])

    def counts(self, since: int, until: int) -> Ints:
        """Count each user's active days in ``[since, until)``, ``(users,)``."""
        keep = (self.day >= since) & (self.day < until)
        return np.bincount(self.user[keep], minlength=self.n_users).astype(np.int64)

    def by_period(self, edges: Ints) -> Ints:
        """Count active days between rising days ``edges``, ``(users, periods)``."""
        keep = (self.day >= edges[0]) & (self.day < edges[-1])
        periods = len(edges) - 1
        cell = self.user[keep] * periods + np.searchsorted(edges, self.day[keep], side="right") - 1
        return np.bincount(cell, minlength=self.n_users * periods).reshape(self.n_users, periods).astype(np.int64)


def active_days(view: LogView, is_target: NDArray[np.bool_]) -> ActiveDays:
    """Collect the days on which each user had a target event that ``view`` shows."""
    user, rows = target_rows(view, is_target)
    day = np.asarray(view.store.time)[rows] // MICROSECONDS_PER_DAY
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (user[1:] != user[:-1]) | (day[1:] != day[:-1])
    return ActiveDays(view.n_users, user[fresh], day[fresh])


def features(past: ActiveDays, origin: int, period_days: float) -> Floats:
    """Describe each user's active days strictly before a day by recency and frequency, in periods.

    Args:
        past: Active days; later ones are ignored.
        origin: UTC day since 1970.
        period_days: Days of a period.

    Returns:
        ``(users, FEATURES)``; not a number in the times of a user without active days.
    """
    known = past.before(origin)
    days = np.bincount(known.user, minlength=past.n_users)
    first, last = np.full(past.n_users, np.nan), np.full(past.n_users, np.nan)
    starts = np.flatnonzero(np.diff(known.user, prepend=-1))
    first[known.user[starts]] = known.day[starts]
    last[known.user[starts]] = known.day[np.append(starts[1:], len(known.day)) - 1] if len(starts) else np.nan
    repeats = np.maximum(days - 1, 0)
    tenure, pause, span = (origin - 1 - first) / period_days, (origin - 1 - last) / period_days, last - first
    span = span / period_days
    rate, gap = repeats / np.fmax(tenure, 1), span / np.maximum(repeats, 1)
    recent = [known.counts(round(origin - window * period_days), origin) for window in WINDOWS]
    return np.stack([repeats, span, tenure, pause, rate, gap, *recent], axis=1).astype(np.float64)
