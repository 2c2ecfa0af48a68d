import re

import pytest

from recviz.language import CHINESE, PLACE, speaking, tr
from tools import texts

OTHERPLACES = {"month": "month_number"}
"""What Chinese takes in place of what English takes."""
SAME = {"--map", "{run} {achieved}", "LoRA", ", "}
"""Messages that may be the same in both languages, beside those without a word."""


def _catalogues():
    return {area: texts.catalogue(area) for area in texts.AREAS}


def _messages():
    return [(area, message) for area, catalogue in _catalogues().items() for message in catalogue if message.id]


def _english(message):
    return [message.id] if isinstance(message.id, str) else list(message.id)


def test_every_message_of_the_code_is_in_its_catalogue_and_no_other():
    # ``make texts`` mends this
    said = {area: set(found) for area, found in texts.messages().items()}
    written = {
        area: {texts.key_of(message) for message in found if message.id} for area, found in _catalogues().items()
    }

    assert {area: said[area] ^ written[area] for area in said if said[area] != written[area]} == {}


def test_every_message_has_its_chinese_text():
    waiting = [(area, texts.key_of(one)[1]) for area, one in _messages() if not texts.text_of(one).strip() or one.fuzzy]

    assert waiting == []


def test_no_message_is_written_twice():
    keys = [texts.key_of(message) for _, message in _messages()]

    assert len(keys) == len(set(keys))


def test_both_languages_have_the_same_places():
    differing = [
        (forms[-1], text)
        for _, message in _messages()
        if (text := texts.text_of(message))
        for forms in [_english(message)]
        if {OTHERPLACES.get(place, place) for place in PLACE.findall(forms[-1])} != set(PLACE.findall(text))
    ]

    assert differing == []


def test_a_chinese_text_is_chinese():
    english = [
        (area, text)
        for area, message in _messages()
        if (text := texts.text_of(message)) and not re.search(r"[\u4e00-\u9fff]", text)
        if re.search(r"[A-Za-z]{3,}", PLACE.sub("", text)) and text == _english(message)[0] and text not in SAME
        if re.search(r"[a-z]{2,} [a-z]{2,}", text)
    ]

    assert english == []


def test_chinese_has_one_form_for_any_number():
    for _, message in _messages():
        assert isinstance(message.id, str) or len(message.string) == 1


@pytest.mark.parametrize("said", ["Home", "Log", "Fine-tune", "Runs", "Interest", "Explain", "Compare"])
def test_the_pages_have_chinese_names(said):
    with speaking(CHINESE):
        assert tr(said) != said
