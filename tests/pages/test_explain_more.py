"""Below the answer of the Explain page: trust, what-ifs, evidence, many users, files."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from recviz.explain.targets import Target
from recviz.explain.trust import Interval
from recviz.plots.why import badge_sentence
from recviz.services import explanations, what_ifs
from recviz.services.item_search import items_called
from recviz.services.recommendations import recommend_user
from recviz.services.what_ifs import AddedEvent, EditedEvent, Supposed
from recviz.services.workspace import Workspace
from recviz.ui.explain_edit import Facts, changes, past_table
from recviz.ui.explain_export import numbers_table
from recviz.ui.explain_trust import figures_html
from recviz.ui.explain_whatif import supposed_words
from recviz.ui.explain_without import gone_html
from tests.pages.ready import charts, open_page, settled, words
from tests.plots.samples import explanation

SEVEN_ELEVENTHS = 622
"""Pixels of that part of the page in a window of 1440."""
FACTS = Facts(has_times=True, kinds=("event",), has_values=True, reads_titles=True)


@pytest.fixture
def explain(ready):
    """Open the page at one of its tabs."""

    def opened(tab: str, key: str = "item_", user: str = "10004", **asked: str):
        dataset, run = ready
        app = open_page("explain", dataset=dataset, run=run, user=user, **asked)
        app.session_state[f"explain_tab_{key}"] = tab
        return app.run()

    return opened


@pytest.fixture
def ws(tiny_workspace):
    return Workspace(tiny_workspace[0])


def first_item(ws: Workspace, run: str, user: str) -> str:
    return recommend_user(ws, run, user, exclude_seen=True)[0].item_id


def test_trust_is_told_with_intervals_under_both_ways_of_taking_events_away(explain):
    app = settled(explain("How far to trust it"))

    said = words(app)
    assert not app.exception
    assert "add up" in said
    assert said.count(">taken out of the log<") == said.count(">left as events of no item<") == 2
    assert "events by leave-one-out" in said
    assert "a history without the event that matters least" in said
    assert "a model with shuffled weights" in said


def test_a_bad_figure_is_called_so():
    trust = replace(explanation().trust, comprehensiveness=Interval(-0.4, -0.5, -0.3), sufficiency=None)

    markup = figures_html(replace(explanation(), trust=trust))

    assert "worse than chance" in markup
    assert "too few events" in markup


def test_a_badge_that_neutral_events_took_down_says_so_beside_its_figures():
    found = explanation()
    weak = replace(
        found, trust=replace(found.trust, badge="weak", neutral_comprehensiveness=Interval(-0.4, -0.5, -0.3))
    )

    assert "those named first count for less than random ones" in badge_sentence(weak)
    assert "count for less" in badge_sentence(replace(weak, unit="active days"))
    assert "count for less" not in badge_sentence(found)


def test_figures_of_a_low_number_say_that_it_rises_without_its_reasons():
    low = explanation(target=Target(what="effect", name="i"), score=-0.2, unit="active days")

    assert "raises it further" in figures_html(low)
    assert "raises it further" not in figures_html(replace(low, score=0.2))


def test_an_added_event_shows_recommendations_and_curves_before_and_after(explain, ready, ws):
    app = explain("What if")
    assert "D MMM YYYY" in app.dataframe[-1].proto.columns  # days of past events, as they read elsewhere
    item = app.multiselect[0].options[0]
    ids = items_called(ws, ready[1], item)

    app.multiselect[0].select(item).run()

    expected = what_ifs.what_if(ws, ready[1], "10004", add=[AddedEvent(item_id=next(iter(ids)))])
    assert not app.exception
    assert "1 event added" in words(app)
    assert any("Expected active days over the horizon" in chart.alt for chart in charts(app))
    shown = app.dataframe[-1].value
    assert shown["after"].tolist() == pytest.approx((100 * expected.recommendations["after"]).tolist())


def test_another_day_and_another_title_are_worked_out_at_once(explain):
    app = explain("What if")
    title = next(one for one in app.text_input if "Title" in one.label)

    app.date_input[0].set_value(app.date_input[0].value - pd.Timedelta(days=14))
    title.set_value("Something else altogether").run()

    assert not app.exception
    assert "Another day, another title" in words(app)
    assert "instead of" in words(app)


def test_a_typed_word_finds_items_to_add(explain):
    app = explain("What if")

    app.text_input(key="explain_find").set_value("lantern").run()

    assert not app.exception
    assert "Paper lantern" in app.multiselect[0].options


def user_whose_past_decides(ws: Workspace, run: str, *, decides: bool) -> str:
    """Return the first user whose first recommendation falls, or does not fall, without some past events."""
    predictor = ws.predictor(run, "cut")
    users = (str(predictor.dataset.user_ids[user]) for user in predictor.users)
    return next(
        user
        for user in users
        if what_ifs.what_it_would_take(ws, run, user, first_item(ws, run, user), places=1).exists == decides
    )


@pytest.mark.parametrize(("decides", "said"), [(True, "Without"), (False, "Nothing in the past decides this")])
def test_without_which_events_it_would_not_be_recommended(explain, ready, ws, decides, said):
    user = user_whose_past_decides(ws, ready[1], decides=decides)

    app = explain("Without which", user=user)
    app.number_input(key="explain_places").set_value(1).run()

    assert not app.exception
    assert said in words(app)


def test_events_are_switched_off_for_their_user_alone(explain, ready, ws):
    gone = what_ifs.what_it_would_take(ws, ready[1], "10013", first_item(ws, ready[1], "10013"), places=1).positions
    app = explain("Without which", user="10013")
    app.number_input(key="explain_places").set_value(1).run()

    next(button for button in app.button if "Switch them off" in button.label).click().run()

    assert not app.exception
    assert app.session_state["explain_tab_item_"] == "What if"
    assert len(gone) >= 1
    off = supposed_words(Supposed(off=tuple(gone)))
    assert off in words(app)
    app.session_state["recviz"] = replace(app.session_state["recviz"], user="10008", item="")
    app.run()
    assert not app.exception
    assert off not in words(app)


def test_evidence_names_users_in_a_like_state_and_near_items(explain, ready, ws):
    app = explain("Evidence", item="T000", key="item_")

    found = explanations.evidence(ws, ready[1], "10004", "T000")
    assert not app.exception
    tables = [one.value for one in app.dataframe]
    assert tables[1]["user"].tolist() == [one.user_id for one in found.similar]
    assert tables[2]["title"].tolist() == [one.title for one in found.near_in_text]
    assert f"{sum(one.took_item for one in found.similar)} of the 10 users" in words(app)


def test_words_that_drive_many_users_are_summed_beside_the_page(explain):
    app = explain("Many users")
    app.number_input(key="explain_drivers_most").set_value(3).run()

    app.button(key="explain_drivers_begin").click().run()
    settled(app, "drivers")

    assert not app.exception
    assert "Over 3 users" in words(app)
    assert sum("In the" in chart.alt for chart in charts(app)) == 2


def test_a_user_is_put_beside_a_cohort(explain):
    app = explain("Against the cohort", "item_cohort", against="cohort:activity:1")

    settled(app, "cohort")

    assert not app.exception
    assert "typical number" in words(app) or "on average" in words(app)
    assert any("The user, against" in chart.alt for chart in charts(app))


def test_a_point_of_a_users_curve_is_put_beside_a_cohorts(explain, ready, ws):
    """Catches: the item's chance compared where a week was asked; rows that leave a part of the difference unsaid."""
    app = explain("Against the cohort", "point_cohort", of="activity:2", against="cohort:all")

    settled(app, "cohort")

    found = app.session_state["recviz_explain_live_cohort"][1].latest
    user = explanations.explain_curve(ws, ready[1], "10004", k=2)
    assert not app.exception
    assert found.score == pytest.approx(user.score)
    assert sum(row.difference for row in found.rows) == pytest.approx(found.difference)
    assert any("The user, against" in chart.alt for chart in charts(app))


def test_the_files_hold_the_numbers_of_the_page_and_the_link_reopens_it(explain, ready):
    app = settled(explain("Numbers and files", of="activity:2", key="point_", method="shapley.partition.zero"))
    app.session_state["explain_tab_point_"] = "Numbers and files"
    app.run()

    link = app.code[0].value
    assert not app.exception
    for part in ("user=10004", "of=activity%3A2", "method=shapley.partition.zero", "level=word", f"run={ready[1]}"):
        assert part in link
    assert [button.label for button in app.get("download_button")] == ["Page (HTML)", "Parquet", "JSON", "CSV"]
    by_word, parts = (one.value for one in app.dataframe[-2:])
    events = parts[parts["part"] == "event"]["attribution"].sum()
    assert by_word["value"].sum() == pytest.approx(events)
    table = json.loads(app.dataframe[-1].proto.columns)
    assert table["time"]["type_config"]["format"] == "D MMM YYYY"
    assert sum(column.get("width", 0) for column in table.values()) <= SEVEN_ELEVENTHS


def test_times_of_the_numbers_are_times_and_places_of_an_order_stay_as_they_are():
    frame = explanation().to_frame()

    timed, ordered = numbers_table(frame), numbers_table(frame.assign(time="3"))

    assert timed["time"].dropna().unique().tolist() == [pd.Timestamp("2011-09-01", tz="UTC")]
    assert ordered["time"].unique().tolist() == ["3"]


def test_an_edited_row_is_read_as_an_edit_and_a_switch_as_off():
    events = [one for one in explanation().events if not one.is_group]
    before = past_table(events, (), FACTS)
    after = before.copy()
    after.loc[0, "when"] = date(2011, 8, 31)
    after.loc[0, "number"] = 4.0
    after.loc[1, "on"] = False

    off, edit = changes(events, before, after, "2011-09-10T00:00:00+00:00", FACTS)

    assert off == [6]
    assert edit == [EditedEvent(position=5, days_before_origin=10.0, value=4.0)]


def test_an_untouched_table_supposes_nothing():
    events = [one for one in explanation().events if not one.is_group]
    table = past_table(events, (), FACTS)

    assert changes(events, table, table.copy(), "2011-09-10T00:00:00+00:00", FACTS) == ([], [])
    assert past_table(events, (5,), FACTS)["on"].tolist() == [False, True]


def test_what_is_otherwise_is_said():
    supposed = Supposed(off=(1, 2), add=(AddedEvent(item_id="a"),), titles={"a": "b"})

    assert supposed_words(supposed) == "2 events off, 1 event added, another title"


def test_titles_of_events_that_have_to_go_are_escaped_and_many_fold():
    event = explanation().events[2]

    markup = gone_html([replace(event, positions=(at,)) for at in range(11)], "nats")

    assert "<script" not in markup
    assert "3 more events" in markup
    assert markup.count("<li") == 11
