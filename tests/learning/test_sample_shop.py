"""A model that learnt the sample shop, held against the truth that only its generator knows."""

import numpy as np
import pytest

from benchmarks.sample_truth import UNLEARNABLE, all_curves, distances, learnt_odds, true_curves, unlearnable_spread
from recviz.model.prediction import mark_probabilities

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def categories(trained):
    return sorted(set(trained.dataset.items["category"]))


@pytest.fixture(scope="session")
def curves(trained, categories):
    return all_curves(trained, categories)


@pytest.fixture(scope="session")
def truth(trained, categories):
    return true_curves(trained, categories)


@pytest.fixture(scope="session")
def far(curves, truth):
    """How far each method is from the truth: the model first, then the baselines, the strongest last."""
    return {name: distances(said, truth) for name, said in curves.items()}


def test_curves_recover_the_truth_better_than_own_rates_and_than_everyones_mix(far):
    ours, everyones, shrunken, _ = far.values()

    assert ours["days"] < 0.9 * shrunken["days"]
    assert ours["lines"] < 0.75 * everyones["lines"]
    assert ours["mix"] < 0.75 * everyones["mix"]
    assert ours["correlation"] > 0.65


@pytest.mark.xfail(reason="measured: own shrunken mixes and boosted counts are still nearer to the truth", strict=True)
def test_curves_recover_the_truth_better_than_every_baseline(far):
    ours, *others = far.values()

    for measure in ("days", "lines", "mix"):
        assert ours[measure] < min(scores[measure] for scores in others), measure


@pytest.mark.xfail(reason="measured: a few passes over this log learn tastes, not yet single causes", strict=True)
def test_planted_causes_are_learnt_and_decoys_are_not(trained, planted):
    causes, decoys = learnt_odds(trained, planted["causes"]), learnt_odds(trained, planted["decoys"])

    assert np.median([*causes.values()]) > 2 * np.median([*decoys.values()])


def test_no_decoy_is_taken_for_a_cause(trained, planted):
    decoys = learnt_odds(trained, planted["decoys"])

    assert max(decoys.values()) < 2


def test_nothing_is_learnt_where_there_is_nothing_to_learn(trained, curves, categories):
    items = np.flatnonzero((trained.dataset.items["category"] == UNLEARNABLE).to_numpy()[trained.candidates])
    said = trained.predict([trained.history(int(user)) for user in trained.users[::5]])

    chances = mark_probabilities(said, trained.item_vectors, 1)[:, items].double()
    within = (chances / chances.sum(1, keepdim=True)).numpy()

    from_uniform = (within * np.log(within * len(items))).sum(1).mean()
    assert from_uniform < 0.3, "nats: the model thinks it knows which voucher comes next"
    spread = {name: unlearnable_spread(said, categories) for name, said in curves.items()}
    assert spread["the model"] < 0.8 * min(others for name, others in spread.items() if name != "the model")
