"""Token strips: what they show and what they never let through."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recviz.explain.explanation import Span, TextAttribution
from recviz.ui import tokens


def attribution(text: str, spans: list[tuple[int, int, float]], cut_at: int | None = None) -> TextAttribution:
    found = tuple(Span(*span) for span in spans)
    return TextAttribution(
        text=text,
        tokens=found,
        words=found,
        fields=found,
        field_names=("title",) * len(found),
        markers=0.0,
        cut_at=cut_at,
    )


def shown_text(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def test_the_strongest_stretch_has_the_strongest_tint_and_signs_have_their_own_colour():
    strip = tokens.token_strip(attribution("red tent", [(0, 3, 0.5), (4, 8, -0.25)]), "word", 0.5, "nats")

    assert "rgba(28,127,191,0.62)" in strip
    assert "rgba(210,105,30,0.31)" in strip
    assert "+0.500 nats" in strip


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "<b>&lt;</b>", "a'b\"c"])
def test_markup_in_a_text_is_shown_and_never_run(text):
    strip = tokens.token_strip(attribution(text, [(0, len(text), 1.0)]), "token", 1.0, "nats")

    assert "<script" not in strip
    assert "<img" not in strip
    assert "<b>" not in strip.replace("<bdi", "")


@given(text=st.text(max_size=40), cuts=st.lists(st.integers(0, 40), max_size=8))
def test_every_character_of_a_text_is_shown_once(text, cuts):
    edges = sorted({min(cut, len(text)) for cut in cuts})
    spans = [(low, high, 0.1) for low, high in pairwise(edges)]

    strip = tokens.token_strip(attribution(text, spans), "token", 0.1, "nats")

    assert shown_text(strip) == tokens.escaped(text)


def test_a_right_to_left_override_in_a_text_becomes_a_mark():
    strip = tokens.token_strip(attribution("ab\u202ecd", [(0, 5, 0.1)]), "word", 0.1, "nats")

    assert "\u202e" not in strip
    assert "ab\ufffdcd" in strip


def test_what_the_model_did_not_read_is_pale():
    strip = tokens.token_strip(attribution("tent with pegs", [(0, 4, 0.1)], cut_at=4), "word", 0.1, "nats")

    assert "beyond what the model reads" in strip


def test_one_scale_holds_for_all_strips():
    first, second = attribution("a", [(0, 1, 0.2)]), attribution("b", [(0, 1, -0.7)])

    assert tokens.largest([first, None, second], "word") == pytest.approx(0.7)
    assert tokens.largest([], "word") == 0
