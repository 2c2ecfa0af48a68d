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


def test_curves_recover_the_truth_better_than_the_baselines_do(curves, truth):
    far = {name: distances(said, truth) for name, said in curves.items()}
    ours, others = far["the model"], [scores for name, scores in far.items() if name != "the model"]

    assert ours["lines"] < min(scores["lines"] for scores in others)
    assert ours["season"] < min(scores["season"] for scores in others)
    assert ours["correlation"] > max(scores["correlation"] for scores in others)


def test_planted_causes_are_learnt_and_decoys_are_not(trained, planted):
    causes, decoys = learnt_odds(trained, planted["causes"]), learnt_odds(trained, planted["decoys"])

    assert min(causes.values()) > 1.5
    assert np.median([*causes.values()]) > 2 * np.median([*decoys.values()])
    for cause, decoy in zip(causes.values(), decoys.values(), strict=True):
        assert cause > 1.5 * decoy


def test_nothing_is_learnt_where_there_is_nothing_to_learn(trained, curves, categories):
    items = np.flatnonzero((trained.dataset.items["category"] == UNLEARNABLE).to_numpy()[trained.candidates])
    said = trained.predict([trained.history(int(user)) for user in trained.users[::5]])

    chances = mark_probabilities(said, trained.item_vectors, 1)[:, items].double()
    within = (chances / chances.sum(1, keepdim=True)).numpy()

    from_uniform = (within * np.log(within * len(items))).sum(1).mean()
    assert from_uniform < 0.3, "nats: the model thinks it knows which voucher comes next"
    assert unlearnable_spread(curves["the model"], categories) < 0.7, "the model thinks it knows who buys vouchers"
