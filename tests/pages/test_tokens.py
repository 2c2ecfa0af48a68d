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


def test_nothing_stands_between_the_words_of_a_title_that_it_has_not_itself():
    """Catches: "Left - handed scissors", told apart by gaps of the tint where the title has none."""
    spans = [(0, 4, 0.1), (4, 5, 0.1), (5, 11, 0.2), (12, 20, 0.1)]

    strip = tokens.token_strip(attribution("Left-handed scissors", spans), "word", 0.2, "nats")

    assert shown_text(strip) == "Left-handed scissors"
    assert re.findall(r"padding:([^;]*);", strip) == ["1px 0"] * 4
    assert "margin" not in strip


def test_a_right_to_left_override_in_a_text_becomes_a_mark():
    strip = tokens.token_strip(attribution("ab\u202ecd", [(0, 5, 0.1)]), "word", 0.1, "nats")

    assert "\u202e" not in strip
    assert "ab\ufffdcd" in strip


def test_what_the_model_did_not_read_is_pale():
    strip = tokens.token_strip(attribution("tent with pegs", [(0, 4, 0.1)], cut_at=4), "word", 0.1, "nats")

    assert "beyond what the model reads" in strip


def test_a_text_of_400_words_folds_and_says_how_long_it_is_and_where_the_model_stopped():
    """Catches: a wall of words beside each event; a cut that nobody is told of; words lost where the text folds."""
    text = " ".join(f"word{at:03d}" for at in range(400))
    cut = text.index("word120")
    spans = [(found.start(), found.end(), 0.01) for found in re.finditer(r"\w+", text[:cut])]

    strip = tokens.token_strip(attribution(text, spans, cut_at=spans[-1][1]), "word", 0.01, "nats")

    shown, folded = strip.split("<details>")
    assert tokens.LONGEST <= len(shown_text(shown)) <= tokens.LONGEST + 10
    assert "the rest of 3,199 characters</summary>" in folded
    assert "the model reads no further than the pale part" in folded.split("</details>")[1]
    summary = "the rest of 3,199 characters"
    assert shown_text(strip).replace(summary, "", 1).startswith(text)
    pale = re.search(r'<span style="opacity:0.45"[^>]*>(.*?)</span>', folded).group(1)
    assert pale.split() == text[cut:].split()


def test_a_short_text_does_not_fold_and_one_that_is_read_whole_says_nothing():
    strip = tokens.token_strip(attribution("red tent", [(0, 3, 0.1), (4, 8, 0.1)]), "word", 0.1, "nats")

    assert "<details" not in strip
    assert "reads no further" not in strip


def test_one_scale_holds_for_all_strips():
    first, second = attribution("a", [(0, 1, 0.2)]), attribution("b", [(0, 1, -0.7)])

    assert tokens.largest([first, None, second], "word") == pytest.approx(0.7)
    assert tokens.largest([], "word") == 0
