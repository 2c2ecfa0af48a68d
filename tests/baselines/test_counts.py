import numpy as np
import pandas as pd
import pytest

from recviz.baselines.activity import FEATURES, ActiveDays, Horizon, active_days, features
from recviz.baselines.boosted import BoostedCounts
from recviz.baselines.counts import CountForecast, OwnRate, PopulationRate, ShrunkenRate
from recviz.data.sequences import view_all, view_before
from recviz.data.split import to_microseconds
from recviz.errors import UnsupportedError
from tests.logs import make_dataset

BASELINES = (PopulationRate(), OwnRate(), ShrunkenRate(), BoostedCounts())
CUT = to_microseconds(pd.Timestamp("2024-10-07"))
HORIZON = Horizon.of(CUT + np.arange(5) * 7 * 86_400_000_000)


def year(users=120, seed=0):
    """A year of users who differ in their rate, with two events on some days and returns that do not count."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(rng.gamma(1.0, 20, users)) + 1
    user = np.repeat(np.arange(users), count)
    time = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 366 * 24, len(user)), unit="h")
    kind = np.where(rng.random(len(user)) < 0.1, "return", "purchase")
    return pd.DataFrame({"user_id": [f"u{each:03}" for each in user], "item_id": "i", "timestamp": time, "kind": kind})


def past_of(folder, events):
    log = make_dataset(folder, events, targets=["purchase"])
    return active_days(view_before(log.store, CUT), log.target_kinds)


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    return past_of(tmp_path_factory.mktemp("year") / "log", year())


def test_a_day_counts_once_and_only_for_target_events(tmp_path):
    events = pd.DataFrame(
        {
            "user_id": ["a", "a", "a", "a", "b"],
            "item_id": ["x", "y", "x", "x", "x"],
            "timestamp": [
                "2024-01-01 08:00",
                "2024-01-01 23:59",
                "2024-01-02 00:00",
                "2024-01-03 09:00",
                "2024-01-04 09:00",
            ],
            "kind": ["purchase", "purchase", "purchase", "return", "return"],
        }
    )
    log = make_dataset(tmp_path / "log", events, targets=["purchase"])

    days = active_days(view_all(log.store), log.target_kinds)

    assert days.user.tolist() == [0, 0]
    assert np.diff(days.day).tolist() == [1]


def test_periods_hold_their_first_day_and_not_the_next_ones():
    days = ActiveDays(2, np.array([0, 0, 0, 1]), np.array([6, 7, 13, 14]))

    counts = days.by_period(np.array([0, 7, 14]))

    assert counts.tolist() == [[1, 2], [0, 0]]


def test_features_tell_recency_and_frequency_in_periods():
    days = ActiveDays(2, np.array([0, 0, 0]), np.array([0, 7, 21]))

    table = dict(zip(FEATURES, features(days, 29, 7.0)[0], strict=True))

    assert table["repeats"] == 2
    assert (table["tenure"], table["pause"], table["recency span"]) == (4.0, 1.0, 3.0)
    assert table["gap"] == 1.5
    assert (table["last 1"], table["last 2"], table["last 4"]) == (0, 1, 2)
    assert np.isnan(features(days, 29, 7.0)[1, FEATURES.index("tenure")])


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)
def test_no_baseline_changes_when_the_future_changes(tmp_path, past, baseline):
    events = year()
    early = events[pd.to_datetime(events["timestamp"]) < pd.Timestamp("2024-10-07")]
    every_user = pd.DataFrame({"user_id": events["user_id"].unique(), "item_id": "i", "kind": "purchase"})
    other_future = pd.concat([early, every_user.assign(timestamp=pd.Timestamp("2024-11-11"))])

    changed = baseline.forecast(past_of(tmp_path / "log", other_future), HORIZON)

    assert np.array_equal(changed.mean, baseline.forecast(past, HORIZON).mean)


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)
def test_every_baseline_gives_a_finite_curve_for_every_user(past, baseline):
    said = baseline.forecast(past, HORIZON)

    assert said.mean.shape == (past.n_users, 4)
    assert np.isfinite(said.mean).all()
    assert (said.mean >= 0).all()
    assert ((said.chance_active() >= 0) & (said.chance_active() <= 1)).all()


def test_the_shrunken_rate_recovers_the_process_that_made_the_log():
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.8, 0.25, 4000)  # days a week
    days = rng.random((4000, 280)) < 1 - np.exp(-rate[:, None] / 7)
    days[:, 0] = True
    user, day = np.nonzero(days)
    horizon = Horizon(np.array([280, 287]))

    said = ShrunkenRate().forecast(ActiveDays(4000, user, day), horizon)

    assert said.mean.mean() == pytest.approx(rate.mean(), rel=0.03)
    assert np.corrcoef(said.mean[:, 0], rate)[0, 1] > 0.9
    lowest = rate < np.quantile(rate, 0.1)
    assert said.mean[lowest].mean() > rate[lowest].mean()


def test_the_chance_to_return_is_that_of_the_mixture_not_of_poisson():
    mean = np.full((1, 4), 0.5)

    assert CountForecast(mean, np.array([0.5])).chance_active()[0] == pytest.approx(1 - (0.5 / 2.5) ** 0.5)
    assert CountForecast(mean).chance_active()[0] == pytest.approx(1 - np.exp(-2))


def test_too_short_a_history_is_said_and_not_guessed():
    days = ActiveDays(3, np.array([0, 1, 2]), np.array([270, 271, 272]))
    horizon = Horizon(np.array([280, 287]))

    with pytest.raises(UnsupportedError, match="too short to train on"):
        BoostedCounts().forecast(days, horizon)
    with pytest.raises(UnsupportedError, match="active on two days"):
        ShrunkenRate().forecast(days, horizon)
