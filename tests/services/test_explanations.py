"""Explanations and what-if by run id, on a predictor whose answers are known by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from recviz.errors import InvalidSettingError, NotFoundError
from recviz.services.explanations import AddedEvent, explain_curve, explain_recommendation, look_into, what_if
from tests.explain.linear import LinearPredictor
from tests.logs import make_dataset


@pytest.fixture
def predictor(tmp_path) -> LinearPredictor:
    events = [
        {
            "user_id": user,
            "item_id": f"i{(at + shift) % 6}",
            "timestamp": pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * at),
            "kind": "buy",
            "value": 1.0 + at % 3,
            "title": f"{['red', 'blue', 'oak', 'tin', 'wool', 'tea'][(at + shift) % 6]} cup",
            "category": "ab"[(at + shift) % 2],
        }
        for user, shift in (("001", 0), ("1", 3))
        for at in range(7)
    ]
    return LinearPredictor(make_dataset(tmp_path / "shop", pd.DataFrame(events)))


@pytest.fixture
def ws(predictor):
    return SimpleNamespace(predictor=lambda run, origin: predictor if (run, origin) == ("r", "now") else None)


@pytest.mark.parametrize("what", ["probability", "value", "effect"])
def test_each_number_of_a_recommendation_is_explained(ws, what):
    found = explain_recommendation(ws, "r", "001", "i3", "now", what=what)

    assert found.target.what == what
    assert sum(event.value for event in found.events) == pytest.approx(found.difference, abs=1e-9)
    assert (found.candidate is not None) == (what == "probability")


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "activity"),
        ({"k": 2}, "activity"),
        ({"category": "a"}, "category"),
        ({"category": "b", "k": 1}, "category"),
    ],
)
def test_any_point_of_a_curve_is_explained(ws, asked, what):
    found = explain_curve(ws, "r", "1", "now", **asked)

    assert (found.target.what, found.target.k) == (what, asked.get("k"))
    assert sum(event.value for event in found.events) == pytest.approx(found.difference, abs=1e-9)


def test_user_ids_that_look_alike_are_two_users(ws):
    first, second = (explain_recommendation(ws, "r", user, "i3", "now") for user in ("001", "1"))

    assert [event.item_id for event in first.events] != [event.item_id for event in second.events]


def test_a_category_and_a_topic_at_once_are_refused(ws):
    with pytest.raises(InvalidSettingError, match="Both a category and a topic"):
        explain_curve(ws, "r", "1", "now", category="a", topic="tea")


def test_more_events_are_looked_into_by_place(ws):
    first = explain_recommendation(ws, "r", "001", "i3", "now", n_detailed=1)

    more = look_into(ws, "r", first, range(7))

    assert sum(event.parts is not None for event in first.events) == 1
    assert all(event.parts is not None for event in more.events)


def test_switching_an_event_off_moves_the_curve_by_its_leave_one_out_value(ws):
    found = explain_curve(ws, "r", "001", "now")

    result = what_if(ws, "r", "001", "now", off=[2])

    change = pd.Series([result.total_before, result.total_after]).apply("log").diff().iloc[1]
    assert -change == pytest.approx(found.events[2].leave_one_out, abs=1e-4)
    assert result.categories["before"].sum() == pytest.approx(result.total_before * 1.5, rel=1e-4)


def test_an_added_event_has_the_long_term_effect_of_its_item(ws):
    effect = explain_recommendation(ws, "r", "001", "i3", "now", what="effect", n_detailed=0).score

    result = what_if(ws, "r", "001", "now", add=[AddedEvent(item_id="i3")])

    assert result.total_after - result.total_before == pytest.approx(effect, rel=1e-4)


def test_nothing_changed_changes_nothing(ws):
    result = what_if(ws, "r", "001", "now")

    assert result.recommendations["before"].tolist() == pytest.approx(result.recommendations["after"].tolist())
    assert result.recommendations["rank_after"].tolist() == list(range(1, 7))
    assert result.recommendations["before"].sum() == pytest.approx(1, abs=1e-5)


def test_an_unknown_kind_is_refused_with_those_that_there_are(ws):
    with pytest.raises(NotFoundError, match="Use one of buy"):
        what_if(ws, "r", "001", "now", add=[AddedEvent(item_id="i3", kind="rent")])
