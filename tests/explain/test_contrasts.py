"""Why this and not that. Each test names the planted bug that it was seen to catch."""

import pytest

from recviz.errors import UnsupportedError
from recviz.explain.contrasts import Difference
from recviz.explain.explainer import explain_score
from recviz.explain.scalars import LongTermEffect, ValueScalar, VolumeLog
from recviz.explain.targets import Target

TWO_ITEMS = Target(what="probability", name="i03", against=Target(what="probability", name="i07"))
TWO_WEEKS = Target(what="category", name="a", k=2, against=Target(what="category", name="a", k=1))
TWO_EFFECTS = Target(what="effect", name="i03", against=Target(what="effect", name="i07"))


@pytest.mark.parametrize("target", [TWO_ITEMS, TWO_WEEKS, TWO_EFFECTS])
def test_a_contrast_is_explained_by_the_differences_of_the_two_explanations(predictor, target):
    """Catches: the second number forgotten or added; rows of the two mixed up where each needs two histories."""
    user = predictor.dataset.user_index("short")
    first = Target(what=target.what, name=target.name, k=target.k)

    both = explain_score(predictor, user, target, n_detailed=5)
    one, other = (explain_score(predictor, user, each, n_detailed=5) for each in (first, target.against))

    assert both.score == pytest.approx(one.score - other.score, abs=1e-4)
    assert both.empty_score == pytest.approx(one.empty_score - other.empty_score, abs=1e-4)
    for whole, mine, theirs in zip(both.events, one.events, other.events, strict=True):
        assert whole.value == pytest.approx(mine.value - theirs.value, abs=1e-4)
        assert whole.parts.identity == pytest.approx(mine.parts.identity - theirs.parts.identity, abs=1e-3)
        assert whole.parts.text.total == pytest.approx(mine.parts.text.total - theirs.parts.text.total, abs=1e-3)


def test_two_items_have_a_strip_each_and_signs_that_say_for_whom(predictor):
    """Catches: the first item's words shown for the second, the strips of an item that is not in the contrast."""
    user = predictor.dataset.user_index("middle")

    found = explain_score(predictor, user, TWO_ITEMS, n_detailed=0)

    dataset = predictor.dataset
    assert found.candidate.text.startswith(dataset.title(dataset.item_index("i03")))
    assert found.rival.text.startswith(dataset.title(dataset.item_index("i07")))
    assert found.sign_rule.startswith("Above zero spoke for the first of the two")
    assert set(found.to_frame()["part"]) >= {"candidate word", "rival word"}
    alone = explain_score(predictor, user, Target(what="probability", name="i03"), n_detailed=0)
    assert alone.rival is None


def test_what_is_measured_in_two_units_or_seen_from_two_moments_is_not_compared():
    """Catches: nats less ratings; a number just after the origin less one at it."""
    with pytest.raises(UnsupportedError, match="nothing in common"):
        Difference(VolumeLog(1), ValueScalar(3))
    with pytest.raises(UnsupportedError, match="nothing in common"):
        Difference(LongTermEffect(3), VolumeLog(1))
