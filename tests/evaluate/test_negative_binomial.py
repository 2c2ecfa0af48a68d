import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recviz.evaluate.negative_binomial import band_mass, cdf, pooled, quantiles


def test_the_chance_of_no_activity_is_that_of_the_contract():
    mean, shape = 2.6, 0.7

    nothing = cdf(0, mean, shape, cap=91)

    assert nothing == pytest.approx((shape / (shape + mean)) ** shape)


def test_quantiles_agree_with_simulation_from_the_personal_gamma_factor():
    rng = np.random.default_rng(0)
    mean, shape = 3.0, 0.8
    counts = rng.poisson(mean * rng.gamma(shape, 1 / shape, 400_000))

    bands = quantiles(mean, shape, [0.1, 0.5, 0.9], cap=91)

    assert bands.tolist() == np.quantile(counts, [0.1, 0.5, 0.9]).tolist()


def test_no_quantile_exceeds_the_days_there_are_and_the_cap_holds_all_the_mass():
    bands = quantiles([[6.5, 20.0]], [[0.3]], [0.5, 0.975], cap=7)

    assert bands.shape == (1, 2, 2)
    assert bands.max() == 7
    assert cdf(7, 20.0, 0.3, cap=7) == 1


def test_a_user_who_expects_nothing_gets_zero():
    assert quantiles(0.0, 1.0, [0.025, 0.975], cap=7).tolist() == [0, 0]


@given(
    mean=st.floats(0, 200), shape=st.floats(0.05, 1e4), level=st.floats(0.01, 0.49), cap=st.sampled_from([None, 7, 91])
)
def test_a_band_holds_at_least_its_nominal_mass(mean, shape, level, cap):
    low, high = quantiles(mean, shape, [level, 1 - level], cap)

    assert low <= high
    assert band_mass(low, high, mean, shape, cap) >= 1 - 2 * level - 1e-9


def test_pooled_users_keep_the_mean_and_variance_of_their_sum():
    mean, shape = np.array([1.0, 4.0]), np.array([0.5, 2.0])

    total, r = pooled(mean, shape, 0.0)

    assert total == 5
    assert total + total**2 / r == pytest.approx(1 + 1 / 0.5 + 4 + 16 / 2)


def test_a_level_that_all_share_adds_to_the_variance_by_the_square_of_the_sum():
    mean, shape = np.array([1.0, 4.0]), np.array([0.5, 2.0])

    total, r = pooled(mean, shape, 0.2)

    assert total == 5
    assert total + total**2 / r == pytest.approx(1 + 1 / 0.5 + 4 + 16 / 2 + 0.2**2 * 25)
