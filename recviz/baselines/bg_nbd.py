"""A baseline of volume for customers who may have left for good: BG/NBD, guarded."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from recviz.baselines.activity import FEATURES, ActiveDays, Floats, Horizon, features
from recviz.baselines.counts import SHORTEST_TENURE, CountForecast, ShrunkenRate
from recviz.errors import UnsupportedError

LARGEST_LOG = 9.0
"""Of a parameter, tenures in units of their mean: beyond it the likelihood is flat, and the fit has run away."""
LIVELIEST = 2.0
"""How many times the users' own recent rates the forecast may sum to before it is no forecast."""
STARTS = ((0.0, 0.0, 0.0, 1.0), (-1.0, -1.0, -1.0, 0.0))
NAME = "BG/NBD"
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class BuyTillDropout:
    """Users are active at their own rate until, after one of their days, they leave for good.

    A fit that runs away, or that yields what is no number, falls back to the shrunken own rate and says so.

    References:
        Fader, P., Hardie, B., Lee, K. (2005). "Counting your customers" the easy way: an alternative to the Pareto/NBD
        model. Marketing Science 24.
    """

    name: str = "BG/NBD, may have left"

    def forecast(self, past: ActiveDays, horizon: Horizon) -> CountForecast:
        """See `recviz.baselines.counts.CountBaseline`."""
        table = dict(zip(FEATURES, features(past, horizon.origin, horizon.period_days).T, strict=True))
        known = np.isfinite(table["tenure"])
        seen = Seen(
            np.where(known, table["repeats"], 0.0),
            np.where(known, table["recency span"], 0.0),
            np.maximum(np.where(known, table["tenure"], 0.0), SHORTEST_TENURE),
        )
        try:
            fitted = fit(seen.rows(known))
            answer = fitted.forecast(seen, horizon.periods)
            _require_sane(answer, past, horizon)
        except UnsupportedError as error:
            fallback = ShrunkenRate()
            why = error.problems[0].what
            return replace(fallback.forecast(past, horizon), note=f"{why}; the {fallback.name} stands in for it")
        return answer


@dataclass(frozen=True, slots=True)
class Seen:
    """Active days before the origin, times in periods; ``(users,)`` each."""

    repeats: Floats
    """Active days after the first."""
    last: Floats
    """Time from the first active day to the last."""
    tenure: Floats
    """Time from the first active day to the origin, above 0."""

    def rows(self, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> "Seen":
        """Keep some of the users."""
        return Seen(self.repeats[keep], self.last[keep], self.tenure[keep])


@dataclass(frozen=True, slots=True)
class Fitted:
    """The four parameters: rates are Gamma(r, alpha), the chance to leave after a day is Beta(a, b)."""

    r: float
    alpha: float
    """In periods."""
    a: float
    b: float

    def forecast(self, seen: Seen, periods: int) -> CountForecast:
        """Forecast users of whom this much was seen."""
        until = np.arange(1, periods + 1)
        alive = self.chance_alive(seen)
        shape, scale = (self.r + seen.repeats)[:, None], (self.alpha + seen.tenure)[:, None]
        chance = alive[:, None] * -np.expm1(-shape * np.log1p(until / scale))  # one who is here leaves only after a day
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):  # what is no number is found out afterwards
            expected = np.stack([self.expected(seen, float(time)) for time in until], axis=1)
            return CountForecast(np.diff(expected, axis=1, prepend=0.0), chance_by=chance)

    def chance_alive(self, seen: Seen) -> Floats:
        """Return the chance that each user has not left, ``(users,)``."""
        repeats = np.maximum(seen.repeats, 1.0)
        log_odds = (
            np.log(self.a)
            - np.log(self.b + repeats - 1)
            + (self.r + seen.repeats) * (np.log(self.alpha + seen.tenure) - np.log(self.alpha + seen.last))
        )
        return np.where(seen.repeats > 0, 1 / (1 + np.exp(np.minimum(log_odds, 700.0))), 1.0)

    def expected(self, seen: Seen, time: float) -> Floats:
        """Return the active days expected within ``time`` periods from the origin, ``(users,)``."""
        ends = self.alpha + seen.tenure + time
        stays = self.a - 1 if abs(self.a - 1) > 1e-6 else 1e-6  # noqa: PLR2004 - the limit at 1, from beside it
        hyper = hyp2f1(self.r + seen.repeats, self.b + seen.repeats, stays + self.b + seen.repeats, time / ends)
        shrinks = np.exp((self.r + seen.repeats) * (np.log(self.alpha + seen.tenure) - np.log(ends)))
        each = (stays + self.b + seen.repeats) / stays * (1 - shrinks * hyper)
        return np.asarray(each * self.chance_alive(seen))


def fit(seen: Seen) -> Fitted:
    """Fit by maximum likelihood.

    Raises:
        UnsupportedError: If nobody was active on two days, or the likelihood has no maximum that can be found.
    """
    if not seen.repeats.any():
        raise _refused("No user was active on two days, so rates cannot be told apart")
    unit = float(seen.tenure.mean())
    rows = np.stack([seen.repeats, seen.last / unit, seen.tenure / unit])
    (repeats, last, tenure), count = np.unique(rows, axis=1, return_counts=True)
    scaled = Seen(repeats, last, tenure)

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(np.clip(logs, -2 * LARGEST_LOG, 2 * LARGEST_LOG))
        return float(-np.average(_log_likelihood(scaled, Fitted(r, alpha, a, b)), weights=count))

    tries = [minimize(loss, np.array(start), method="L-BFGS-B") for start in STARTS]
    best = min(tries, key=lambda found: found.fun if np.isfinite(found.fun) else np.inf)
    if not np.isfinite(best.fun) or np.abs(best.x).max() >= LARGEST_LOG:
        raise _refused("The fit of who has left ran away")
    r, alpha, a, b = (float(part) for part in np.exp(best.x))
    return Fitted(r, alpha * unit, a, b)


def _log_likelihood(seen: Seen, given: Fitted) -> Floats:
    shape = given.r + seen.repeats
    rate = gammaln(shape) - gammaln(given.r) + given.r * np.log(given.alpha)
    stayed = (
        betaln(given.a, given.b + seen.repeats) - betaln(given.a, given.b) - shape * np.log(given.alpha + seen.tenure)
    )
    left = (
        betaln(given.a + 1, given.b + np.maximum(seen.repeats, 1.0) - 1)
        - betaln(given.a, given.b)
        - shape * np.log(given.alpha + seen.last)
    )
    return np.asarray(rate + np.where(seen.repeats > 0, np.logaddexp(stayed, left), stayed))


def _require_sane(answer: CountForecast, past: ActiveDays, horizon: Horizon) -> None:
    chance = answer.chance_by
    known = np.unique(past.before(horizon.origin).user)
    numbers = answer.mean[known]
    if (
        chance is None
        or not np.isfinite(chance[known]).all()
        or not np.isfinite(numbers).all()
        or (numbers < -ROUNDING).any()
    ):
        raise _refused("The fit gave what is no number of days")
    recent = max(past.counts(horizon.origin - horizon.days, horizon.origin).sum(), 1)
    if numbers.sum() > LIVELIEST * recent:
        raise _refused(f"The fit expects more than {LIVELIEST:g} times as many active days as the same span before had")


def _refused(what: str) -> UnsupportedError:
    return UnsupportedError.of(what, NAME, "Compare with the other baselines")
