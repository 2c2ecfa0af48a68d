"""Sums by level. Each test names the planted bug that it was seen to catch."""

from dataclasses import replace
from typing import get_args

import pytest

from recviz.explain.choices import Level
from recviz.explain.explainer import explain_score
from recviz.explain.levels import EARLIER, MARKERS, NOT_LOOKED_INTO, roll_up, shares_of
from recviz.explain.targets import Target


@pytest.fixture
def events(predictor):
    user = predictor.dataset.user_index("long")
    return explain_score(predictor, user, Target(what="probability", name="i03"), n_detailed=8).events


@pytest.mark.parametrize("level", get_args(Level))
def test_every_level_adds_up_to_the_same_total(events, level):
    """Catches: markers, the remainder, the group or events not looked into lost at some level."""
    total = sum(event.value for event in events)

    assert sum(one.value for one in roll_up(events, level)) == pytest.approx(total, abs=1e-9)


def test_what_is_no_text_is_told_apart_from_words_of_the_log(events):
    """Catches: a word "value" of a title added to the part of that name."""
    words = {(one.is_text, one.label): one for one in roll_up(events, "word")}

    assert {label for is_text, label in words if not is_text} == {
        "the item itself", "kind of event", "value", "how long ago", "habit and activity",
        "what other events say as well", MARKERS, EARLIER, NOT_LOOKED_INTO,
    }  # fmt: skip
    assert (True, "tent") in words


def test_a_word_of_two_events_is_one_word_in_sums_whatever_its_case(events):
    """Catches: sums by the event's place; "Tent" beside "tent"."""
    parts = [event.parts.text for event in events if event.parts]
    found = {one.label: one for one in roll_up(events, "word") if one.is_text}

    tents = [span for text in parts for span in text.words if text.text[span.start : span.end] == "tent"]
    assert found["tent"].count == len(tents) > 1
    assert found["tent"].value == pytest.approx(sum(span.value for span in tents))
    assert all(label == label.casefold() for label in found)


def test_events_stay_apart_though_their_titles_are_the_same(events):
    """Catches: two purchases of one item joined at the level of events."""
    found = roll_up(events, "event")

    assert len(found) == len(events) == 41
    assert abs(found[0].value) == max(abs(event.value) for event in events)


@pytest.mark.parametrize(
    ("span", "expected"), [("day", "2024-02-29"), ("week", "2024-02-26"), ("month", "2024-02"), ("year", "2024")]
)
def test_time_is_cut_into_calendar_stretches(events, span, expected):
    """Catches: weeks that begin on Sunday, a month of another year."""
    share = list(shares_of(events, "time", span))[-1]

    assert events[-1].time.startswith("2024-02-29")
    assert share.label == expected
    assert share.value == events[-1].value


def test_positions_are_cut_into_tens(events):
    """Catches: the calendar asked of a log that has an order only."""
    shares = shares_of([replace(event, time=str(at)) for event, at in zip(events, (9, 10), strict=False)], "time")

    assert [share.label for share in shares] == ["0 \u2013 9", "10 \u2013 19"]
