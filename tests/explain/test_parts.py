"""Parts of an event and the candidate's strip. Each test names the planted bug that it was seen to catch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from recviz.errors import InvalidSettingError
from recviz.explain import candidate
from recviz.explain.candidate import candidate_text
from recviz.explain.explainer import explain_score, with_details
from recviz.explain.part_methods import divide
from recviz.explain.parts import part_values
from recviz.explain.path import PartPath
from recviz.explain.scalars import LongTermEffect, MarkLogProbability, VolumeLog
from recviz.explain.targets import Target
from recviz.recommend.effect import usual_event
from tests.explain.linear import MASK, LinearPredictor


def values_of(predictor, user, scalar, positions):
    row = predictor.dataset.user_index(user)
    return part_values(predictor, scalar, predictor.history(row), predictor.instant_of(row), positions)


def test_on_a_linear_model_each_part_gets_its_own_term(predictor):
    """Catches: another event's slot replaced, a baseline of the wrong part, gradients not times the difference."""
    positions = [4, 0, 7]
    history = predictor.history(predictor.dataset.user_index("middle")).take(np.array(positions))
    parts = predictor.parts(predictor.collate([history], [predictor.instant]))

    found = values_of(predictor, "middle", VolumeLog(1), positions)

    assert found.identity == pytest.approx((parts.identity[0] @ predictor.w).numpy(), abs=1e-5)
    assert found.kind == pytest.approx((parts.kind[0] @ predictor.w).numpy(), abs=1e-5)
    assert found.value == pytest.approx((parts.value[0] @ predictor.w).numpy(), abs=1e-5)
    assert found.time == pytest.approx([0.3] * 3, abs=1e-5)


def test_on_a_linear_model_each_token_gets_its_own_term_and_markers_and_padding_none(predictor):
    """Catches: padding moved along the path, markers replaced in the baseline, tokens shifted by the marker."""
    found = values_of(predictor, "middle", VolumeLog(1), [0, 3])  # titles of two and of four words

    for row in range(2):
        ids, mask = found.texts.tokens.ids[row], found.texts.tokens.mask[row]
        moved = predictor.text.table[ids] - predictor.text.table[MASK]  # (T, H)
        expected = predictor.project(moved) @ predictor.w / mask.sum()
        expected[~found.texts.stands[row]] = 0
        assert found.tokens[row] == pytest.approx(expected.numpy(), abs=1e-5)
        assert found.texts.stands[row].sum() == mask.sum() - 2


def test_parts_sum_to_what_the_parts_change(log):
    """Catches: weights of the nodes that do not sum to one, too few nodes for a curved score."""
    found = values_of(LinearPredictor(log), "short", MarkLogProbability(4), [1, 3, 4])

    assert np.abs(found.difference).max() > 1, "a score that does not move adds up whatever is done"
    assert found.explained == pytest.approx(found.difference, abs=1e-4)


def test_a_score_that_is_too_curved_for_the_nodes_is_given_more(log):
    """Catches: an error of the integral that is told and not mended; another event's places written over."""
    predictor = LinearPredictor(log)
    history = predictor.history(predictor.dataset.user_index("short"))
    scalar, events = MarkLogProbability(4), [1, 3, 4]
    path = PartPath(predictor, scalar, history, predictor.instant, events)

    coarse = divide(path, "integrated gradients", nodes=1)
    found = part_values(predictor, scalar, history, predictor.instant, events, nodes=1)

    error = np.abs(coarse.sum(axis=1) - found.difference)
    too_much = error > 0.01 * np.maximum(np.abs(found.difference), 0.1)
    assert too_much.any()
    assert (np.abs(found.explained - found.difference)[too_much] < 0.2 * error[too_much]).all()
    assert found.places[~too_much] == pytest.approx(coarse[~too_much])


def test_an_event_bought_twice_is_looked_into_twice(predictor):
    """Catches: one slot written for both."""
    history = predictor.history(predictor.dataset.user_index("long"))
    assert history.item[31] == history.item[47]

    found = values_of(predictor, "long", VolumeLog(1), [31, 47])

    assert found.tokens[0] == pytest.approx(found.tokens[1], abs=1e-6)
    assert found.value[0] != pytest.approx(found.value[1])


def test_older_events_out_of_the_window_do_not_shift_the_places_of_the_others(log):
    """Catches: a position in the history taken for a place in the window."""
    whole = values_of(LinearPredictor(log), "long", VolumeLog(1), [50, 59])
    windowed = values_of(LinearPredictor(log).with_window(12), "long", VolumeLog(1), [50, 59])

    assert windowed.identity == pytest.approx(whole.identity, abs=1e-5)
    assert windowed.tokens == pytest.approx(whole.tokens, abs=1e-5)


def test_in_a_basket_that_the_window_cuts_each_event_keeps_its_own_place(log):
    """Catches: places counted from the window's end, as if it held the last rows."""
    predictor = LinearPredictor(log).with_window(3)
    history = predictor.history(predictor.dataset.user_index("short"))
    basket = replace(history, time=np.full(5, history.time[0]))
    kept = predictor.latest(basket, 3).tolist()
    assert sorted(kept) != [2, 3, 4]

    found = part_values(predictor, VolumeLog(1), basket, predictor.instant, kept)

    assert found.identity == pytest.approx((predictor.identity[basket.item[kept]] @ predictor.w).numpy(), abs=1e-5)
    with pytest.raises(InvalidSettingError, match="older than those"):
        part_values(predictor, VolumeLog(1), basket, predictor.instant, [({*range(5)} - {*kept}).pop()])


def test_a_long_term_effect_is_divided_in_both_histories_that_it_compares(log):
    """Catches: replacing the event in one of the two histories only."""
    predictor = LinearPredictor(log)
    row = predictor.dataset.user_index("short")

    found = values_of(predictor, "short", LongTermEffect(3), [2])

    history = predictor.history(row)
    usual = usual_event(predictor)
    item_3 = predictor.predict([history.plus(3, predictor.instant, usual.kind, usual.value)]).mu.sum()
    ratio = float(item_3 / predictor.predict([history]).mu.sum())  # the added event multiplies activity
    volume = float(predictor.predict([history]).mu.sum())
    parts = predictor.parts(predictor.collate([history], [predictor.instant]))
    moved = float(parts.identity[0, 2] @ predictor.w) + float(parts.kind[0, 2] @ predictor.w) + 0.3
    moved += float(parts.value[0, 2] @ predictor.w)
    tokens = predictor.text.table[found.texts.tokens.ids[0]] - predictor.text.table[MASK]
    moved += float(
        (predictor.project(tokens[found.texts.stands[0]]) @ predictor.w).sum() / found.texts.tokens.mask[0].sum()
    )
    expected = (ratio - 1) * volume * (1 - np.exp(-moved))
    assert found.difference[0] == pytest.approx(expected, rel=1e-3)
    assert found.explained[0] == pytest.approx(expected, rel=1e-3)


def test_parts_and_remainder_add_up_to_the_event_exactly(predictor):
    """Catches: a remainder made from something else than the event's value."""
    explanation = explain_score(
        predictor, predictor.dataset.user_index("middle"), Target(what="probability", name="i03")
    )

    looked_into = [event for event in explanation.events if event.parts]
    assert len(looked_into) == 5
    for event in looked_into:
        assert event.parts.total == pytest.approx(event.value, abs=1e-12)


def test_the_remainder_is_habit_and_what_the_text_leaves_at_its_baseline(predictor):
    """Catches: habit credited to a part."""
    user = predictor.dataset.user_index("middle")

    explanation = explain_score(predictor, user, Target(what="activity", k=1))

    event = next(event for event in explanation.ranked() if event.parts)
    assert event.parts.remainder == pytest.approx(predictor.habit + left_by_text(predictor, event), abs=1e-4)
    assert event.habit == pytest.approx(event.parts.remainder, abs=1e-4)
    assert event.shared == pytest.approx(0, abs=1e-4)


def test_what_each_event_adds_less_beside_the_others_is_shared_and_not_habit(log):
    """Catches: what events say alike called habit, or divided by another rule than the fair one."""
    predictor, n = LinearPredictor(log, interaction=-0.01), 12
    user = predictor.dataset.user_index("middle")

    explanation = explain_score(predictor, user, Target(what="activity", k=1))

    looked_into = [event for event in explanation.events if event.parts]
    assert len(looked_into) == 5
    for event in looked_into:
        alone = predictor.habit - 0.01 * (n**2 - (n - 1) ** 2) + left_by_text(predictor, event)
        assert event.habit == pytest.approx(alone, abs=1e-4)
        assert event.shared == pytest.approx(0.01 * (n - 1), abs=4 * event.standard_error)
        assert event.parts.explained + event.habit + event.shared == pytest.approx(event.value, abs=1e-12)


def left_by_text(predictor, event):
    """What a title says whose every word stands at its baseline."""
    read = predictor.text.tokens([event.title])
    ids = torch.where(read.special, read.ids, MASK)
    return float(
        predictor.project(predictor.text.encode_embeddings(predictor.text.embed(ids), read.mask)) @ predictor.w
    )


def test_more_events_are_looked_into_on_demand_and_nothing_else_changes(predictor):
    """Catches: parts of the first events lost, values sampled anew."""
    user = predictor.dataset.user_index("middle")
    first = explain_score(predictor, user, Target(what="activity"), n_detailed=2)

    more = with_details(predictor, first, list(range(12)))

    assert first.covered < more.covered == pytest.approx(1)
    assert [event.value for event in more.events] == [event.value for event in first.events]
    kept = [event.parts for event in first.events if event.parts]
    assert all(parts in [event.parts for event in more.events] for parts in kept)


def test_the_candidates_words_sum_to_what_its_text_changes(predictor):
    """Catches: the text in the history moved too, the softmax over the other items left out."""
    user = predictor.dataset.user_index("short")
    history, scalar = predictor.history(user), MarkLogProbability(4)

    found = candidate_text(predictor, scalar, history, predictor.instant, 4)

    read = predictor.text.tokens([found.text.text])
    ids = torch.where(read.special, read.ids, MASK)
    neutral = predictor.project(predictor.text.encode_embeddings(predictor.text.embed(ids), read.mask))[0]
    prediction = predictor.predict([history])
    as_is = scalar.value(prediction, predictor)[0]
    predictor.item_vectors = predictor.item_vectors.clone()
    predictor.item_vectors[4] = neutral + predictor.identity[4]
    without = scalar.value(prediction, predictor)[0]
    assert abs(found.text.total) > 0.5, "a score that does not move adds up whatever is done"
    assert found.text.total == pytest.approx(float(as_is - without), abs=1e-4)
    assert found.gap_share < 0.01


def test_a_candidate_whose_score_is_too_curved_for_the_nodes_is_given_more(predictor, monkeypatch):
    """Catches: an error of the strip's integral that is told and not mended."""
    history, scalar = predictor.history(predictor.dataset.user_index("short")), MarkLogProbability(4)

    found = candidate_text(predictor, scalar, history, predictor.instant, 4, nodes=1)
    monkeypatch.setattr(candidate, "FINER", 1)
    coarse = candidate_text(predictor, scalar, history, predictor.instant, 4, nodes=1)

    assert found.gap_share < 0.1 * candidate.LARGEST_ERROR < candidate.LARGEST_ERROR < coarse.gap_share


def test_an_item_without_text_has_no_text_part_and_loses_nothing(predictor, monkeypatch):
    """Catches: the mass of a stand-in token that no one sees."""
    items = predictor.dataset.items.copy()
    items["title"] = ""
    monkeypatch.setitem(predictor.dataset.__dict__, "items", items)

    explanation = explain_score(predictor, predictor.dataset.user_index("short"), Target(what="activity"), n_detailed=5)

    assert all(event.parts.text is None for event in explanation.events)
    assert all(event.parts.total == pytest.approx(event.value, abs=1e-12) for event in explanation.events)
    assert all(event.parts.gap_share < 1e-3 for event in explanation.events)


def test_an_explanation_of_another_model_is_not_continued(predictor):
    """Catches: parts of one model under the values of another."""
    user = predictor.dataset.user_index("short")
    first = explain_score(predictor, user, Target(what="activity"), n_detailed=0)

    with pytest.raises(InvalidSettingError, match="another model"):
        with_details(predictor, replace(first, run="other"), [0])
