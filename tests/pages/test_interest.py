"""The Interest page: what this user will want, and how much."""

import json

import pandas as pd
import pytest

from recviz.plots.curves import user_curve
from recviz.services import forecasts
from recviz.services.chart_files import charts_page
from recviz.services.workspace import Workspace
from recviz.ui.charts import clicked_numbers
from recviz.ui.interest_saving import curve_table
from recviz.ui.interest_topic import weight_changes
from tests.pages.ready import address, charts, open_page, words


def test_the_headline_and_the_curve_show_the_exported_forecast(ready, tiny_workspace):
    settings, (dataset, run) = tiny_workspace[0], ready
    exported = forecasts.forecast_table(Workspace(settings), run)
    user = str(exported["user_id"].iloc[0])

    app = open_page("interest", dataset=dataset, run=run, user=user)

    assert not app.exception
    assert f"User {user} is likely to be active on about" in words(app)
    curve = json.loads(charts(app)[0].spec)
    expected = next(trace for trace in curve["data"] if trace.get("name") == "expected")
    mine = exported[exported["user_id"] == user]
    assert expected["customdata"] == mine["week"].tolist()
    assert expected["y"] == pytest.approx(mine["mean"].tolist())


def test_without_a_choice_the_most_active_user_is_shown(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run)

    assert not app.exception
    assert address(app, "user")
    assert "likely to be active" in words(app)


def test_every_chart_can_be_read_without_being_seen(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run)

    assert charts(app)
    assert all(chart.alt for chart in charts(app))


def test_now_has_no_dots_of_what_really_happened(ready):
    dataset, run = ready

    backtest = open_page("interest", dataset=dataset, run=run, origin="cut")
    now = open_page("interest", dataset=dataset, run=run, origin="now")

    assert "what really happened" in charts(backtest)[0].spec
    assert "what really happened" not in charts(now)[0].spec
    assert not now.exception


def test_now_says_since_when_the_model_has_learnt_nothing_and_leads_to_the_cure(ready):
    dataset, run = ready

    backtest = open_page("interest", dataset=dataset, run=run, origin="cut")
    now = open_page("interest", dataset=dataset, run=run, origin="now")
    told = words(now)
    now.button(key="interest_origin_rest").click().run()

    assert "has learnt nothing since" not in words(backtest)
    assert "has learnt nothing since" in told
    assert not now.exception
    assert "It has no backtest of its own" in words(now)


def test_an_unknown_user_in_a_link_gives_advice(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, user="<b>nobody</b>")

    assert not app.exception
    assert "There is no user" in words(app)


def test_a_typed_topic_has_a_curve_and_its_items(ready):
    dataset, run = ready
    app = open_page("interest", dataset=dataset, run=run)
    before = len(charts(app))

    app.text_input(key="interest_topic").set_value("tent").run()

    assert not app.exception
    assert len(charts(app)) == before + 1
    assert "Taken to mean" in words(app)
    assert address(app, "topic") == "tent"


def test_a_topic_that_means_nothing_here_gives_advice_and_keeps_the_page(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, topic="qqqq zzzz")

    assert not app.exception
    assert "No item matches" in words(app)
    assert charts(app)


def test_search_finds_users_by_a_part_of_their_id(ready):
    dataset, run = ready
    app = open_page("interest", dataset=dataset, run=run)

    app.text_input(key="interest_search").set_value("1000").run()

    assert not app.exception
    found = app.dataframe[0].value
    assert len(found)
    assert found["user_id"].str.contains("1000").all()


def test_only_points_that_carry_a_number_ask_why():
    def clicked(*points):
        return clicked_numbers({"selection": {"points": list(points)}})

    assert clicked({"x": 1, "customdata": 5}) == (5,)
    assert clicked({"x": 1, "customdata": [7, 2]}) == (7, 2)
    assert clicked({"x": 1}, {"x": 1, "customdata": []}) == ()
    assert clicked() == ()


def test_only_weights_that_were_edited_are_passed_on():
    before = pd.DataFrame({"item_id": ["a", "b", "c"], "weight": [1.0, 0.5, 0.2]})
    after = before.assign(weight=[1.0, 0.0, None])

    assert weight_changes(before, after) == {"b": 0.0, "c": 0.0}


def test_the_file_of_a_user_says_what_the_command_line_exports(ready, tiny_workspace):
    ws, (_, run) = Workspace(tiny_workspace[0]), ready
    exported = forecasts.forecast_table(ws, run)
    user = str(exported["user_id"].iloc[0])

    view = forecasts.user_view(ws, run, user)
    table = curve_table(view)

    activity = table[table["of"] == "activity"]
    mine = exported[exported["user_id"] == user]
    for column in ("mean", "p_active", "q10", "q90"):
        assert activity[column].tolist() == pytest.approx(mine[column].tolist())
    categories = table[table["of"] != "activity"]
    assert categories["mean"].sum() == pytest.approx(view.mean.sum() * view.depth)
    assert len(table) == len(view.mean) * (1 + len(view.categories))


def test_charts_are_one_page_that_needs_no_network_and_takes_no_markup(ready, tiny_workspace):
    ws, (_, run) = Workspace(tiny_workspace[0]), ready
    view = forecasts.user_view(ws, run, str(forecasts.forecast_table(ws, run)["user_id"].iloc[0]))

    page = charts_page("Why <b>this</b>", [user_curve(view)]).decode()

    assert "<b>" not in page.partition("<script>")[0]
    assert page.count("<figure") == 1
    assert "src=" not in page.partition("<script>")[0]
