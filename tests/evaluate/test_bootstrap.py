import numpy as np
import pytest

from recviz.evaluate.bootstrap import Losses, compare


@pytest.mark.parametrize(
    ("shift", "lower_is_better", "verdict"),
    [(-0.2, True, "better"), (0.2, True, "worse"), (0.2, False, "better"), (-0.2, False, "worse"),
     (0.0, True, "no difference seen"), (0.0, False, "no difference seen")],
)  # fmt: skip
def test_the_verdict_follows_the_interval_of_the_paired_difference(shift, lower_is_better, verdict):
    rng = np.random.default_rng(3)
    theirs = rng.gamma(2, 1, 500)
    ours = theirs + shift + rng.normal(0, 0.3, 500)

    found = compare(ours, Losses("baseline", theirs), "measure", lower_is_better=lower_is_better)

    assert found.verdict == verdict
    assert found.low <= found.difference <= found.high
    assert found.gain_low <= found.gain <= found.gain_high
    assert (found.gain > 0) == (found.verdict == "better") or verdict == "no difference seen"


def test_pairing_sees_a_small_difference_between_users_who_differ_much():
    theirs = np.random.default_rng(0).gamma(0.5, 10, 300)

    found = compare(theirs * 0.97, Losses("baseline", theirs), "loss", lower_is_better=True)

    assert found.verdict == "better"
    assert found.gain == pytest.approx(0.03)
