"""Counts of a history at its origins."""

import numpy as np
import pytest

from tests.model.test_network import DAY, collator, history


def test_counts_match_a_count_by_hand():
    log = history([0.2, 0.7, 3.5, 17.0], [0, 1, 2, 3])

    context = collator().context(log, np.array([20 * DAY]))

    exposure = 20 / 7
    assert context.rate[0] == pytest.approx((0.8 + 2) / (9 + exposure), rel=1e-5)
    assert context.shape[0] == pytest.approx(0.8 + 2)
    assert context.depth[0] == pytest.approx((5 * 2 + 4) / (5 + 3), rel=1e-5)
    assert np.expm1(context.features[0, :3]) == pytest.approx([1, 1, 3], rel=1e-5)


def test_an_event_counts_only_from_the_instant_after_it():
    log = history([2.0, 5.0], [0, 1])

    context = collator().context(log, np.array([2 * DAY, 2 * DAY + 1, 5 * DAY]))

    assert context.empty.tolist() == [True, False, False]
    assert np.expm1(context.features[:, 6]) == pytest.approx([0, 1, 1], abs=1e-5)


def test_nobody_has_the_populations_rate():
    context = collator().context(history([], []), np.array([9 * DAY]))

    assert context.rate[0] == pytest.approx(0.8 / 9)
    assert context.shape[0] == pytest.approx(0.8)


def test_own_weights_halve_with_age_and_sum_to_one():
    log = history([0.0, 30.0, 60.0], [4, 4, 5])

    weights = collator().own_weights(log, np.array([60 * DAY, 61 * DAY]))

    assert weights[0] == pytest.approx([1 / 3, 2 / 3, 0])
    assert weights[1] == pytest.approx([1 / 7, 2 / 7, 4 / 7], rel=1e-6)


def test_kinds_that_are_no_target_own_nothing():
    log = history([0.0, 3.0], [4, 5])
    log.kind[1] = 1

    weights = collator().own_weights(log, np.array([9 * DAY]))

    assert weights[0] == pytest.approx([1, 0])
