"""Help in the page: each idea in two sentences and a picture."""

import re
from xml.etree import ElementTree as ET

import pytest

from recviz.language import CHINESE, speaking
from recviz.ui.ideas import association, attribution, band, interest_curve, interval, nat, shared

IDEAS = (interest_curve, band, nat, association, attribution, shared, interval)


@pytest.mark.parametrize("idea", IDEAS)
def test_an_idea_is_told_in_two_sentences_and_a_picture(idea):
    told = idea()

    assert len(re.findall(r"[.](?:\s|$)", told.words)) == 2
    picture = ET.fromstring(f"<svg>{told.picture}</svg>")  # noqa: S314 - our own
    assert len(picture) > 2


@pytest.mark.parametrize("idea", IDEAS)
def test_an_idea_is_told_in_chinese_too(idea):
    english = idea()
    with speaking(CHINESE):
        chinese = idea()

    assert english.name != chinese.name
    assert english.words != chinese.words
    assert english.picture == chinese.picture
