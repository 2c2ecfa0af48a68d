import numpy as np
import pandas as pd
import pytest

from recviz.baselines.values import Biases, MeanValue
from recviz.data.sequences import view_all
from recviz.model.values import PastValues, past_values
from tests.logs import make_dataset

USERS, ITEMS = 150, 40


def rated(spread=1.0, noise=0.4, seed=0):
    """Values that are a mean plus the user's and the item's own offset, and more that came later."""
    rng = np.random.default_rng(seed)
    of_user, of_item = spread * rng.standard_normal(USERS), spread * rng.standard_normal(ITEMS)
    user, position = rng.integers(0, USERS, 3000), rng.integers(0, ITEMS, 3000)
    value = 5 + of_user[user] + of_item[position] + noise * rng.standard_normal(3000)
    return PastValues(user, position, value, np.arange(3000), USERS, ITEMS), of_user, of_item


def test_the_mean_is_the_same_for_every_pair():
    past, _, _ = rated()

    said = MeanValue().values(past, np.array([0, 1]), np.array([3, 4]))

    assert said.tolist() == [past.value.mean()] * 2


def test_biases_find_who_is_generous_and_what_is_liked():
    past, of_user, of_item = rated()
    user, position = np.repeat(np.arange(USERS), ITEMS), np.tile(np.arange(ITEMS), USERS)
    truth = 5 + of_user[user] + of_item[position]

    error = Biases().values(past, user, position) - truth

    assert np.sqrt((error**2).mean()) < 0.35
    assert np.sqrt(((past.value.mean() - truth) ** 2).mean()) > 1


def test_where_users_and_items_are_alike_biases_say_little_more_than_the_mean():
    past, _, _ = rated(spread=0.0, noise=1.0)

    said = Biases().values(past, past.user, past.position)

    assert np.sqrt(((said - 5) ** 2).mean()) < 0.3


def test_a_user_without_values_gets_the_items_mean_and_nothing_leaves_the_range_seen():
    past = PastValues(np.zeros(4, int), np.zeros(4, int), np.array([9.0, 9, 9, 10]), np.arange(4), 2, 2)

    known, unknown = Biases().values(past, np.array([0, 1]), np.array([0, 1]))

    assert 9 <= known <= 10
    assert unknown == pytest.approx(past.value.mean())


def test_only_target_events_with_a_value_are_read(tmp_path):
    events = pd.DataFrame(
        {"user_id": ["a", "a", "b", "b"], "item_id": ["x", "y", "x", "y"], "kind": ["rating", "view", "rating", "rating"],
         "value": [4.0, 1.0, np.nan, 2.0], "timestamp": ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]}
    )  # fmt: skip
    log = make_dataset(tmp_path / "log", events, targets=["rating"])

    past = past_values(view_all(log.store), log.target_kinds, np.arange(2), 2)

    assert past.user.tolist() == [0, 1]
    assert past.value.tolist() == [4.0, 2.0]
