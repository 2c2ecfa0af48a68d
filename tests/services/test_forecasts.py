"""What pages show and what commands write come from the same services: every number must agree (CONTRACT, 8)."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recviz.errors import InvalidSettingError, NotFoundError, UnsupportedError
from recviz.model.config import RunConfig
from recviz.services import forecasts, recommendations
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset

RUN = "run"


def workspace(dataset, **how):
    opened = {origin: FakePredictor(dataset, origin, **how) for origin in ("cut", "now")}
    folder = dataset.folder.parent
    return SimpleNamespace(
        predictor=lambda run, origin: opened[origin] if run == RUN else None,
        run_folder=lambda _run: folder,
        run_config=lambda _run: RunConfig(),
        opened=opened,
    )


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    dataset = shop(tmp_path_factory.mktemp("shop") / "log", users=20, items=30, events=240, value=2.0)
    return workspace(dataset)


@pytest.mark.parametrize("origin", ["cut", "now"])
def test_a_users_page_shows_what_the_export_holds(ws, origin):
    table = forecasts.forecast_table(ws, RUN, origin).set_index("user_id")

    for user in table.index.unique():
        view = forecasts.user_view(ws, RUN, user, origin)
        assert np.array_equal(table.loc[user, "mean"], view.mean)
        assert np.array_equal(table.loc[user, "q90"], view.bands[:, 5])
        assert (table.loc[user, "p_active_horizon"] == view.p_active_horizon).all()


def test_lists_and_cohorts_add_up_to_the_export(ws):
    table = forecasts.forecast_table(ws, RUN)

    lists, everybody = forecasts.user_lists(ws, RUN), forecasts.cohort(ws, RUN, "all")

    assert lists.frame["expected"].sum() == pytest.approx(table["mean"].sum())
    assert everybody.mean == pytest.approx(table.groupby("week")["mean"].sum().to_numpy())
    assert "all" in {segment.key for segment in forecasts.segments(ws, RUN)}


def test_a_topics_page_shows_what_the_export_holds_and_edits_move_both(ws):
    user = str(ws.opened["cut"].dataset.user_ids[ws.opened["cut"].users[0]])
    for weights in (None, {"i1": 0.0, "i4": 1.0}):
        view = forecasts.topic(ws, RUN, user, "garden spade", weights=weights)
        table = forecasts.topic_table(ws, RUN, "garden spade", weights=weights)

        assert table[table["user_id"] == user]["mean"].to_numpy() == pytest.approx(view.mean, rel=1e-6)


@pytest.mark.parametrize("exclude_seen", [True, False])
def test_a_users_recommendations_are_those_of_the_export(ws, exclude_seen):
    table = recommendations.recommend_table(ws, RUN, 7, exclude_seen=exclude_seen)

    for user in table["user_id"].unique():
        shown = recommendations.recommend_user(ws, RUN, user, top=7, exclude_seen=exclude_seen)
        rows = table[table["user_id"] == user]
        assert [item.item_id for item in shown] == rows["item_id"].tolist()
        assert [item.probability for item in shown] == pytest.approx(rows["score"].tolist(), rel=1e-5)
        assert [item.rank for item in shown] == rows["rank"].tolist()
        assert any(item.seen for item in shown) <= (not exclude_seen)


def test_newcomers_are_ranked_among_each_other(tmp_path):
    rows = [("a", "x", "2024-01-01"), ("b", "y", "2024-01-02"), ("a", "y", "2024-01-03"), ("b", "late", "2024-03-20")]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    items = pd.DataFrame({"item_id": ["x", "y", "late", "never"]}).assign(title=lambda table: table["item_id"])
    ws = workspace(make_dataset(tmp_path / "log", events, items=items))

    table = recommendations.recommend_table(ws, RUN, 7, newcomers=True)

    assert {user: sorted(rows["item_id"]) for user, rows in table.groupby("user_id")} == {
        "a": ["late", "never"], "b": ["late", "never"]
    }  # fmt: skip
    assert table.groupby("user_id")["score"].sum().to_numpy() == pytest.approx(1.0, abs=1e-5)
    assert recommendations.has_newcomers(ws, RUN)
    for user, rows in table.groupby("user_id"):
        shown = recommendations.recommend_user(ws, RUN, user, newcomers=True)
        assert [item.item_id for item in shown] == rows["item_id"].tolist()
        assert [item.probability for item in shown] == pytest.approx(rows["score"].tolist(), rel=1e-5)


def test_where_everything_has_been_had_there_are_no_newcomers(ws):
    with pytest.raises(InvalidSettingError, match="has been had before"):
        recommendations.recommend_table(ws, RUN, 7, newcomers=True)
    assert not recommendations.has_newcomers(ws, RUN)


def test_a_recommendation_carries_title_category_value_and_long_term_effect(ws):
    user = str(ws.opened["cut"].dataset.user_ids[ws.opened["cut"].users[0]])

    first = recommendations.recommend_user(ws, RUN, user)[0]

    kind = {"red tea cup": "kitchen", "garden spade": "garden", "wool scarf": "clothes"}
    assert first.category == kind[first.title.rsplit(" ", 1)[0]]
    assert isinstance(first.value, float)
    assert isinstance(first.effect, float)


def test_an_order_only_log_is_ranked_without_value_and_effect_and_has_no_curves(tmp_path):
    rows = [("a", "x", 0), ("a", "y", 1), ("a", "z", 2), ("b", "z", 0), ("b", "x", 1)]
    ws = workspace(make_dataset(tmp_path / "log", pd.DataFrame(rows, columns=["user_id", "item_id", "seq_pos"])))

    shown = recommendations.recommend_user(ws, RUN, "b", exclude_seen=False)

    assert shown
    assert {(item.value, item.effect) for item in shown} == {(None, None)}
    for answer in (forecasts.forecast_table, forecasts.user_lists, forecasts.segments):
        with pytest.raises(UnsupportedError, match="order only"):
            answer(ws, RUN)
    with pytest.raises(UnsupportedError, match="order only"):
        forecasts.topic(ws, RUN, "b", "x")


def test_unknown_users_and_items_are_told(ws):
    with pytest.raises(NotFoundError, match="no user 'nobody'"):
        forecasts.user_view(ws, RUN, "nobody")
    with pytest.raises(NotFoundError, match="no item 'nothing'"):
        recommendations.recommend_table(ws, RUN, 5, blocked=["nothing"])
