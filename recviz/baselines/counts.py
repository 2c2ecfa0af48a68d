"""Baselines of volume: how many active days each user will have in each period."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from recviz.baselines.activity import FEATURES, ActiveDays, Floats, Horizon, features
from recviz.errors import UnsupportedError

SHORTEST_TENURE = 0.1
"""Periods; a user who is new on the last day before the origin."""
LARGEST_LOG = 12.0


@dataclass(frozen=True, slots=True)
class CountForecast:
    """Expected active days of every user of the log."""

    mean: Floats
    """``(users, K)``."""
    shape: Floats | None = None
    """Gamma shape of the personal factor, ``(users,)``; ``None`` is Poisson."""
    chance_by: Floats | None = None
    """Chance of any active day by the end of each period, ``(users, K)``; ``None`` lets mean and shape say it."""
    note: str = ""
    """What has to be known to read it, in a sentence: that a fit failed and what stands in for it."""

    def part(self, users: NDArray[np.intp], periods: int) -> "CountForecast":
        """Keep some users and the first periods."""
        return CountForecast(
            self.mean[users, :periods],
            None if self.shape is None else self.shape[users],
            None if self.chance_by is None else self.chance_by[users, :periods],
            self.note,
        )

    def chance_active(self) -> Floats:
        """Return the chance of any active day in the whole horizon, ``(users,)``."""
        if self.chance_by is not None:
            return self.chance_by[:, -1]
        total = self.mean.sum(axis=1)
        if self.shape is None:
            return np.asarray(-np.expm1(-total))
        return np.asarray(-np.expm1(-self.shape * np.log1p(total / self.shape)))


class CountBaseline(Protocol):
    """Forecasts volume from active days before the origin alone."""

    @property
    def name(self) -> str: ...

    def forecast(self, past: ActiveDays, horizon: Horizon) -> CountForecast:
        """Forecast every user of the log.

        Raises:
            UnsupportedError: If this past is too little to fit on, or the fit fails.
        """
        ...


@dataclass(frozen=True, slots=True)
class PopulationRate:
    """Everybody's mean rate over the last horizon."""

    name: str = "everyone's recent rate"

    def forecast(self, past: ActiveDays, horizon: Horizon) -> CountForecast:
        """See `CountBaseline`."""
        known = len(np.unique(past.before(horizon.origin).user))
        recent = past.counts(horizon.origin - horizon.days, horizon.origin).sum()
        return CountForecast(np.full((past.n_users, horizon.periods), recent / horizon.periods / max(known, 1)))


@dataclass(frozen=True, slots=True)
class OwnRate:
    """Each user's own rate over the last horizon."""

    name: str = "own recent rate"

    def forecast(self, past: ActiveDays, horizon: Horizon) -> CountForecast:
        """See `CountBaseline`."""
        recent = past.counts(horizon.origin - horizon.days, horizon.origin)
        return CountForecast(np.repeat(recent[:, None] / horizon.periods, horizon.periods, axis=1))


@dataclass(frozen=True, slots=True)
class ShrunkenRate:
    """Own rate over the whole tenure, shrunk towards everybody's: gamma-Poisson by maximum likelihood.

    References:
        Ehrenberg, A. (1959). The pattern of consumer purchases. Applied Statistics 8.
    """

    name: str = "shrunken own rate"

    def forecast(self, past: ActiveDays, horizon: Horizon) -> CountForecast:
        """See `CountBaseline`."""
        table = dict(zip(FEATURES, features(past, horizon.origin, horizon.period_days).T, strict=True))
        known = np.isfinite(table["tenure"])
        repeats = table["repeats"]
        tenure = np.maximum(np.where(known, table["tenure"], 0.0), SHORTEST_TENURE)
        shape, scale = _fit(repeats[known], tenure[known])
        mean = (shape + repeats) / (scale + tenure)
        return CountForecast(np.repeat(mean[:, None], horizon.periods, axis=1), shape + repeats)


def _fit(repeats: Floats, tenure: Floats) -> tuple[float, float]:
    """Fit the gamma prior of users' rates: shape, and scale in periods."""

    def loss(logs: Floats) -> float:
        r, a = np.exp(np.clip(logs, -LARGEST_LOG, LARGEST_LOG))
        held = (
            gammaln(r + repeats) - gammaln(r) + r * np.log(a / (a + tenure)) + repeats * np.log(tenure / (a + tenure))
        )
        return float(-np.mean(held))

    if not len(repeats) or not repeats.any():
        raise UnsupportedError.of(
            "No user was active on two days, so rates cannot be told apart",
            "shrunken own rate",
            "Compare with the other baselines, or bring a longer log",
        )
    fitted = minimize(loss, [0.0, 2.0], method="Nelder-Mead")
    shape, scale = np.exp(np.clip(fitted.x, -LARGEST_LOG, LARGEST_LOG))
    if not np.isfinite(fitted.fun):
        raise UnsupportedError.of(
            "The rates' distribution could not be fitted", "shrunken own rate", "Compare with the other baselines"
        )
    return float(shape), float(scale)
