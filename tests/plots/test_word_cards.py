"""The picture of an explanation: its words stand where they stand in the text, tinted by their shares."""

from dataclasses import replace

from recviz.plots.template import AGAINST, FOR, faded
from recviz.plots.word_cards import LONGEST, ROWS, word_cards
from tests.plots.samples import explanation


def notes(found, level="word"):
    chart = word_cards(found, "Why this", "It adds up.", ("against", "for"), level)
    return chart, [note for note in chart.figure.layout.annotations if note.yref == "y"]


def test_each_word_has_its_tint_and_each_event_its_number_and_bar():
    chart, found = notes(explanation())

    tinted = {(note.y, note.text): note.bgcolor for note in found if note.bgcolor}
    assert tinted[0, "tent"] == tinted[1, "tent"] == faded(FOR, 0.62)
    assert tinted[0, "red"] == faded(FOR, 0)
    assert [note.text for note in found if note.xanchor == "right"] == ["+0.50", "\u22120.10"]
    bar = chart.figure.data[0]
    assert (list(bar.x), list(bar.y), list(bar.marker.color)) == ([0.5, -0.1], [1, 2], [FOR, AGAINST])


def test_words_stand_in_the_order_of_the_text_and_do_not_overlap():
    _, found = notes(explanation())

    red, tent = (next(note.xshift for note in found if (note.y, note.text) == (1, word)) for word in ("red", "tent"))

    assert tent - red >= 3 * 7
    assert all(note.x == 0 for note in found if note.text in {"red", "tent"})


def test_earlier_events_that_count_together_and_those_beyond_the_first_have_no_row():
    event = explanation().events[1]
    many = tuple(replace(event, positions=(at,), value=1.0 + at) for at in range(ROWS + 3))

    few, most = (word_cards(found, "t", "f", ("-", "+")) for found in (explanation(), explanation(events=many)))

    assert len(few.figure.data[0].x) == 2
    assert len(most.figure.data[0].x) == ROWS


def test_a_long_text_ends_in_dots_and_markup_in_it_is_shown():
    event = explanation().events[2]
    long = replace(event, title="<b>bold</b> " + "word " * 400)

    _, found = notes(explanation(events=(long,), candidate=None))

    said = "".join(note.text for note in found if note.font.family)
    assert said.startswith("&lt;b&gt;bold&lt;/b&gt;")
    assert said.endswith("\u2026")
    assert len(said) < 2 * LONGEST


def test_a_history_of_nothing_is_a_picture_of_the_item_alone():
    chart, found = notes(explanation(events=()))

    assert not chart.figure.data[0].x
    assert {note.text for note in found} == {"the item", "red", "tent"}
