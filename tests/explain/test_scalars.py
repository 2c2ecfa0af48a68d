"""What is explained. Each test names the planted bug that it was seen to catch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from recviz.errors import InvalidSettingError, NotFoundError, UnsupportedError
from recviz.explain.labels import label_of
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import InterestLog, LongTermEffect, MarkLogProbability, ValueScalar, VolumeLog
from recviz.explain.targets import Target, scalar_of
from recviz.model.prediction import interest, mark_probabilities
from recviz.recommend.effect import usual_event


@pytest.fixture
def prediction(predictor):
    return predictor.predict([predictor.history(user) for user in range(3)])


def test_the_log_probability_is_that_of_the_mark_with_its_repeat_part(predictor, prediction):
    """Catches: the own part left out, another period's mark."""
    for k in (0, 2):
        value = MarkLogProbability(3, k).value(prediction, predictor)

        expected = mark_probabilities(prediction, predictor.item_vectors, k)[:, 3].log()
        assert value.tolist() == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_very_unlikely_item_keeps_a_finite_value_and_a_gradient(predictor, prediction):
    """Catches: the logarithm of a share that was rounded to nought."""
    z = (prediction.z * 0 - 1000 * predictor.item_vectors[3]).requires_grad_()
    far = replace(prediction, z=z, gate=prediction.gate * 0)

    value = MarkLogProbability(3).value(far, predictor)
    value.sum().backward()

    assert torch.isfinite(value).all()
    assert value.max() < -500
    assert torch.isfinite(z.grad).all()
    assert z.grad.abs().sum() > 0


def test_volume_and_interest_are_the_logarithms_of_what_the_curves_show(predictor, prediction):
    """Catches: depth forgotten, periods counted from nought."""
    weights = np.array([1, 0, 0.5] + [0] * 13, np.float32)
    curve = interest(prediction, predictor.item_vectors, torch.from_numpy(weights)[:, None])[..., 0]

    assert VolumeLog(2).value(prediction, predictor).tolist() == pytest.approx(prediction.mu[:, 1].log().tolist())
    assert VolumeLog().value(prediction, predictor).tolist() == pytest.approx(prediction.mu.sum(1).log().tolist())
    for k, expected in ((1, curve[:, 0]), (None, curve.sum(1))):
        value = InterestLog(weights, "a topic", k).value(prediction, predictor)
        assert value.tolist() == pytest.approx(expected.log().tolist(), abs=1e-5)


def test_a_long_term_effect_is_the_change_of_expected_days_when_the_event_is_appended(predictor):
    """Catches: the sign, the pairing of rows of several histories."""
    for user in range(3):
        history = predictor.history(user)
        game = RemovalGame(predictor, LongTermEffect(3), history, predictor.instant)

        effect, _ = game.scores(np.array([[True] * game.n_players, [False] * game.n_players]))

        usual = usual_event(predictor)
        added = history.plus(3, predictor.instant, usual.kind, usual.value)
        known = [added, history]
        after, before = predictor.predict(known, [predictor.instant + 1] * 2).mu.sum(1)
        expected = after - before
        assert effect == pytest.approx(float(expected), rel=1e-4)


def test_every_target_says_in_words_what_it_is(predictor):
    """Catches: a label of another scalar."""
    title = predictor.dataset.title(3)
    labels = {
        what: label_of(predictor, Target(what=what, name=name, k=k))
        for what, name, k in [
            ("probability", "i03", 0),
            ("value", "i03", None),
            ("effect", "i03", None),
            ("activity", "", 1),
            ("category", "a", None),
        ]
    }

    assert labels == {
        "probability": f"How likely “{title}” is at the next visit (log-probability)",
        "value": f"Expected value of “{title}”",
        "effect": f"Change of expected active days over the next 2 weeks if “{title}” were taken now",
        "activity": "How many active days to expect in week 1 (logarithm)",
        "category": "Interest in “a” over the next 2 weeks (logarithm of expected events)",
    }


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        (Target(what="probability", name="nope"), NotFoundError, "no item 'nope'"),
        (Target(what="probability", name="i03", k=3), InvalidSettingError, "no week 3"),
        (Target(what="category", name="nope"), NotFoundError, "no category 'nope'"),
    ],
)
def test_what_is_not_there_is_refused_in_words(predictor, target, error, message):
    """Catches: an index error that a page would crash on."""
    with pytest.raises(error, match=message):
        scalar_of(predictor, target)


def test_a_period_off_the_curve_and_an_item_that_was_not_there_are_refused(predictor, prediction):
    """Catches: -1 read as the last week, or as the last item."""
    with pytest.raises(UnsupportedError, match="no week 3"):
        VolumeLog(3).value(prediction, predictor)
    predictor.position = predictor.position.copy()
    predictor.position[3] = -1
    with pytest.raises(UnsupportedError, match="not in the log before"):
        MarkLogProbability(3).value(prediction, predictor)


def test_a_log_without_values_has_no_expected_value(predictor, prediction, monkeypatch):
    """Catches: explaining nothing."""
    monkeypatch.setattr(predictor, "expected_value", lambda *_: None)

    with pytest.raises(UnsupportedError, match="no values"):
        ValueScalar(3).value(prediction, predictor)
