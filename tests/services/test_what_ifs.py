"""What-if by run id, on a predictor whose answers are known by hand."""

import pandas as pd
import pytest

from recviz.errors import InvalidSettingError, NotFoundError
from recviz.services.explanations import explain_curve, explain_recommendation
from recviz.services.what_ifs import AddedEvent, EditedEvent, Supposed, suppose, what_if, what_it_would_take


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


def test_an_edited_event_and_another_title_change_what_is_recommended(ws):
    edited = suppose(
        ws, "r", "001", Supposed(edit=[EditedEvent(position=0, item_id="i5", days_before_origin=1)]), "now"
    )
    renamed = suppose(ws, "r", "001", Supposed(titles={"i3": "wool cup"}), "now")

    assert edited.total_after != pytest.approx(edited.total_before)
    changed = renamed.recommendations.set_index("item_id")
    assert changed.loc["i3", "after"] != pytest.approx(changed.loc["i3", "before"])
    assert renamed.total_after == renamed.total_before
    assert renamed.categories["after"].tolist() != renamed.categories["before"].tolist()
    assert renamed.categories["after"].sum() == pytest.approx(renamed.categories["before"].sum(), rel=1e-5)


def test_from_an_earlier_day_the_later_events_have_not_happened(ws, predictor):
    history = predictor.history(predictor.dataset.user_index("001"))

    result = suppose(ws, "r", "001", Supposed(moved_to="2024-01-20"), "now")

    assert result.instant_after == "2024-01-20T00:00:00+00:00"
    expected = predictor.predict([history.take(slice(0, 3))]).mu.sum()
    assert result.total_after == pytest.approx(float(expected), rel=1e-5)
    assert result.total_before != pytest.approx(result.total_after)


def test_a_moment_that_is_none_is_refused(ws):
    with pytest.raises(InvalidSettingError, match="is no moment"):
        suppose(ws, "r", "001", Supposed(moved_to="soon"), "now")


def test_what_it_would_take_names_events_by_their_places(ws, predictor):
    first = what_if(ws, "r", "001", "now").recommendations["item_id"].iloc[0]

    found = what_it_would_take(ws, "r", "001", first, "now", places=3)

    assert found.rank == 1
    assert predictor.dataset.item_ids[found.item] == first
    assert all(0 <= position < 7 for position in found.positions)
