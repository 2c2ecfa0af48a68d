import numpy as np
import pytest

from recviz.baselines import bg_nbd
from recviz.baselines.activity import ActiveDays, Horizon
from recviz.baselines.bg_nbd import BuyTillDropout, Fitted, Seen, fit
from recviz.baselines.counts import ShrunkenRate
from recviz.errors import UnsupportedError

TRUTH = Fitted(r=0.243, alpha=4.414, a=0.793, b=2.426)
"""What Fader, Hardie and Lee report of CDNOW, in weeks."""
WEEKS, LATER = 39.0, 26
ORIGIN = 20_000


def customers(users=30_000, seed=0):
    """Draw when each customer bought, in weeks after the first time, from the model itself; unused places are infinite."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(TRUTH.r, 1 / TRUTH.alpha, users)
    leaving = rng.beta(TRUTH.a, TRUTH.b, users)
    tenure = WEEKS - rng.uniform(0, 12, users)
    times = np.cumsum(rng.exponential(1 / np.maximum(rate, 1e-12)[:, None], (users, 120)), axis=1)
    gone = np.cumsum(rng.random(times.shape) < leaving[:, None], axis=1)
    gone = (
        np.concatenate([np.zeros((users, 1)), gone[:, :-1]], axis=1) > 0
    )  # the day after which one leaves still counts
    return np.where(gone, np.inf, times), tenure


@pytest.fixture(scope="module")
def shop():
    times, tenure = customers()
    before = times < tenure[:, None]
    later = (times >= tenure[:, None]) & (times < tenure[:, None] + LATER)
    seen = Seen(before.sum(1).astype(float), np.max(np.where(before, times, 0), axis=1, initial=0.0), tenure)
    return seen, later.sum(1)


def test_the_fit_finds_the_published_parameters_again(shop):
    found = fit(shop[0])

    assert found.r == pytest.approx(TRUTH.r, rel=0.08)
    assert found.alpha == pytest.approx(TRUTH.alpha, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(TRUTH.a / (TRUTH.a + TRUTH.b), rel=0.08)


def test_forecasts_agree_with_what_the_customers_then_do(shop):
    seen, later = shop

    said = TRUTH.forecast(seen, LATER)

    total = said.mean.sum(axis=1)
    assert total.mean() == pytest.approx(later.mean(), rel=0.04)
    assert said.chance_active().mean() == pytest.approx((later > 0).mean(), rel=0.04)
    often = seen.repeats >= 4
    assert total[often].mean() == pytest.approx(later[often].mean(), rel=0.06)
    assert said.chance_active()[often].mean() == pytest.approx((later[often] > 0).mean(), rel=0.06)


def test_a_regular_who_has_long_been_away_has_left_rather_than_one_who_came_rarely():
    often, rarely = TRUTH.chance_alive(Seen(np.array([20.0, 2.0]), np.array([15.0, 15.0]), np.array([39.0, 39.0])))

    assert often < 0.05 < rarely


def past_of(days_of_users):
    user = np.repeat(np.arange(len(days_of_users)), [len(days) for days in days_of_users])
    return ActiveDays(len(days_of_users), user, np.concatenate([np.sort(days) for days in days_of_users]))


def weeks(count):
    return Horizon(ORIGIN + 7 * np.arange(count + 1))


def test_a_shop_is_forecast_week_by_week_with_chances_that_only_rise():
    times, tenure = customers(3000)
    days = [
        ORIGIN - 1 - int(7 * span) + np.unique(np.concatenate([[0], np.floor(7 * own[own < span])])).astype(int)
        for own, span in zip(times, tenure, strict=True)
    ]

    said = BuyTillDropout().forecast(past_of(days), weeks(13))

    assert said.note == ""
    assert said.mean.shape == (3000, 13)
    assert (np.diff(said.chance_by, axis=1) >= 0).all()
    assert (said.part(np.arange(5), 4).chance_active() == said.chance_by[:5, 3]).all()
    assert (said.mean > 0).all()


def test_users_who_never_stop_make_the_fit_run_away_and_the_shrunken_rate_stands_in():
    rng = np.random.default_rng(0)
    past = past_of([np.unique(rng.integers(ORIGIN - 300, ORIGIN, 60)) for _ in range(200)])

    said = BuyTillDropout().forecast(past, weeks(13))

    assert "stands in" in said.note
    assert said.mean == pytest.approx(ShrunkenRate().forecast(past, weeks(13)).mean)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -1.0, 1e9])
def test_numbers_that_cannot_be_are_never_handed_on(monkeypatch, broken):
    monkeypatch.setattr(Fitted, "expected", lambda _self, seen, time: np.full(len(seen.repeats), broken * time))
    times, tenure = customers(2000)
    days = [
        ORIGIN - 1 - int(7 * span) + np.unique(np.concatenate([[0], np.floor(7 * own[own < span])])).astype(int)
        for own, span in zip(times, tenure, strict=True)
    ]

    said = BuyTillDropout().forecast(past_of(days), weeks(4))

    assert "stands in" in said.note
    assert np.isfinite(said.mean).all()


def test_nobody_who_came_twice_is_refused_as_the_shrunken_rate_refuses_it():
    with pytest.raises(UnsupportedError, match="No user was active on two days"):
        BuyTillDropout().forecast(past_of([[ORIGIN - 9], [ORIGIN - 5]]), weeks(4))


def test_the_fit_itself_refuses_a_likelihood_without_a_maximum():
    steady = Seen(np.full(50, 30.0), np.full(50, 38.9), np.full(50, 39.0))

    with pytest.raises(UnsupportedError, match="ran away"):
        bg_nbd.fit(steady)
