import numpy as np
import pytest

from recviz.evaluate.calibration import coverage, randomised_pit, reliability


def draw(users=6000, periods=3, seed=0, shared=1.0):
    """Counts drawn exactly as the forecast says: a personal gamma factor on Poisson means; ``shared`` moves all at once."""
    rng = np.random.default_rng(seed)
    mean, shape = rng.gamma(1.0, 0.6, (users, periods)), rng.gamma(2.0, 0.5, users) + 0.2
    factor = rng.gamma(shape, 1 / shape)
    return rng.poisson(mean * factor[:, None] * shared), mean, shape


def test_an_honest_forecast_is_uniform_covered_and_reliable():
    counts, mean, shape = draw()
    total, expected = counts.sum(1), mean.sum(1)
    chance = 1 - (shape / (shape + expected)) ** shape

    pit = np.array(randomised_pit(counts, mean, shape, np.full(3, 10_000.0)))
    bands = coverage(total.astype(float), expected, shape, 10_000, 0.0)
    bins = reliability(chance, total > 0)

    assert pit.shape == (3, 10)
    assert np.abs(pit - 0.1).max() < 0.02
    assert {band.of for band in bands} == {"users", "cohorts"}
    assert all(abs(band.observed - band.nominal) < 0.02 for band in bands if band.of == "users")
    assert all(abs(band.observed - band.nominal) < 0.25 for band in bands if band.of == "cohorts")
    assert sum(part.low <= part.predicted <= part.high for part in bins) >= 8


def test_a_forecast_that_is_too_sure_is_found_out():
    counts, mean, shape = draw()

    bands = coverage(counts.sum(1).astype(float), mean.sum(1), shape * 50, 10_000, 0.0)
    pit = np.array(randomised_pit(counts, mean, shape * 50, np.full(3, 10_000.0)))

    assert all(band.observed < band.nominal - 0.05 for band in bands if band.of == "users")
    assert pit[:, [0, 9]].min() > 0.11


def test_groups_whose_level_moves_as_one_are_covered_where_the_band_knows_how_far():
    """Over many draws of the shared factor, since groups of one draw are right or wrong together."""
    known, unknown = [], []
    for seed in range(200):
        shared = np.random.default_rng([seed, 1]).gamma(1 / 0.3**2, 0.3**2)
        counts, mean, shape = draw(users=1200, seed=seed, shared=shared)
        for found, level in ((known, 0.3), (unknown, 0.0)):
            bands = coverage(counts.sum(1).astype(float), mean.sum(1), shape, 10_000, level)
            found.append([band.observed - band.nominal for band in bands if band.of == "cohorts"])

    assert np.abs(np.mean(known, axis=0)).max() < 0.06
    assert np.mean(unknown, axis=0).max() < -0.1


def test_a_level_that_is_too_high_shows_in_the_transform():
    counts, mean, shape = draw()

    pit = np.array(randomised_pit(counts, 2 * mean, shape, np.full(3, 10_000.0)))

    assert pit[:, 0].min() > 0.12
    assert pit[:, 9].max() < 0.08


def test_a_count_of_all_days_takes_the_whole_tail():
    pit = randomised_pit(np.array([[7.0]]), np.array([[50.0]]), np.array([5.0]), np.array([7.0]))

    assert sum(pit[0]) == pytest.approx(1)
