"""The Explain page: why this."""

import math
from dataclasses import replace

import pytest

from recviz.errors import NotFoundError
from recviz.explain.explainer import How
from recviz.plots.formats import share, signed
from recviz.services import explanations, recommendations
from recviz.services.workspace import Workspace
from recviz.ui.explain_events import events_html, others_html, places_for, shown_events, sums_html, sums_of
from recviz.ui.explain_how import BASELINES, EVENTS, WORDS, read_how, write_how
from recviz.ui.explain_target import Against, ItemNumber, Point, read_against, read_asked, read_point
from recviz.ui.formats import literal
from tests.pages.ready import address, charts, open_page, settled, words
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


@pytest.mark.parametrize(
    ("of", "asked", "headline"),
    [
        ("activity:all", {}, "activity over the whole horizon"),
        ("activity:2", {"k": 2}, "activity in week 2"),
        ("category:all:Mugs", {"category": "Mugs"}, "interest in \u201cMugs\u201d over the whole horizon"),
        ("topic:all:tent", {"topic": "tent"}, "interest in \u201ctent\u201d over the whole horizon"),
        ("topic:3:tent", {"topic": "tent", "k": 3}, "interest in \u201ctent\u201d in week 3"),
    ],
)
def test_each_sort_of_point_shows_the_numbers_of_its_own_explanation(ready, tiny_workspace, of, asked, headline):
    """Catches: another week, topic or category explained than the one that the headline names."""
    settings, (dataset, run) = tiny_workspace[0], ready
    found = explanations.explain_curve(Workspace(settings), run, "10004", **asked)

    app = open_page("explain", dataset=dataset, run=run, user="10004", of=of, level="event")

    assert not app.exception
    said = words(app)
    shown = shown_events(found, "event")
    places = places_for(max(abs(event.value) for event in shown))
    assert headline in said
    assert shown
    assert all(signed(event.value, places) in said for event in shown)
    assert signed(found.difference, places) in said


def test_a_contrast_of_weeks_shows_the_difference_of_the_two(ready, tiny_workspace):
    """Catches: one week explained alone under a headline that names two."""
    settings, (dataset, run) = tiny_workspace[0], ready
    ws = Workspace(settings)
    both = explanations.explain_curve(ws, run, "10004", k=6, against_k=1)
    alone = [explanations.explain_curve(ws, run, "10004", k=k) for k in (6, 1)]

    app = open_page(
        "explain", dataset=dataset, run=run, user="10004", of="activity:6", against="period:1", level="event"
    )

    assert both.difference == pytest.approx(alone[0].difference - alone[1].difference, abs=1e-5)
    places = places_for(max(abs(event.value) for event in shown_events(both, "event")))
    assert all(signed(event.value, places) in words(app) for event in shown_events(both, "event"))
    assert signed(both.difference, places) in words(app)


@pytest.mark.parametrize("level", ["token", "field", "event", "category", "time"])
def test_every_level_has_its_own_view(ready, level):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10004", level=level)

    assert not app.exception
    assert bool(charts(app)) == (level in {"category", "time"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "nobody"},
        {"item": "no-such-item"},
        {"of": "nonsense"},
        {"of": "category:1:No such"},
        {"of": "activity:99"},
        {"of": "probability:99"},
        {"against": "nonsense"},
        {"against": "item:no-such-item"},
        {"against": "cohort:no-such-cohort"},
        {"against": "period:1x", "of": "activity:2"},
        {"method": "by.magic"},
        {"method": "shapley.partition.magic"},
    ],
)
def test_a_link_to_what_is_not_there_gives_advice(ready, wrong):
    dataset, run = ready

    app = open_page("explain", **{"dataset": dataset, "run": run, "user": "10004", **wrong})

    assert not app.exception
    assert "Where" in words(app)


@pytest.mark.parametrize(
    "wrong",
    [
        {"of": "banana"},
        {"against": "banana"},
        {"against": "item:NOPE"},
        {"against": "cohort:NOPE"},
        {"method": "banana"},
    ],
)
def test_a_question_that_cannot_be_answered_has_a_way_out(ready, wrong):
    """Catches: advice to choose again where the choices are not drawn, and an address that keeps the page broken."""
    dataset, run = ready
    app = open_page("explain", dataset=dataset, run=run, user="10004", **wrong)
    assert "Something to put right" in words(app)

    app.button(key="explain_usual").click().run()

    assert not app.exception
    assert "Something to put right" not in words(app)
    assert "is first for user 10004" in words(app)


def test_an_unknown_user_can_be_exchanged_for_one_that_there_is(ready):
    dataset, run = ready
    app = open_page("explain", dataset=dataset, run=run, user="nobody", item="no-such-item")

    app.button(key="explain_another").click().run()

    assert "Something to put right" not in words(app)
    assert "is first for user" in words(app)


def test_a_link_carries_whether_items_seen_before_are_listed(ready):
    """Catches: a link that opens another list, and with it another place and chance of the same item."""
    dataset, run = ready
    app = open_page("explain", dataset=dataset, run=run, user="10004")

    app.toggle(key="explain_seen").set_value(True).run()
    again = open_page("explain", dataset=dataset, run=run, user="10004", seen=address(app, "seen"))
    nonsense = open_page("explain", dataset=dataset, run=run, user="10004", seen="banana")

    assert again.dataframe[0].value.equals(app.dataframe[0].value)
    assert not nonsense.toggle(key="explain_seen").value


def test_the_chance_in_the_headline_is_the_one_that_is_explained(ready, tiny_workspace):
    """Catches: the chance among the items that the list may show, beside an explanation of another number."""
    settings, (dataset, run) = tiny_workspace[0], ready
    best = recommendations.recommend_user(Workspace(settings), run, "10004")[0]
    found = explanations.explain_recommendation(Workspace(settings), run, "10004", best.item_id)

    app = open_page("explain", dataset=dataset, run=run, user="10004")

    assert math.exp(found.score) < 0.99 * best.probability
    said = "".join(one.value for one in app.caption)
    assert literal(f"{share(math.exp(found.score))} likely as the next event") in said


def test_words_of_all_events_are_read_after_the_first_answer(ready):
    """Catches: work that is begun anew at each look; a share covered that stays."""
    dataset, run = ready
    app = open_page("explain", dataset=dataset, run=run, user="10004")

    settled(app)

    assert not app.exception
    assert "of all effects" not in words(app)
    assert "A model with shuffled weights" in words(app)


def test_two_words_of_the_address_choose_methods_and_the_page_names_them(ready):
    dataset, run = ready

    app = open_page(
        "explain", dataset=dataset, run=run, user="10004", method="leave-one-out.word-occlusion.mean", level="word"
    )

    assert not app.exception
    assert app.radio(key="explain_by_events").value == "leave-one-out"
    assert app.radio(key="explain_by_words").value == "word occlusion"
    app.radio(key="explain_by_baseline").set_value("zero").run()
    assert address(app, "method") == "leave-one-out.word-occlusion.zero"


def test_an_item_is_explained_against_another(ready, tiny_workspace):
    settings, (dataset, run) = tiny_workspace[0], ready
    first, *_, last = recommendations.recommend_user(Workspace(settings), run, "10004")

    app = open_page("explain", dataset=dataset, run=run, user="10004", against=f"item:{last.item_id}")

    assert not app.exception
    assert "is above" in words(app)
    assert f"for “{last.title}”" in words(app)
    app.selectbox(key="explain_against").set_value("").run()
    assert "against" not in app.query_params
    assert f"“{first.title}” is first" in words(app).replace("\\", "")


def test_one_week_of_a_curve_is_explained_against_another(ready):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10004", of="activity:6", against="period:1")

    assert not app.exception
    assert "activity in week 6" in words(app)
    assert "lifts it in week 1" in words(app)


def test_a_link_that_names_the_run_alone_keeps_its_whole_question(ready):
    """Catches: the log that follows from the run taken for another one, which drops what was asked."""
    app = open_page("explain", run=ready[1], user="10004", of="activity:2", against="period:1")

    assert not app.exception
    assert "activity in week 2" in words(app)
    assert address(app, "against") == "period:1"


@pytest.mark.parametrize("of", ["value", "effect", "probability:2"])
def test_each_number_of_an_item_is_explained(ready, of):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10004", of=of)

    assert not app.exception
    assert app.selectbox(key="explain_number").value == of
    assert "without a history" in words(app).replace("\\", "")


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

    markup = sums_html(sums_of(found, shown_events(found, "event")), "nats", "adds up but for 0.3 %", places_for(0.5))

    assert "adds up but for 0.3 %" in markup
    assert "+0.60" in markup


@pytest.mark.parametrize("number", [ItemNumber(), ItemNumber(k=3), ItemNumber(what="value"), ItemNumber(what="effect")])
def test_a_number_of_an_item_survives_the_address(number):
    assert read_asked(str(number)) == number


@pytest.mark.parametrize(
    "against", [Against(), Against(kind="item", name="a:b"), Against(kind="period", name="all"),
                Against(kind="period", name="3"), Against(kind="cohort", name="region=North")]
)  # fmt: skip
def test_what_is_compared_with_survives_the_address(against):
    assert read_against(str(against)) == against


def test_every_way_to_explain_survives_the_address_and_the_recommended_one_is_empty():
    ways = [How(method=one, part_method=two, baseline=three) for one in EVENTS for two in WORDS for three in BASELINES]

    assert all(read_how(write_how(way)) == way for way in ways)
    assert len({write_how(way) for way in ways}) == len(ways)
    assert write_how(How()) == ""


def test_events_beyond_the_first_fold_and_none_is_lost():
    event = explanation().events[2]
    many = tuple(replace(event, positions=(at,), title=f"thing {at:02d}", value=1 / (at + 1)) for at in range(20))
    found = explanation(events=many)

    first, others = events_html(found, "event"), others_html(found, "event")

    assert [f"thing {at:02d}" in first for at in range(20)] == [True] * 10 + [False] * 10
    assert all(f"thing {at:02d}" in others for at in range(10, 20))
    assert "10 more events" in others
    assert others_html(explanation(), "event").count("<li") == 1  # the earlier events, counted together


def test_latest_first_begins_with_the_latest_of_all_events_and_folds_the_earliest():
    """Catches: the largest effects in the order of time, called the latest events."""
    event = explanation().events[2]
    many = tuple(replace(event, positions=(at,), title=f"thing {at:02d}", value=1 / (at + 1)) for at in range(20))
    found = explanation(events=many)

    first, others = events_html(found, "event", "time"), others_html(found, "event", "time")

    assert [f"thing {at:02d}" in first for at in range(20)] == [False] * 10 + [True] * 10
    assert first.index("thing 19") < first.index("thing 10")
    assert all(f"thing {at:02d}" in others for at in range(10))


def test_a_long_title_without_shares_folds_too():
    event = explanation().events[2]
    long = replace(event, title="word " * 400)

    markup = events_html(explanation(events=(long,)), "event")

    assert "the rest of 2,000 characters" in markup
    assert markup.count("word ") == 400


def test_along_the_line_of_time_the_latest_event_comes_first():
    markup = events_html(explanation(), "event", "time")

    assert markup.index("&lt;script&gt;") < markup.index("red tent")
    assert "latest first" in markup
