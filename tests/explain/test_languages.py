"""Explanations are kept in English and said in the reader's language. Each test names the bug that it was seen to catch."""

import re

import pytest

from recviz.explain import checks as checks_module
from recviz.explain.checks import check
from recviz.explain.explainer import explain_score
from recviz.explain.labels import label_of, sign_rule_of
from recviz.explain.levels import roll_up
from recviz.explain.reading import explanation_from_json
from recviz.explain.targets import Target
from recviz.language import CHINESE, speaking, tr
from recviz.plots import explanation_sentences
from recviz.plots import why as words
from recviz.plots.attribution import name_of_sum
from tests.explain.linear import LinearPredictor

TARGET = Target(what="activity", k=1)
ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def checked(predictor, log, monkeypatch):
    monkeypatch.setattr(checks_module, "shuffled", lambda *_: LinearPredictor(log, seed=9))

    def explained():
        found = explain_score(predictor, predictor.dataset.user_index("middle"), TARGET)
        return check(predictor, found)

    return explained


def test_what_is_kept_is_the_same_whoever_looked_on(checked):
    """Catches: a label, a badge or a check kept in Chinese, which every later reader would see."""
    with speaking(CHINESE):
        chinese = checked()
    english = checked()

    kept = explanation_from_json(chinese.to_json())
    assert kept.scalar == english.scalar == "How many active days to expect in week 1 (logarithm)"
    assert (kept.unit, kept.sign_rule) == (english.unit, english.sign_rule)
    assert kept.trust.sentence == english.trust.sentence
    assert kept.checks == english.checks


def test_in_english_the_page_says_what_is_kept(checked):
    """Catches: a template beside the kept sentence that says something else."""
    found = checked()

    assert words.checks_words(found.checks) == found.checks.sentence
    assert sign_rule_of(found.target, found.unit, tr) == found.sign_rule


def test_in_chinese_everything_about_an_explanation_is_said_in_chinese(checked, predictor):
    """Catches: a check, a badge, a label or the name of a part that stays English."""
    found = checked()

    with speaking(CHINESE):
        said = [
            words.checks_words(found.checks),
            words.badge_sentence(found),
            words.adding_up(found.trust),
            words.how_well(found.trust),
            explanation_sentences.badge_words(found.trust),
            explanation_sentences.point_detail(found),
            explanation_sentences.push(found),
            label_of(predictor, found.target, tr),
            sign_rule_of(found.target, found.unit, tr),
            *(tr(one.what) for one in (*found.checks.agreement, *found.checks.stability)),
            *(name_of_sum(one) for one in roll_up(found.events, "word") if not one.is_text),
        ]

    assert [one for one in said if ENGLISH_WORDS.search(one.replace("Shapley", ""))] == []
