"""The Explain page: why this."""

import pytest

from recviz.errors import NotFoundError
from recviz.services import recommendations, what_ifs
from recviz.services.workspace import Workspace
from recviz.ui.explain_events import events_html, places_for, shown_events, sums_html, sums_of
from recviz.ui.explain_target import Point, read_point
from recviz.ui.explain_whatif import switched_off, switches_table
from tests.pages.ready import address, charts, open_page, words
from tests.plots.samples import explanation


def test_the_first_recommendation_is_explained_and_the_link_names_it(ready, tiny_workspace):
    settings, (dataset, run) = tiny_workspace[0], ready
    best = recommendations.recommend_user(Workspace(settings), run, "10004")[0]

    app = open_page("explain", dataset=dataset, run=run, user="10004")

    assert not app.exception
    assert "is first for user 10004" in words(app)
    assert "past event" in words(app)
    assert address(app, "item") == best.item_id
    assert app.dataframe[0].value["probability"].iloc[0] == pytest.approx(100 * best.probability)


def test_markup_in_a_title_is_shown_and_never_run(ready):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10000", item="T004", level="event")

    assert not app.exception
    assert "<b>bag</b>" not in words(app)
    assert "bag\\<" in words(app)


def test_a_point_of_a_curve_is_explained(ready):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10004", of="category:2:Tents")

    assert not app.exception
    assert "interest in “Tents” in week 2" in words(app)
    assert app.selectbox(key="explain_when").value == 2


@pytest.mark.parametrize("level", ["token", "event", "category"])
def test_every_level_has_its_own_view(ready, level):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10004", level=level)

    assert not app.exception
    assert bool(charts(app)) == (level == "category")


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "nobody"},
        {"item": "no-such-item"},
        {"of": "nonsense"},
        {"of": "category:1:No such"},
        {"of": "activity:99"},
    ],
)
def test_a_link_to_what_is_not_there_gives_advice(ready, wrong):
    dataset, run = ready

    app = open_page("explain", **{"dataset": dataset, "run": run, "user": "10004", **wrong})

    assert not app.exception
    assert "Where" in words(app)


def test_events_are_looked_into_further_on_demand(ready):
    dataset, run = ready
    app = open_page("explain", dataset=dataset, run=run, user="10004")
    covered = [caption.value for caption in app.caption if "of all effects" in caption.value]

    app.button(key="explain_more").click().run()

    assert not app.exception
    assert [caption.value for caption in app.caption if "of all effects" in caption.value] != covered


def test_adding_an_event_shows_before_and_after(ready, tiny_workspace):
    settings, (dataset, run) = tiny_workspace[0], ready
    app = open_page("explain", dataset=dataset, run=run, user="10004")
    item = recommendations.recommend_user(Workspace(settings), run, "10004", exclude_seen=False)[0].item_id

    app.selectbox(key="explain_added").set_value(item).run()

    expected = what_ifs.what_if(Workspace(settings), run, "10004", add=[what_ifs.AddedEvent(item_id=item)])
    assert not app.exception
    assert any("Expected active days over the horizon" in chart.alt for chart in charts(app))
    assert app.dataframe[-1].value is not None
    assert len(expected.recommendations)


@pytest.mark.parametrize(
    "point",
    [Point(), Point(k=3), Point(k=1, category="a:b"), Point(category="Garden"), Point(k=12, topic="tents: big")],
)
def test_a_point_survives_the_address(point):
    assert read_point(str(point)) == point


@pytest.mark.parametrize("text", ["activity", "activity:0x1", "category:1", "topic:all:", "sums:1:a", "activity:1:x"])
def test_an_address_that_names_no_point_is_refused(text):
    with pytest.raises(NotFoundError, match="no point of a curve"):
        read_point(text)


def test_rows_others_and_whole_add_up():
    found = explanation()
    shown = shown_events(found, "word")[:2]

    sums = sums_of(found, shown)

    assert sum(event.value for event in shown) + sums.others == pytest.approx(sum(e.value for e in found.events))
    assert sums.n_others == sum(len(event.positions) for event in found.events) - 2
    assert sums.parts["words"] == pytest.approx(0.3)
    assert sums.total == pytest.approx(found.difference)


def test_titles_in_rows_are_escaped_and_bars_have_the_colour_of_their_sign():
    markup = events_html(explanation(), "event")

    assert "<script" not in markup
    assert "&lt;script&gt;" in markup
    assert "right:50%" in markup
    assert "left:50%" in markup


def test_faint_words_stay_faint_beside_strong_events():
    strong = events_html(explanation(word=0.3), "word")
    faint = events_html(explanation(word=0.003), "word")

    assert ",0.62)" in strong
    assert ",0.62)" not in faint


def test_the_sums_line_says_how_well_it_adds_up():
    found = explanation()

    markup = sums_html(sums_of(found, shown_events(found, "event")), "nats", "adds up within 0.3 %", places_for(0.5))

    assert "adds up within 0.3 %" in markup
    assert "+0.60" in markup


def test_switching_a_group_off_switches_all_its_events():
    events = explanation().ranked()
    table = switches_table(events)
    group = next(place for place, event in enumerate(events) if event.is_group)

    off = switched_off(events, table.assign(on=[place != group for place in range(len(events))]))

    assert off == list(events[group].positions)
