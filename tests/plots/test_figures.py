"""Figures: the traces hold the numbers, the words say them, other people's text is harmless."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from recviz.explain.targets import Target
from recviz.forecast.cohorts import CohortView
from recviz.forecast.segments import Segment
from recviz.forecast.topic_view import TopicView
from recviz.model.level import LevelSpread
from recviz.plots import attribution, curves, evaluation, explanation_sentences, profile, sentences
from recviz.plots.category_panels import category_panels
from recviz.plots.template import AGAINST, FOR, GREY, INK, sign_colour, tint
from recviz.plots.whatif import before_after
from recviz.plots.why import badge_sentence
from tests.plots.samples import explanation, told_title, user_view


def traces(chart):
    return {trace.name: trace for trace in chart.figure.data}


def test_a_users_curve_holds_past_mean_bands_actual_and_baseline():
    view = user_view()

    drawn = traces(curves.user_curve(view))

    assert list(drawn) == ["past", "50 %", "80 %", "95 %", "LightGBM on counts", "expected", "what really happened"]
    assert list(drawn["past"].y) == view.past.tolist()
    assert list(drawn["expected"].y) == view.mean.tolist()
    assert list(drawn["expected"].customdata) == [1, 2, 3, 4]
    assert list(drawn["what really happened"].y) == [0, 1, 2]
    assert drawn["what really happened"].marker.color == INK
    assert drawn["LightGBM on counts"].line.dash == "dash"
    assert drawn["LightGBM on counts"].line.color == GREY


def test_bands_lie_beside_each_other_so_that_opacities_do_not_add_up():
    view = user_view()

    drawn = traces(curves.user_curve(view))

    assert drawn["50 %"].fillcolor.endswith(",0.4)")
    assert drawn["80 %"].fillcolor.endswith(",0.24)")
    assert drawn["95 %"].fillcolor.endswith(",0.12)")
    heights = [value for value in drawn["95 %"].y if value is not None]
    assert max(heights) == view.bands[:, 6].max()
    assert min(heights) == view.bands[:, 0].min()
    inner = [value for value in drawn["50 %"].y if value is not None]
    assert (max(inner), min(inner)) == (view.bands[:, 4].max(), view.bands[:, 2].min())


def test_the_origin_is_a_line_with_its_date():
    figure = curves.user_curve(user_view()).figure

    assert len(figure.layout.shapes) == 1
    assert figure.layout.annotations[0].text == "origin 10 Sep 2011"


def test_days_show_the_chance_alone():
    drawn = traces(curves.user_curve(user_view(period="day", chance_only=True)))

    assert "80 %" not in drawn
    assert list(drawn["expected"].y) == pytest.approx((1 - np.exp(-np.array([0.5, 0.5, 1.0, 2.0]))).tolist())


def panel(chart, number):
    axis = "x" if number == 1 else f"x{number}"
    return {trace.name: trace for trace in chart.figure.data if trace.xaxis == axis}


def test_categories_share_one_scale_and_show_markup_as_text():
    chart = category_panels(user_view())

    assert chart.figure.layout.yaxis.range == chart.figure.layout.yaxis2.range
    assert chart.figure.layout.annotations[1].text.startswith("<b>&lt;b&gt;Bags&lt;/b&gt;</b><br>")
    assert chart.alt.startswith("Garden: ")
    assert " <b>Bags</b>: " in chart.alt


def test_each_category_has_a_panel_and_a_click_on_it_names_period_and_category():
    view = user_view()

    chart = category_panels(view)

    for place, curve in enumerate(view.categories):
        drawn = panel(chart, place + 1)
        assert list(drawn["expected"].y) == curve.mean.tolist()
        assert [tuple(point) for point in drawn["expected"].customdata] == [(k, place) for k in (1, 2, 3, 4)]


@pytest.mark.parametrize("n", [1, 3, 4, 12])
def test_panels_lie_beside_and_below_each_other_within_the_figure(n):
    view = user_view()

    layout = category_panels(user_view(categories=view.categories[:1] * n)).figure.layout

    axes = [("xaxis", "yaxis"), *((f"xaxis{at}", f"yaxis{at}") for at in range(2, n + 1))]
    places = [(*layout[x].domain, *layout[y].domain) for x, y in axes]
    for left, right, bottom, top in places:
        assert 0 <= left < right <= 1 + 1e-9
        assert 0 <= bottom < top <= 1
    for one, other in combinations(places, 2):
        assert one[1] < other[0] or other[1] < one[0] or one[3] < other[2] or other[3] < one[2]


def test_a_categorys_baseline_is_dashed_and_named_and_within_the_common_scale():
    view = user_view(mix_name="everyone's recent mix")
    garden, bags = view.categories
    view = user_view(
        mix_name="everyone's recent mix", categories=(replace(garden, baseline=np.array([9.0, 9, 9, 9])), bags)
    )

    chart = category_panels(view)

    first, second = panel(chart, 1), panel(chart, 2)
    dashes = first["the same total, mixed as everyone's recent mix"]
    assert list(dashes.y) == [9, 9, 9, 9]
    assert dashes.line.dash == "dash"
    assert "the same total, mixed as" not in "".join(second)
    assert chart.figure.layout.yaxis.range[1] > 9


def test_a_topic_shows_its_events_and_says_when_it_rises():
    view = user_view()
    topic = TopicView(
        text="garden <i>",
        items=(),
        past_edges=view.past_edges,
        past=view.categories[0].past,
        edges=view.edges,
        mean=view.categories[0].mean,
        bands=view.bands,
        p_active=view.p_active,
        p_active_horizon=0.8,
        share=0.25,
        actual=None,
        baseline=np.full(4, 0.3),
        mix_name="everyone's recent mix",
    )

    chart = curves.topic_curve(topic, "week")

    assert list(traces(chart)["expected"].y) == [0.1, 0.1, 0.1, 1.7]
    assert list(traces(chart)["the same total, mixed as everyone's recent mix"].y) == [0.3] * 4
    assert chart.alt == "“garden <i>”: 2.0 events expected in 4 weeks (25 % of all), rising from week 4."


def test_a_cohort_counts_the_weeks_inside_the_band():
    view = user_view()
    mean = view.mean * 100
    bands = np.stack([mean * factor for factor in (0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2)], axis=1)
    cohort = CohortView(
        segment=Segment(key="all", group="Everybody", label="All users", rows=np.arange(30)),
        past_edges=view.past_edges,
        past=view.past * 100.0,
        edges=view.edges,
        mean=mean,
        bands=bands,
        baseline=mean,
        baseline_name="own recent rate",
        total_mean=400.0,
        total_bands=np.array([300, 350, 380, 400, 420, 450, 500.0]),
        p_active_horizon=0.5,
        level=LevelSpread(),
        actual=mean * np.array([1.0, 1.0, 1.5, 1.0]),
    )

    chart = curves.cohort_curve(cohort, "week")

    assert told_title(chart) == "What really happened is inside the 80 % band in 3 of 4 weeks"
    assert "own recent rate" in traces(chart)
    assert "really 450: inside the 80 % band (350 to 450)" in chart.alt
    assert not any("Click" in text for text in traces(chart)["expected"].text)


def test_signed_bars_have_nought_in_the_middle_and_colour_by_sign():
    chart = attribution.event_bars(explanation())

    bars = chart.figure.data[0]
    low, high = chart.figure.layout.xaxis.range
    assert low == -high
    assert list(bars.x) == [0.5, 0.2, -0.1]
    assert list(bars.marker.color) == [FOR, FOR, AGAINST]
    assert "&lt;script&gt;" in bars.y[2]


def test_events_beyond_the_shown_are_one_bar():
    bars = attribution.event_bars(explanation(), most=1).figure.data[0]

    assert list(bars.x) == pytest.approx([0.5, 0.1])
    assert "2 other events" in bars.y[1]


def test_categories_add_their_events_up():
    bars = attribution.category_bars(explanation()).figure.data[0]

    assert list(bars.x) == pytest.approx([0.4, 0.2])
    assert "Tents (2 events)" in bars.y[0]


@pytest.mark.parametrize(("better", "first"), [("lower", "Balanced"), ("higher", "LightGBM")])
def test_the_best_is_on_top_and_better_is_to_the_right(better, first):
    rows = [
        evaluation.Compared(name="Balanced", value=0.40, low=0.39, high=0.41, is_model=True),
        evaluation.Compared(name="LightGBM", value=0.42),
    ]

    figure = evaluation.comparison_dots("Activity", rows, better).figure

    (dots,) = figure.data
    assert first in dots.y[-1]
    (model,) = [place for place, name in enumerate(dots.y) if "Balanced" in name]
    assert (dots.error_x.array[model], dots.error_x.arrayminus[model]) == pytest.approx((0.01, 0.01))
    assert dots.error_x.array[1 - model] == 0
    assert (figure.layout.xaxis.autorange == "reversed") == (better == "lower")
    assert figure.layout.title.text.startswith("Activity: 4.8 % ")


def test_reliability_and_coverage_say_their_numbers():
    honest = evaluation.reliability([0.1, 0.5], [0.12, 0.45], [90, 10], "Honest")
    inside = evaluation.coverage([0.8], [0.83], "The 80 % band held 83 %")

    assert "Where 50 % was said, 45 % were active (10 cases)" in honest.alt
    assert list(traces(inside)["held"].x) == [0.83]
    assert list(traces(inside)["promised"].x) == [0.8]


def test_the_profile_says_the_busiest_week_and_the_commonest_count():
    starts = [datetime(2011, 9, day, tzinfo=UTC) for day in (1, 8, 15)]

    area = profile.activity_area(starts, [10, 30, 20], "week", starts[1])
    users = profile.events_per_user([1, 2, 5], [10, 30])

    assert told_title(area) == "Busiest week: 8 Sep 2011 with 30 events"
    assert told_title(users) == "The most common: 2\u20134 events, 75 % of users"
    assert list(users.figure.data[0].x) == ["1", "2\u20134"]


def test_before_and_after_have_their_own_lines():
    chart = before_after(pd.DataFrame({"period": [1, 2], "before": [1.0, 1.0], "after": [2.0, 1.0]}), "week")

    assert [list(trace.y) for trace in chart.figure.data] == [[1.0, 1.0], [2.0, 1.0]]
    assert "2.0 as it was, 3.0 then" in chart.alt


def test_the_headline_says_days_span_and_band():
    backtest, now = sentences.user_headline(user_view()), sentences.user_headline(user_view("now"))

    assert backtest.startswith("User 17841 is likely to be active on about 4 days in the 4 weeks from 10 Sep 2011 (80")
    assert backtest.endswith("1 to 8)")
    assert "in the next 4 weeks" in now
    assert sentences.user_detail(user_view("now")) == (
        "12 % may not return at all; about 3 events on an active day; LightGBM on counts expects about 2 days"
    )
    assert "expects" not in sentences.user_detail(user_view("now", baseline=None))


def test_the_push_counts_only_what_speaks_for_it():
    assert explanation_sentences.push(explanation()) == "Because of 1 past event (71 % of the push)"


def test_what_a_change_does_to_the_explained_item_is_said_first():
    ranks = pd.DataFrame(
        [{"item_id": "i", "title": "Tent", "rank_before": 2, "rank_after": 16, "before": 0.068, "after": 0.014}]
    )

    assert explanation_sentences.item_moved(ranks, "i") == "“Tent”: number 2 → 16, 6.8 % → 1.4 % likely"
    assert not explanation_sentences.item_moved(ranks, "another")


def test_a_chance_that_is_the_same_among_what_is_listed_is_said_once():
    """Catches: two roundings of one chance told as two chances."""
    twice, once = (
        explanation_sentences.item_detail(chance, among, None, None, "")
        for chance, among in ((0.068, 0.152), (0.06749, 0.06751))
    )

    assert twice == "6.8 % likely as the next event, 15 % among new items"
    assert once == "6.7 % likely as the next event"


def test_numbers_of_bars_stand_beyond_their_intervals():
    """Catches: a line of an interval that strikes through the number at the bar's end."""
    drawn = attribution.signed_bars([attribution.Bar("a", 0.4, 0.1), attribution.Bar("b", -0.2, 0.3)], "t", "nats")

    numbers = drawn.figure.data[1]
    assert list(numbers.x) == pytest.approx([0.5, -0.5])
    assert list(numbers.textposition) == ["middle right", "middle left"]


@pytest.mark.parametrize(
    ("target", "score", "words"),
    [
        (Target(what="effect", name="i"), -0.4, "Because of 1 past event (100 % of the push)"),
        (Target(what="effect", name="i"), 0.4, "Because of 1 past event (71 % of the push)"),
        (Target(what="activity", k=6, against=Target(what="activity", k=1)), -0.2, "Because of 1 past event (100 % of the push)"),
        (Target(what="probability", name="i", k=0), -3.4, "Because of 1 past event (71 % of the push)"),
    ],
)  # fmt: skip
def test_where_it_is_asked_why_a_number_is_low_the_push_is_what_pushes_down(target, score, words):
    """Catches: three events that lift week 6 as the reason why it is below week 1."""
    found = explanation(target=target, score=score)

    assert explanation_sentences.push(found) == words
    without = "it is 50 % lower than without" if "71" in words else "it is 100 % higher than without"
    assert without in badge_sentence(found)


def test_tints_grow_with_the_value_and_keep_its_sign():
    assert tint(0.5, 1.0) == "rgba(28,127,191,0.31)"
    assert tint(-2.0, 1.0) == "rgba(210,105,30,0.62)"
    assert tint(0.0, 0.0).endswith(",0.0)") or tint(0.0, 0.0).endswith(",0)")
    assert [sign_colour(value) for value in (1, -1, 0)] == [FOR, AGAINST, GREY]
