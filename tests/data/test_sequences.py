"""Users are drawn from a log the same way everywhere."""

import numpy as np

from recviz.data.sequences import draw_users

USERS = np.array([2, 3, 5, 7, 11, 13, 17], np.intp)


def test_few_users_are_all_kept_and_nothing_is_drawn_for_them():
    """Catches: a draw that moves what the same generator draws next."""
    rng = np.random.default_rng(0)

    assert np.array_equal(draw_users(USERS, len(USERS), rng), USERS)
    assert rng.integers(1000) == np.random.default_rng(0).integers(1000)


def test_of_many_some_are_kept_in_order_the_same_for_a_seed():
    drawn = [draw_users(USERS, 3, seed) for seed in range(40)]

    assert all(len(some) == 3 and np.all(np.diff(some) > 0) and np.isin(some, USERS).all() for some in drawn)
    assert set(np.concatenate(drawn)) == set(USERS), "somebody is never drawn"
    assert np.array_equal(drawn[5], draw_users(USERS, 3, np.random.default_rng(5)))
