"""Sums by word, field and category. Each test names the planted bug that it was seen to catch."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recviz.explain.explanation import EventShare
from recviz.explain.rollup import by_category, text_attribution
from recviz.text.items import FieldSpan


def attributed(text, offsets, values, *, stands=None, spans=(), is_truncated=False):
    return text_attribution(
        text=text,
        spans=spans,
        offsets=np.array(offsets, np.int64).reshape(-1, 2),
        stands=np.ones(len(offsets), bool) if stands is None else np.array(stands),
        values=np.array(values, float),
        is_truncated=is_truncated,
    )


def stretches(found, level):
    return [(found.text[span.start : span.end], pytest.approx(span.value)) for span in found.spans(level)]


def test_pieces_of_a_word_join_and_words_and_signs_do_not():
    """Catches: joining whatever is adjacent."""
    found = attributed("cakestand-tier 3", [(0, 4), (4, 9), (9, 10), (10, 14), (15, 16)], [1, 2, 3, 4, 5])

    assert stretches(found, "word") == [("cakestand", 3), ("-", 3), ("tier", 4), ("3", 5)]


def test_the_same_word_twice_keeps_two_shares():
    """Catches: sums by the word's letters."""
    found = attributed("tea for tea", [(0, 3), (4, 7), (8, 11)], [1, 2, -4])

    assert stretches(found, "word") == [("tea", 1), ("for", 2), ("tea", -4)]


def test_a_script_without_spaces_is_told_character_by_character():
    """Catches: a whole Chinese title as one word."""
    found = attributed("红茶 cup", [(0, 1), (1, 2), (3, 6)], [1, 2, 3])

    assert stretches(found, "word") == [("红", 1), ("茶", 2), ("cup", 3)]


def test_bytes_of_one_letter_are_one_stretch_and_spaces_before_words_belong_to_none():
    """Catches: byte-level tokens drawn over each other, stretches that begin with a space."""
    found = attributed("a 红 cup", [(0, 1), (1, 3), (2, 3), (2, 3), (3, 7)], [1, 2, 3, 4, 5])

    assert stretches(found, "token") == [("a", 1), ("红", 9), ("cup", 5)]


def test_fields_sum_their_tokens_wherever_the_separator_falls():
    """Catches: the separator's share lost."""
    spans = [FieldSpan("title", 0, 3), FieldSpan("colour", 5, 8)]
    found = attributed("cup. red", [(0, 3), (3, 4), (5, 8)], [1, 2, 4], spans=spans)

    assert stretches(found, "field") == [("cup", 3), ("red", 4)]
    assert found.field_names == ("title", "colour")


def test_markers_are_told_apart_but_counted_and_a_cut_is_marked():
    """Catches: dropping the markers' mass, forgetting that the text went on."""
    found = attributed("red cup tall", [(0, 0), (0, 3), (4, 7), (0, 0)], [8, 1, 2, 16],
                       stands=[False, True, True, False], is_truncated=True)  # fmt: skip

    assert found.markers == 24
    assert found.total == 27
    assert found.cut_at == 7


@given(
    text=st.text(alphabet="ab 红-é.", min_size=1, max_size=20),
    data=st.data(),
)
def test_no_level_loses_anything_whatever_the_text(text, data):
    """Catches: a token that no stretch takes."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)) | {0, len(text)})
    offsets = list(pairwise(cuts))
    values = data.draw(st.lists(st.floats(-5, 5), min_size=len(offsets), max_size=len(offsets)))
    half = len(text) // 2
    spans = [FieldSpan("one", 0, half), FieldSpan("two", half, len(text))]

    found = attributed(text, offsets, values, spans=spans)

    for level in ("token", "word", "field"):
        assert sum(span.value for span in found.spans(level)) == pytest.approx(sum(values), abs=1e-9)
    for level in ("token", "word"):
        for before, after in pairwise(found.spans(level)):
            assert before.end <= after.start


def test_categories_sum_events_by_place_and_the_earlier_ones_are_their_own():
    """Catches: a group counted to its last event's category."""

    def event(position, category, value, *, is_group=False):
        return EventShare(
            positions=(position,), is_group=is_group, item_id="x", title="x", category=category, kind="buy",
            time="", quantity=None, value=value, standard_error=0, leave_one_out=0,
        )  # fmt: skip

    events = [event(0, "tea", 5.0, is_group=True), event(1, "tea", 1.0), event(2, "cup", -3.0), event(3, "tea", 1.0)]

    assert by_category(events) == [("earlier events", 5.0), ("cup", -3.0), ("tea", 2.0)]


def test_a_text_without_tokens_has_no_stretches():
    """Catches: an index into nothing."""
    found = attributed("…", [], [])

    assert found.tokens == found.words == ()
    assert found.total == 0
