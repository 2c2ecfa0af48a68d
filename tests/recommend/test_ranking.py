import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recviz.errors import InvalidSettingError
from recviz.model.prediction import Prediction, mark_probabilities
from recviz.recommend.ranking import rank, rank_users, recommend_table
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset


def random_prediction(seed, histories=4, items=30, width=6, gate=0.5, own=5):
    draw = torch.Generator().manual_seed(seed)
    owned = torch.stack([torch.randperm(items, generator=draw)[:own] for _ in range(histories)])
    weight = torch.rand(histories, own, generator=draw) + 0.01
    weight[0, own // 2 :] = 0  # padding repeats position 0
    owned[0, own // 2 :] = 0
    prediction = Prediction(
        mu=torch.rand(histories, 3, generator=draw),
        shape=torch.ones(histories),
        depth=torch.ones(histories),
        z=torch.randn(histories, 4, width, generator=draw),
        gate=torch.full((histories, 4), gate),
        own_item=owned,
        own_weight=weight / weight.sum(1, keepdim=True),
        popularity_weight=torch.randn(4, 2, generator=draw),
        snapshot=torch.zeros(histories, dtype=torch.int64),
        popularity=torch.randn(1, 2, items, generator=draw),
        own_bias=torch.randn(items, generator=draw),
        own_value=torch.zeros(histories),
    )
    return prediction, torch.randn(items, width, generator=draw)


NOTHING = torch.empty(4, 0, dtype=torch.int64)


@settings(deadline=None)
@given(
    seed=st.integers(0, 10_000),
    gate=st.sampled_from([0.0, 0.3, 0.999]),
    top=st.integers(1, 40),
    hidden=st.lists(st.lists(st.integers(0, 29), unique=True, max_size=12), min_size=4, max_size=4),
)
def test_ranking_is_that_of_the_probabilities_renormalised_without_what_is_hidden(seed, gate, top, hidden):
    prediction, vectors = random_prediction(seed, gate=gate)
    excluded = torch.full((4, 12), -1)
    for row, positions in enumerate(hidden):
        excluded[row, : len(positions)] = torch.tensor(positions, dtype=torch.int64)

    found = rank(prediction, vectors, top, excluded, k=1)

    expected = mark_probabilities(prediction, vectors, 1).double()
    for row, positions in enumerate(hidden):
        expected[row, positions] = 0
    expected = expected / expected.sum(1, keepdim=True)
    best = torch.sort(expected, dim=1, descending=True, stable=True)
    count = min(top, 30)
    assert found.probability.double().numpy() == pytest.approx(best.values[:, :count].numpy(), rel=2e-3, abs=1e-6)
    for row, positions in enumerate(hidden):
        shown = found.position[row][found.probability[row] > 0].tolist()
        assert len(set(shown)) == len(shown) == min(top, 30 - len(positions))
        assert not set(shown) & set(positions)


@pytest.mark.parametrize("excluded", [NOTHING, torch.tensor([[3, 0], [7, -1], [-1, -1], [29, 28]])])
@pytest.mark.parametrize("shown", [29, 3, 1])
def test_what_nobody_may_be_shown_is_hidden_as_if_from_each_user(excluded, shown):
    prediction, vectors = random_prediction(5, gate=0.3)
    blocked = torch.arange(30)[torch.arange(30) * 7 % 30 >= shown]  # own items among them

    found = rank(prediction, vectors, 30, excluded, blocked=blocked)

    expected = mark_probabilities(prediction, vectors, 0).double()
    expected[:, blocked] = 0
    for row, positions in enumerate(excluded):
        expected[row, positions[positions >= 0]] = 0
    expected = (expected / expected.sum(1, keepdim=True)).nan_to_num()
    chances = torch.zeros(4, 30).scatter(1, found.position, found.probability).double()
    assert chances.numpy() == pytest.approx(expected.numpy(), rel=2e-3, abs=1e-6)


@pytest.mark.parametrize("excluded", [NOTHING, torch.tensor([[3, 0], [7, -1], [-1, -1], [29, 28]])])
def test_probabilities_of_all_that_may_be_shown_add_up_to_one(excluded):
    prediction, vectors = random_prediction(1)

    found = rank(prediction, vectors, 30, excluded)

    assert found.probability.sum(1).numpy() == pytest.approx(1.0, abs=1e-5)


def test_a_user_who_only_repeats_and_may_be_shown_nothing_seen_still_gets_a_ranking_that_adds_up():
    prediction, vectors = random_prediction(2, gate=1.0)

    found = rank(prediction, vectors, 30, prediction.own_item.sort(1).values.where(torch.arange(4)[:, None] > 0, -1))

    assert torch.isfinite(found.probability).all()
    assert found.probability[1:].sum(1).numpy() == pytest.approx(1.0, abs=1e-3)


def test_when_everything_is_hidden_nothing_is_shown():
    prediction, vectors = random_prediction(3)

    found = rank(prediction, vectors, 10, torch.arange(30).repeat(4, 1))

    assert not found.probability.any()


def test_equal_items_stand_in_the_catalogues_order_also_at_the_end_of_the_list():
    prediction, vectors = random_prediction(4, items=3000, gate=0.0)
    alike = torch.cat([vectors[:3], vectors[3:4].expand(2997, -1)])
    prediction.z[:] = 0
    prediction.popularity[:] = 0
    prediction.own_bias[:] = torch.cat([torch.ones(3), torch.zeros(2997)])

    found = rank(prediction, alike, 50, NOTHING)

    assert found.position.tolist() == [list(range(50))] * 4


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    return FakePredictor(shop(tmp_path_factory.mktemp("shop") / "log", users=20, items=40, events=200))


def test_the_table_ranks_each_user_from_one_and_leaves_seen_items_out_on_demand(predictor):
    everything = recommend_table(predictor, 100, exclude_seen=False)
    unseen = recommend_table(predictor, 100, exclude_seen=True)

    assert list(unseen.columns) == ["user_id", "item_id", "rank", "score"]
    seen = {
        (str(predictor.dataset.user_ids[user]), str(predictor.dataset.item_ids[item]))
        for user in predictor.users
        for item in predictor.history(int(user)).item
    }
    assert not seen & set(zip(unseen["user_id"], unseen["item_id"], strict=True))
    assert seen <= set(zip(everything["user_id"], everything["item_id"], strict=True))
    for table in (everything, unseen):
        assert table.groupby("user_id")["score"].sum().to_numpy() == pytest.approx(1.0, abs=1e-4)
        for _, rows in table.groupby("user_id"):
            assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
            assert rows["score"].is_monotonic_decreasing


def test_blocked_items_are_shown_to_nobody(predictor):
    blocked = [int(predictor.candidates[0]), int(predictor.candidates[5])]

    table = recommend_table(predictor, 100, exclude_seen=False, blocked=blocked)

    assert not set(table["item_id"]) & set(predictor.dataset.item_ids[blocked])
    assert table.groupby("user_id")["score"].sum().to_numpy() == pytest.approx(1.0, abs=1e-4)


def test_blocking_an_item_that_is_no_candidate_changes_nothing(tmp_path):
    rows = [("a", "x", "2024-01-01"), ("b", "y", "2024-01-02"), ("a", "late", "2024-03-20")]
    log = make_dataset(tmp_path / "log", pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))
    predictor = FakePredictor(log, horizon=2)

    table = recommend_table(predictor, 5, blocked=[log.item_index("late")])

    pd.testing.assert_frame_equal(table, recommend_table(predictor, 5))
    assert set(table["item_id"]) == {"x", "y"}


def test_an_item_that_is_listed_but_was_never_taken_can_be_recommended(tmp_path):
    rows = [("a", "x", "2024-01-01"), ("b", "y", "2024-01-02"), ("a", "y", "2024-03-20")]
    items = pd.DataFrame({"item_id": ["x", "y", "unsold"], "title": ["one", "two", "three"]})
    log = make_dataset(tmp_path / "log", pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items=items)

    table = recommend_table(FakePredictor(log, horizon=2), 5)

    assert "unsold" in set(table[table["user_id"] == "a"]["item_id"])


def test_a_user_without_history_gets_a_ranking_and_no_error(tmp_path):
    rows = [("a", "x", "2024-01-01"), ("b", "y", "2024-01-02"), ("new", "y", "2024-03-20")]
    log = make_dataset(tmp_path / "log", pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))
    predictor = FakePredictor(log, horizon=2)

    found = rank_users(predictor, np.array([log.user_index("new")]), 5)

    assert found.probability[0].sum() == pytest.approx(1.0)


def test_fewer_than_one_item_cannot_be_asked_for(predictor):
    with pytest.raises(InvalidSettingError, match="top is 0"):
        recommend_table(predictor, 0)
