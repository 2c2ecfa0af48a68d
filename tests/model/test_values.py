"""What expected values start from."""

import numpy as np
import pytest

from recviz.model.values import PastValues, ValueLevels

N, ITEMS = 300, 8
DRAWS = np.random.default_rng(0)
NUMBERS = PastValues(
    DRAWS.integers(0, 20, N), DRAWS.integers(0, ITEMS, N), DRAWS.standard_normal(N) + 0.4, np.arange(N), 20, ITEMS + 1
)
CHANCES = PastValues(NUMBERS.user, NUMBERS.position, (DRAWS.random(N) < 0.2).astype(float), np.arange(N), 20, ITEMS + 1)


def test_the_level_that_is_to_tell_a_value_does_not_know_it():
    """Catches: the value left in its item's mean; the item's number of values left as it was."""
    levels = ValueLevels.of(NUMBERS, 3.0, is_chance=False)
    value = NUMBERS.value.astype(np.float32)

    found = levels.without_one(NUMBERS.position, value)

    for at in range(20):
        same = (NUMBERS.position == NUMBERS.position[at]) & (np.arange(N) != at)
        expected = levels.mean + (NUMBERS.value[same] - levels.mean).sum() / (same.sum() + 3.0)
        assert found[at] == pytest.approx(expected, abs=1e-6)


def test_without_a_value_to_tell_nothing_is_left_out_and_an_item_without_values_stands_at_the_mean():
    levels = ValueLevels.of(NUMBERS, 3.0, is_chance=False)

    found = levels.without_one(np.arange(ITEMS + 1), np.full(ITEMS + 1, np.nan, np.float32))

    assert found.tolist() == levels.of_items().tolist()
    assert found[ITEMS] == pytest.approx(levels.mean)


def test_a_users_own_values_count_where_they_are_present_and_known_and_are_shrunken():
    levels = ValueLevels.of(NUMBERS, 3.0, is_chance=False)
    surplus = np.array([2.0, np.nan, -1.0])
    present = np.array([[True, True, True], [True, True, False], [False, True, False]])

    assert levels.of_user(surplus, present) == pytest.approx([(2 - 1) / (2 + 3), 2 / (1 + 3), 0])


def test_what_an_event_lies_above_is_its_items_level_and_other_items_tell_nothing():
    levels = ValueLevels.of(NUMBERS, 3.0, is_chance=False)

    found = levels.surplus(np.array([2, -1, 2]), np.array([1.5, 1.5, np.nan], np.float32))

    assert found[0] == pytest.approx(1.5 - levels.of_items()[2], abs=1e-6)
    assert np.isnan(found[1:]).all()


def test_levels_of_chances_are_log_odds_and_never_certain():
    levels = ValueLevels.of(CHANCES, 1.0, is_chance=True)
    always = np.full(500, 0.9)

    items, own = levels.of_items(), levels.of_user(always, np.ones((1, 500), bool))

    assert 1 / (1 + np.exp(-items[ITEMS])) == pytest.approx(CHANCES.value.mean())
    assert 1 / (1 + np.exp(-(items[ITEMS] + own[0]))) == pytest.approx(0.99)


def test_levels_of_a_log_without_values_say_nothing():
    for is_chance in (False, True):
        levels = ValueLevels.unknown(3, is_chance=is_chance)

        assert levels.of_items().tolist() == [0, 0, 0]
        assert levels.of_user(np.array([np.nan]), np.ones((2, 1), bool)).tolist() == [0, 0]
