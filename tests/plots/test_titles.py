"""Titles of figures, of which those of signed bars say exactly what a number is and may be long."""

import unicodedata

import pytest

from recviz.plots.attribution import Bar, signed_bars
from recviz.plots.titles import BESIDE_QUESTION, title_lines

ENGLISH = (
    "Interest in “Gardening” in week 3 (logarithm of expected events), against: "
    "Interest in “Gardening” in week 1 (logarithm of expected events)"
)
CHINESE = "第 3 周对“Gardening”的兴趣（预期事件数的对数），对比：第 1 周对“Gardening”的兴趣（预期事件数的对数）"


def _width(line):
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)


@pytest.mark.parametrize("title", [ENGLISH, CHINESE])
def test_no_line_of_a_title_is_wider_than_its_chart_and_no_sign_is_lost(title):
    lines = title_lines(title, BESIDE_QUESTION)

    assert len(lines) > 1
    assert max(map(_width, lines)) <= BESIDE_QUESTION + 2  # a closing sign stays with what it closes
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    assert not [line for line in lines if line[0] in " ，）”"]


def test_further_lines_take_no_room_from_the_bars():
    short, long = (signed_bars([Bar("tea", 1.0)], title, "nats").figure.layout for title in ("Tea", ENGLISH))

    assert short.title.text == "Tea"
    assert long.height - long.margin.t == short.height - short.margin.t


def test_other_peoples_signs_in_a_long_title_are_no_markup():
    title = signed_bars([Bar("tea", 1.0)], "<b>tea</b> " * 20, "nats").figure.layout.title.text

    assert "<b>" not in title
    assert "<br>" in title
