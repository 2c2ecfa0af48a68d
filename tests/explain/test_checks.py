"""Agreement, stability, shuffled weights. Each test names the planted bug that it was seen to catch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from recviz.errors import InvalidSettingError
from recviz.explain import checks as checks_module
from recviz.explain.checks import check, likeness_of
from recviz.explain.explainer import explain_score
from recviz.explain.shuffled import shuffled
from recviz.explain.targets import Target
from tests.explain.linear import LinearPredictor

TARGET = Target(what="activity", k=1)
FEW = 4
"""Weights that a shuffle may leave in order by chance."""


@pytest.fixture
def found(predictor, log, monkeypatch):
    monkeypatch.setattr(checks_module, "shuffled", lambda *_: LinearPredictor(log, seed=9))
    return explain_score(predictor, predictor.dataset.user_index("middle"), TARGET)


def test_on_a_linear_model_every_method_and_every_small_change_agree(predictor, found):
    """Catches: values compared by list instead of by event once one is gone; words of different events compared."""
    checks = check(predictor, found).checks

    assert [one.what for one in checks.agreement] == [
        "events by permutation",
        "events by leave-one-out",
        "words by gradient x input",
        "words by word occlusion",
        "words by partition",
    ]
    assert [one.what for one in checks.stability] == [
        "other random orders",
        "a history without the event that matters least",
        "a history an hour earlier",
    ]
    for one in (*checks.agreement, *checks.stability):
        assert one.correlation > 0.99
        assert one.shared_top == 1
    assert "Other methods order it alike" in checks.sentence


def test_events_keep_their_places_when_one_before_them_is_gone(predictor, monkeypatch):
    """Catches: values of a shorter history compared with those of the events one place on."""
    monkeypatch.setattr(checks_module, "shuffled", lambda *_: predictor)
    found = explain_score(predictor, predictor.dataset.user_index("long"), TARGET, n_detailed=0)
    least = min((event for event in found.events if not event.is_group), key=lambda event: abs(event.value))
    assert least.positions[0] < 50  # many come after it

    without = next(one for one in check(predictor, found).checks.stability if one.what.endswith("matters least"))

    assert without.correlation > 0.99


def test_other_weights_give_another_explanation_and_the_sentence_says_so(predictor, found):
    """Catches: the model compared with itself."""
    checks = check(predictor, found).checks

    assert checks.randomised.correlation < 0.7
    assert "something else" in checks.sentence


def test_an_explanation_that_does_not_depend_on_the_weights_is_called_so(predictor, found, monkeypatch):
    """Catches: a check that cannot turn out bad."""
    monkeypatch.setattr(checks_module, "shuffled", lambda *_: predictor)

    checks = check(predictor, found).checks

    assert checks.randomised.correlation == pytest.approx(1)
    assert "counts decide here" in checks.sentence


def test_an_explanation_that_other_methods_contradict_is_called_so(predictor, found):
    """Catches: agreement of the method with itself."""
    upside_down = replace(found, events=tuple(replace(event, value=-event.value) for event in found.events))

    checks = check(predictor, upside_down).checks

    assert all(one.correlation < -0.9 for one in checks.agreement[:2])
    assert "take the order with care" in checks.sentence


def test_too_few_or_equal_values_have_no_order_to_compare():
    """Catches: a correlation of nothing, a warning of the library."""
    assert likeness_of("x", np.array([1.0, 2.0]), np.array([1.0, 2.0])).correlation is None
    assert likeness_of("x", np.ones(5), np.arange(5.0)).correlation is None
    assert likeness_of("x", np.empty(0), np.empty(0)).shared_top == 1


def test_checks_of_another_model_are_refused(predictor, found):
    """Catches: one model's explanation checked against another's."""
    with pytest.raises(InvalidSettingError, match="another model"):
        check(predictor, replace(found, run="other"))


def test_shuffling_changes_what_was_learnt_keeps_what_was_counted_and_touches_nothing(trained):
    """Catches: the run's own weights overwritten; item tables left as learnt; only one tensor shuffled."""
    before = {name: weight.clone() for name, weight in trained.network.named_parameters()}
    vectors = trained.item_vectors.clone()

    twin = shuffled(trained, seed=1)

    assert all(weight.equal(before[name]) for name, weight in trained.network.named_parameters())
    assert trained.item_vectors.equal(vectors)
    for name, weight in twin.network.named_parameters():
        assert weight.flatten().sort().values.equal(before[name].flatten().sort().values)
        by_chance = weight.numel() < FEW or weight.unique().numel() == 1  # the same order again, or nothing to tell
        assert by_chance or not weight.equal(before[name]), name
    assert not twin.item_vectors.allclose(vectors)
    history = trained.history(int(trained.users[0]))
    with torch.no_grad():
        assert twin.predict([history]).z.shape == trained.predict([history]).z.shape
        assert not twin.predict([history]).z.allclose(trained.predict([history]).z)
    assert twin.fingerprint != trained.fingerprint
    assert shuffled(trained, seed=1).item_vectors.equal(twin.item_vectors)
    assert twin.kept != trained.kept  # else it would be told the run's own answers


def test_a_real_model_is_explained_by_what_it_learnt(trained):
    """Catches: checks that only run on a model made by hand."""
    user = int(trained.users[np.argmax([len(trained.history(int(user))) for user in trained.users])])
    item = str(trained.dataset.item_ids[trained.candidates[0]])

    found = check(trained, explain_score(trained, user, Target(what="probability", name=item), n_detailed=2))

    assert len(found.checks.agreement) == 5
    assert found.checks.randomised.what == "a model with shuffled weights"
    assert found.trust.neutral_comprehensiveness is not None
