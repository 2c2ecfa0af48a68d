import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recviz.errors import UnsupportedError
from recviz.forecast.curves import LEVELS, Volumes, forecast_table, volumes
from recviz.forecast.remembered import Remembered
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset

positive = st.floats(0.001, 6)


def volumes_with(mu, shape, days=7.0):
    mu = np.atleast_2d(np.asarray(mu, float))
    return Volumes(
        users=np.arange(len(mu)),
        mu=mu,
        shape=np.full(len(mu), float(shape)),
        depth=np.ones(len(mu)),
        days=np.full(mu.shape[1], days),
        states=np.zeros((len(mu), 1), np.float32),
    )


def test_the_table_has_the_scorers_columns_for_every_user_with_history(tmp_path):
    predictor = FakePredictor(shop(tmp_path / "log"))

    table = forecast_table(predictor)

    assert list(table.columns) == [
        "user_id", "week", "mean", "p_active", "q025", "q10", "q25", "q50", "q75", "q90", "q975", "p_active_horizon",
    ]  # fmt: skip
    assert set(table["user_id"]) == set(predictor.dataset.user_ids[predictor.users])
    assert table.groupby("user_id")["week"].agg(list).map(lambda weeks: weeks == [1, 2, 3, 4, 5, 6]).all()
    assert np.isfinite(table.drop(columns="user_id").to_numpy(float)).all()


def test_chances_and_bands_agree_with_simulation_from_the_joint_distribution():
    mu, shape = np.array([0.2, 0.5, 0.05, 1.0]), 0.7
    found = volumes_with(mu, shape)
    draw = np.random.default_rng(0)
    factor = draw.gamma(shape, 1 / shape, 400_000)

    days = draw.poisson(factor[:, None] * mu)

    assert found.p_active()[0] == pytest.approx((days > 0).mean(0), abs=0.004)
    assert found.p_active_horizon()[0] == pytest.approx((days.sum(1) > 0).mean(), abs=0.004)
    independent = 1 - np.prod(1 - found.p_active()[0])
    assert found.p_active_horizon()[0] < independent - 0.05  # a personal factor: not the product over weeks
    total = days.sum(1)
    for level, count in zip(LEVELS, found.total_bands()[0], strict=True):
        assert (total <= count).mean() >= level - 0.004
        assert (total <= count - 1).mean() <= level + 0.004


@settings(deadline=None)
@given(mu=arrays(float, (5, 4), elements=positive), shape=positive)
def test_the_chance_over_the_horizon_is_never_below_that_of_any_period(mu, shape):
    found = volumes_with(mu, shape)

    horizon = found.p_active_horizon()

    assert (horizon >= found.p_active().max(1) - 1e-12).all()
    assert (horizon <= 1).all()


@settings(deadline=None)
@given(mu=arrays(float, (3, 4), elements=st.floats(0, 60)), shape=positive, days=st.sampled_from([1.0, 7.0, 31.0]))
def test_bands_rise_with_their_level_and_never_exceed_the_days_there_are(mu, shape, days):
    found = volumes_with(mu, shape, days)

    bands, total = found.bands(), found.total_bands()

    assert (np.diff(bands, axis=-1) >= 0).all()
    assert (bands >= 0).all()
    assert (bands <= days).all()
    assert (total <= 4 * days).all()


def test_periods_of_a_day_hold_one_active_day_at_most_and_months_their_own_days(tmp_path):
    dataset = shop(tmp_path / "log")

    days = volumes(FakePredictor(dataset, period="day")).days
    months = volumes(FakePredictor(dataset, period="month", horizon=2)).days

    assert days.tolist() == [1] * 6
    assert set(months.tolist()) <= {28, 29, 30, 31}


def test_a_log_with_an_order_only_and_held_out_last_events_have_no_curves(tmp_path):
    frame = pd.DataFrame({"user_id": ["a", "a", "b"], "item_id": ["x", "y", "x"], "seq_pos": [0, 1, 0]})
    ordered = FakePredictor(make_dataset(tmp_path / "order", frame))
    last_out = FakePredictor(shop(tmp_path / "log"), split="leave-one-out")

    with pytest.raises(UnsupportedError, match="order only"):
        forecast_table(ordered)
    with pytest.raises(UnsupportedError, match="holds out each user's last event"):
        forecast_table(last_out)


def test_an_origin_that_nobody_was_seen_before_gives_an_empty_table_with_all_columns(tmp_path):
    predictor = FakePredictor(shop(tmp_path / "log"))
    predictor.users = predictor.users[:0]

    table = forecast_table(predictor)

    assert len(table) == 0
    assert len(table.columns) == 12


def test_many_users_are_forecast_in_batches_that_change_nothing(tmp_path, monkeypatch):
    dataset = shop(tmp_path / "log")
    whole = forecast_table(FakePredictor(dataset))
    monkeypatch.setattr("recviz.forecast.curves.USERS_PER_BATCH", 5)

    parted = forecast_table(FakePredictor(dataset))

    pd.testing.assert_frame_equal(whole, parted)


def test_what_is_remembered_is_computed_once_for_each_model(tmp_path):
    calls = []
    remembered = Remembered(lambda predictor: calls.append(predictor) or len(calls))
    dataset = shop(tmp_path / "log")
    one, other = FakePredictor(dataset), FakePredictor(dataset)

    answers = [remembered(one), remembered(one), remembered(other)]

    assert answers == [1, 1, 2]
