"""Explanations by run id, on a predictor whose answers are known by hand."""

import json
import os
from dataclasses import replace

import pytest

from recviz.errors import InvalidSettingError
from recviz.explain.explainer import How
from recviz.explain.targets import Target
from recviz.services import explanations as module
from recviz.services.explanation_cache import MOST, ExplanationCache, hash_of, key_of
from recviz.services.explanations import (
    explain,
    explain_by_steps,
    explain_curve,
    explain_fully,
    explain_recommendation,
    look_into,
)


@pytest.mark.parametrize("what", ["probability", "value", "effect"])
def test_each_number_of_a_recommendation_is_explained(ws, what):
    found = explain_recommendation(ws, "r", "001", "i3", "now", what=what)

    assert found.target.what == what
    assert sum(event.value for event in found.events) == pytest.approx(found.difference, abs=1e-9)
    assert (found.candidate is not None) == (what == "probability")


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "activity"),
        ({"k": 2}, "activity"),
        ({"category": "a"}, "category"),
        ({"category": "b", "k": 1}, "category"),
    ],
)
def test_any_point_of_a_curve_is_explained(ws, asked, what):
    found = explain_curve(ws, "r", "1", "now", **asked)

    assert (found.target.what, found.target.k) == (what, asked.get("k"))
    assert sum(event.value for event in found.events) == pytest.approx(found.difference, abs=1e-9)


def test_user_ids_that_look_alike_are_two_users(ws):
    first, second = (explain_recommendation(ws, "r", user, "i3", "now") for user in ("001", "1"))

    assert [event.item_id for event in first.events] != [event.item_id for event in second.events]


def test_a_category_and_a_topic_at_once_are_refused(ws):
    with pytest.raises(InvalidSettingError, match="Both a category and a topic"):
        explain_curve(ws, "r", "1", "now", category="a", topic="tea")


def test_more_events_are_looked_into_by_place(ws):
    first = explain_recommendation(ws, "r", "001", "i3", "now", n_detailed=1)

    more = look_into(ws, "r", first, range(7))

    assert sum(event.parts is not None for event in first.events) == 1
    assert all(event.parts is not None for event in more.events)


def test_two_items_and_two_weeks_are_compared(ws):
    items = explain_recommendation(ws, "r", "001", "i3", "now", against="i1")
    weeks = explain_curve(ws, "r", "001", "now", k=2, category="a", against_k=1)

    assert items.target.against == Target(what="probability", name="i1", k=0)
    assert weeks.target.against == Target(what="category", name="a", k=1)
    assert items.rival is not None


def test_what_was_explained_before_comes_back_number_by_number(ws, monkeypatch):
    """Catches: an explanation made again; numbers rounded on the way to disk and back."""
    first = explain_recommendation(ws, "r", "001", "i3", "now", against="i1")
    monkeypatch.setattr(module, "explain_events", lambda *_: pytest.fail("explained again"))

    again = explain_recommendation(ws, "r", "001", "i3", "now", against="i1")

    assert again == first


def test_more_words_are_added_to_what_is_kept_and_fewer_are_shown_when_fewer_are_asked(ws):
    """Catches: the answer to a question that depends on what was asked before."""
    target = Target(what="probability", name="i3", k=0)

    shown = [explain(ws, "r", "001", target, "now", n) for n in (1, 4, 1)]

    assert [sum(event.parts is not None for event in found.events) for found in shown] == [1, 4, 1]
    assert shown[0] == shown[2]


@pytest.mark.parametrize(
    "other",
    [
        {"fingerprint": "run@1"},
        {"user_id": "2"},
        {"history": "0"},
        {"instant": 1},
        {"target": Target(what="activity", k=1)},
        {"how": How(method="leave-one-out")},
        {"how": How(baseline="zero")},
        {"how": How(part_method="partition")},
        {"how": How(seed=1)},
        {"format": 1},
    ],
)
def test_whatever_an_explanation_depends_on_is_in_its_key(predictor, other):
    """Catches: a stale explanation shown for another model, user, history, question or method."""
    key = key_of(predictor, 0, Target(what="activity"), How())

    assert replace(key, **other).name != key.name
    assert replace(key).name == key.name


def test_one_event_less_or_another_value_is_another_history(predictor):
    """Catches: a hash of items alone."""
    history = predictor.history(0)

    other = [
        history.without([0]),
        replace(history, value=history.value + 1),
        replace(history, time=history.time + 1),
        replace(history, kind=history.kind + 1),
    ]
    assert len({hash_of(each) for each in [history, *other]}) == 5


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"format": 0}), json.dumps({"format": 2})])
def test_a_file_that_cannot_be_read_is_made_again(ws, content):
    """Catches: a page that a torn or old file breaks."""
    first = explain_recommendation(ws, "r", "001", "i3", "now")
    (file,) = (ws.settings.cache / "explanations").glob("*.json")
    file.write_text(content)

    again = explain_recommendation(ws, "r", "001", "i3", "now")

    assert replace(again, seconds=0) == replace(first, seconds=0)


def test_the_longest_unused_explanations_go_first(tmp_path, ws, predictor, monkeypatch):
    """Catches: a cache that grows for ever; the newest, or the one just used, thrown away."""
    monkeypatch.setattr("recviz.services.explanation_cache.MOST", 3)
    found = explain_recommendation(ws, "r", "001", "i3", "now", n_detailed=0)
    cache = ExplanationCache(tmp_path / "small")
    keys = [key_of(predictor, 0, Target(what="activity"), How(seed=seed)) for seed in range(4)]

    for at, key in enumerate(keys[:3]):
        cache.put(key, found)
        file = tmp_path / "small" / "explanations" / key.name
        os.utime(file, (at, at))
    cache.get(keys[0])
    cache.put(keys[3], found)

    assert [cache.get(key) is not None for key in keys] == [True, False, True, True]
    assert cache.get(keys[3]) == found
    assert MOST > 100


def test_step_by_step_ends_where_all_is_looked_into_and_goes_on_where_it_stopped(ws):
    """Catches: a step that covers less than the one before; work begun anew after a break."""
    target = Target(what="probability", name="i3", k=0)
    steps = explain_by_steps(ws, "r", "001", target, "now")

    first, second = next(steps), next(steps)
    steps.close()
    rest = list(explain_by_steps(ws, "r", "001", target, "now"))

    assert first.covered == 0 < second.covered < 1
    assert [event.value for event in rest[-1].events] == [event.value for event in first.events]
    assert rest[0] == second
    assert rest[-1].covered == pytest.approx(1)


def test_checks_come_one_after_the_other_and_are_kept_for_the_next_time(ws, monkeypatch):
    """Catches: checks thrown away; words read again; an answer that depends on what was asked before."""
    target = Target(what="activity", k=1)
    monkeypatch.setattr("recviz.explain.checks.shuffled", lambda predictor, _: predictor)

    steps = list(explain_fully(ws, "r", "001", target, "now"))

    checks = [step.checks for step in steps if step.checks]
    assert [len(one.agreement) + len(one.stability) for one in checks] == [1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert [one.randomised is not None for one in checks] == [False] * 8 + [True]
    assert steps[-1].covered == pytest.approx(1)
    assert list(explain_fully(ws, "r", "001", target, "now")) == [steps[-1]]
    assert explain(ws, "r", "001", target, "now").checks is None
