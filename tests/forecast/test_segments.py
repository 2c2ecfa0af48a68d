"""Segments by category share and by user states, and where users are heading."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recviz.data.sequences import target_rows
from recviz.forecast.categories import Categories, remembered_categories
from recviz.forecast.cohort_users import cohort_users, for_files, who
from recviz.forecast.curves import forecast_table, volumes
from recviz.forecast.directions import DIRECTIONS, directions
from recviz.forecast.segments import find_segment, list_segments
from recviz.forecast.user_states import cluster_labels, cluster_states
from tests.forecast.fakes import FakePredictor, shop


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    return FakePredictor(shop(tmp_path_factory.mktemp("segments") / "log", users=60, events=300))


def users(recent, expected, chance):
    return pd.DataFrame({"recent_rate": [recent], "expected_rate": [expected], "p_active_horizon": [chance]})


@pytest.mark.parametrize(
    ("recent", "expected", "chance", "said"),
    [
        (1.0, 2.0, 0.9, "rises"),
        (1.0, 0.5, 0.9, "fades"),
        (1.0, 1.1, 0.9, "stays"),
        (1.0, 0.1, 0.3, "may lapse"),
        (0.0, 0.0, 0.1, "stays"),
        (0.0, 0.5, 0.9, "rises"),
        (0.01, 0.02, 0.9, "stays"),
    ],
)
def test_users_rise_fade_may_lapse_or_stay(recent, expected, chance, said):
    assert directions(users(recent, expected, chance), 13).tolist() == [said]


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 7), st.floats(0, 7), st.floats(0, 1), st.integers(1, 52))
def test_every_user_heads_exactly_one_way(recent, expected, chance, periods):
    said = directions(users(recent, expected, chance), periods)[0]

    assert said in DIRECTIONS
    if said == "rises":
        assert expected > recent
    if said in {"fades", "may lapse"}:
        assert recent > 0


def test_a_category_makes_half_of_the_past_of_the_users_in_its_segment(predictor):
    labels, code = remembered_categories(predictor).labels, remembered_categories(predictor).code
    user, rows = target_rows(predictor.view, predictor.dataset.target_kinds)
    category = code[np.asarray(predictor.dataset.store.item)[rows]]

    segments = [segment for segment in list_segments(predictor) if segment.group == "Category share"]

    assert sum(len(segment) for segment in segments) == len(predictor.users)
    for segment in segments:
        for row in segment.rows:
            own = np.bincount(category[user == predictor.users[row]], minlength=len(labels))
            share = own / max(own.sum(), 1)
            name = segment.key.partition("=")[2]
            assert share[labels.index(name)] >= 0.5 if name else share.max() < 0.5


def test_users_are_parted_by_states_that_lie_apart():
    draw = np.random.default_rng(0)
    directions_ = np.eye(8)[:3]
    truth = np.repeat([0, 1, 2], [50, 30, 20])
    states = directions_[truth] + 0.05 * draw.normal(size=(100, 8)) + 5.0

    code = cluster_states(states)

    sizes = np.bincount(code)
    assert (np.diff(sizes) <= 0).all()
    for cluster in range(len(sizes)):
        assert len({*truth[code == cluster]}) == 1


def test_the_order_of_users_parts_nobody():
    draw = np.random.default_rng(0)
    states, order = draw.normal(size=(300, 8)), draw.permutation(300)

    code, shuffled = cluster_states(states), cluster_states(states[order])

    together, again = code[order][:, None] == code[order], shuffled[:, None] == shuffled
    assert (together == again).all()


def test_states_are_of_unit_length_and_too_few_users_make_no_clusters(predictor):
    states = volumes(predictor).states

    assert np.linalg.norm(states, axis=1) == pytest.approx(np.ones(len(predictor.users)))
    assert not cluster_states(states[:19]).any()


def test_clusters_are_named_by_what_stands_out():
    mix = np.array([[9.0, 1.0], [8.0, 2.0], [1.0, 9.0], [1.0, 9.0]])
    categories = Categories(labels=("Tents", "Mugs"), code=np.zeros(1, np.int64), source="log")

    labels = cluster_labels(np.array([0, 0, 1, 1]), np.array([9.0, 9.0, 1.0, 1.0]), mix, categories)

    assert labels == ("often, more Tents", "seldom, more Mugs")


def test_the_users_of_a_segment_have_the_exported_forecasts_numbers(predictor):
    segment = find_segment(predictor, "activity:4")

    table = cohort_users(predictor, segment)

    exported = forecast_table(predictor)
    assert {*table["user_id"]} == {*predictor.dataset.user_ids[predictor.users[segment.rows]]}
    first = table.iloc[0]
    mine = exported[exported["user_id"] == first["user_id"]]
    assert first["curve"] == pytest.approx(mine["mean"].tolist())
    assert first["expected"] == pytest.approx(mine["mean"].sum())
    assert table["change"].abs().is_monotonic_decreasing


def test_a_file_has_a_column_a_period_and_no_lists(predictor):
    table = cohort_users(predictor, find_segment(predictor, "all"))

    flat = for_files(table)

    assert flat["expected_1"].tolist() == [curve[0] for curve in table["curve"]]
    assert flat[[f"expected_{k}" for k in range(1, 7)]].sum(axis=1).tolist() == pytest.approx(
        table["expected"].tolist()
    )
    assert not {"past", "curve"} & {*flat.columns}
    assert len(for_files(table.iloc[:0])) == 0


def test_those_who_head_one_way_are_the_ones_of_the_table(predictor):
    segment = find_segment(predictor, "all")
    table = cohort_users(predictor, segment).set_index("user_id")["direction"]

    for direction in DIRECTIONS:
        ids = predictor.dataset.user_ids[who(predictor, segment, direction)]
        assert {*ids} == {*table.index[table == direction]}
    assert len(who(predictor, segment, None)) == len(table)


def test_everybody_is_found_without_clustering_anybody(predictor, monkeypatch):
    def refused(_states):
        raise AssertionError("users were clustered")

    monkeypatch.setattr("recviz.forecast.segments.cluster_states", refused)
    fresh = FakePredictor(predictor.dataset)

    assert len(find_segment(fresh, "all")) == len(fresh.users)
