"""Every method for parts, on a model whose answer is known. Each test names the planted bug that it was seen to catch."""

from typing import get_args

import numpy as np
import pytest

from recviz.explain.choices import Baseline, PartMethod
from recviz.explain.explainer import explain_score
from recviz.explain.part_methods import divide
from recviz.explain.parts import part_values
from recviz.explain.path import PartPath
from recviz.explain.scalars import MarkLogProbability, VolumeLog
from recviz.explain.shap_library import hierarchy, owen_values
from recviz.explain.targets import Target
from tests.explain.linear import MASK, LinearPredictor

METHODS = get_args(PartMethod)
BASELINES = get_args(Baseline)


def path_of(predictor, positions, scalar=None, baseline="neutral", user="middle") -> PartPath:
    row = predictor.dataset.user_index(user)
    scalar = scalar or VolumeLog(1)
    return PartPath(predictor, scalar, predictor.history(row), predictor.instant_of(row), positions, baseline)


def words_of(path: PartPath, places: np.ndarray) -> list[np.ndarray]:
    """Sums over each event's words and other parts."""
    sums = []
    for row in range(len(path)):
        unit = path.units(row)
        stands = unit.of_place >= 0
        sums.append(np.bincount(unit.of_place[stands], places[row][stands], minlength=len(unit)))
    return sums


@pytest.mark.parametrize("method", METHODS)
def test_on_a_linear_model_every_method_gives_every_word_and_part_its_own_term(predictor, method):
    """Catches, method by method: the integral's weights not summing to one (integrated gradients); the input not
    measured from its baseline (gradient x input); the difference taken the wrong way round (word occlusion); values of
    the tree read in another order than that of its leaves (partition).
    """
    path = path_of(predictor, [3, 0, 7])

    found = words_of(path, divide(path, method))

    history = predictor.history(predictor.dataset.user_index("middle"))
    parts = predictor.parts(predictor.collate([history], [predictor.instant]))
    for row, position in enumerate([3, 0, 7]):
        ids, mask = path.texts.tokens.ids[row], path.texts.tokens.mask[row]
        moved = predictor.text.table[ids] - predictor.text.table[MASK]
        terms = (predictor.project(moved) @ predictor.w / mask.sum())[path.texts.stands[row]].numpy()
        others = [float(part[0, position] @ predictor.w) for part in (parts.identity, parts.kind, parts.value)]
        assert found[row] == pytest.approx([*terms, *others, 0.3], abs=2e-5)


@pytest.mark.parametrize("method", METHODS)
def test_masking_padding_changes_nothing(predictor, method):
    """Catches, for each method: padding moved with the words, so that a longer text beside it shifts its values."""
    alone = divide(path_of(predictor, [0]), method)  # a title of two words
    beside = divide(path_of(predictor, [0, 3]), method)  # the same beside one of five, so padded

    n_tokens = alone.shape[1] - 4
    padded = beside[0, n_tokens:-4]
    assert len(padded) > 0
    assert padded.tolist() == [0.0] * len(padded)
    assert np.concatenate([beside[0, :n_tokens], beside[0, -4:]]) == pytest.approx(alone[0], abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_an_event_that_is_there_twice_keeps_two_shares(predictor, method):
    """Catches, for each method: one slot, or one row of results, written for both."""
    path = path_of(predictor, [31, 47], user="long")

    found = divide(path, method)

    assert found[0, :-4] == pytest.approx(found[1, :-4], abs=1e-5)
    assert found[0, -2] != pytest.approx(found[1, -2])  # another value on each day


@pytest.mark.parametrize("method", ["integrated gradients", "partition"])
def test_what_adds_up_by_theory_adds_up_on_a_curved_score(log, method):
    """Catches: too few nodes; Owen values cut short by a budget of evaluations."""
    predictor = LinearPredictor(log)
    row = predictor.dataset.user_index("short")

    found = part_values(predictor, MarkLogProbability(4), predictor.history(row), predictor.instant, [1, 3, 4], method)

    assert np.abs(found.difference).max() > 1, "a score that does not move adds up whatever is done"
    assert found.explained == pytest.approx(found.difference, abs=1e-4)


@pytest.mark.parametrize("method", ["gradient x input", "word occlusion"])
def test_what_does_not_add_up_tells_its_gap_and_the_event_still_adds_up(log, method):
    """Catches: a gap hidden in a part."""
    predictor = LinearPredictor(log)

    found = explain_score(
        predictor, predictor.dataset.user_index("middle"), Target(what="effect", name="i03"), part_method=method
    )

    looked_into = [event for event in found.events if event.parts]
    assert found.part_method == method
    assert found.trust.parts_gap_share > 0.001
    for event in looked_into:
        assert event.parts.total == pytest.approx(event.value, abs=1e-12)


@pytest.mark.parametrize("baseline", BASELINES)
def test_each_baseline_puts_what_it_says_in_place_of_words_and_leaves_the_markers(predictor, baseline):
    """Catches: one baseline under another's name, markers replaced."""
    path = path_of(predictor, [3], baseline=baseline)

    table = predictor.text.table
    expected = {"neutral": table[MASK], "padding": table[0], "mean": table.mean(0), "zero": table[0] * 0}[baseline]
    stands = path.texts.stands[0]
    assert path.texts.baseline[0][stands].allclose(expected.expand(int(stands.sum()), -1))
    assert path.texts.baseline[0][~stands].equal(path.texts.embeddings[0][~stands])


def test_an_explanation_says_which_baseline_and_method_it_used_and_goes_on_with_them(predictor):
    """Catches: later events looked into from another baseline."""
    user = predictor.dataset.user_index("short")
    found = {
        baseline: explain_score(predictor, user, Target(what="activity"), n_detailed=5, baseline=baseline)
        for baseline in ("neutral", "zero")
    }

    first, second = (found[name].events[0].parts.text.total for name in ("neutral", "zero"))
    assert found["zero"].baseline == "zero"
    assert first != pytest.approx(second)


def test_owen_values_share_within_a_group_first():
    """Catches: a flat tree. Two words that only count together share what a third could never have."""

    def scores(present: np.ndarray) -> np.ndarray:
        return np.where(present[:, 0] & present[:, 1], 1.0, 0.0) + np.where(present[:, 1] & present[:, 2], 1.0, 0.0)

    found = owen_values(scores, np.array([0, 0, 1]))

    # by hand: orders that keep {0, 1} together
    assert found == pytest.approx([0.5, 1.0, 0.5])
    assert owen_values(lambda present: present[:, 0] * 2.0, np.array([0])) == pytest.approx([2.0])


def test_the_tree_joins_words_of_a_field_before_fields():
    """Catches: neighbours of two fields joined first."""
    tree = hierarchy(np.array([0, 0, 0, 1, 2]))

    leaves = {at: {at} for at in range(5)}
    for row, (left, right, *_) in enumerate(tree):
        leaves[5 + row] = leaves[int(left)] | leaves[int(right)]
    assert {0, 1, 2} in leaves.values()
    assert leaves[8] == {0, 1, 2, 3, 4}
    assert tree[-1, 3] == 5


def test_the_shap_library_leaves_numpys_generator_as_it_was(predictor):
    """Catches: a global generator that explanations seed."""
    np.random.seed(7)  # noqa: NPY002 - the state that shap draws from
    expected = np.random.random(3)  # noqa: NPY002 - the state that shap draws from
    np.random.seed(7)  # noqa: NPY002 - the state that shap draws from

    divide(path_of(predictor, [0]), "partition")

    assert np.random.random(3).tolist() == expected.tolist()  # noqa: NPY002 - the state that shap draws from


def test_an_event_as_it_is_leaves_the_score_as_it_is(predictor):
    """Catches: an event's parts written over another event, which a sum over events does not notice."""
    path = path_of(predictor, [3, 0, 7])
    whole = np.ones((3, path.texts.embeddings.shape[1] + 4), dtype=bool)

    found = path.scores_with(np.arange(3), whole)

    history = predictor.history(predictor.dataset.user_index("middle"))
    assert found == pytest.approx(float(predictor.predict([history]).mu[0, 0].log()), abs=1e-5)
