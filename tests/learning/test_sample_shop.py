"""A model that learnt the sample shop, held against the truth that only its generator knows."""

import numpy as np
import pytest

from benchmarks.causes import above_decoys, among_two, find_cases, planted_words_on_top, title_above_other_parts
from benchmarks.sample_truth import UNLEARNABLE, all_curves, distances, learnt_odds, true_curves, unlearnable_spread
from recviz.model.prediction import mark_probabilities

pytestmark = pytest.mark.slow

CASES = 16
"""Users of each link."""


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


def test_curves_recover_the_truth_better_than_every_baseline(far):
    ours, *others = far.values()

    for measure in ("days", "lines", "mix"):
        assert ours[measure] < min(scores[measure] for scores in others), measure


def test_planted_causes_are_learnt_and_decoys_tell_no_more_than_their_category(trained, planted):
    """What is bought tells of the interest in its category: a decoy may say as much as that, a cause must say more."""
    causes, decoys = (np.array([*learnt_odds(trained, planted[each]).values()]) for each in ("causes", "decoys"))

    assert np.median(causes / decoys) > 1.3
    assert causes.min() > 1.7
    assert decoys[-1] < 1.5, "its category is not that of the effect"


@pytest.fixture(scope="session")
def cases(trained, planted):
    return find_cases(trained, planted, CASES)


def test_the_planted_cause_receives_the_attribution(cases):
    assert len(cases) == CASES * 5
    assert among_two(cases) >= 0.9


def test_a_decoy_stands_behind_the_cause(cases, trained, planted):
    """Of any time, and of the same days, in which recency does not tell them apart."""
    rivals = find_cases(trained, planted, CASES, beside_decoys=True)
    (ever, n_ever), (acting, n_acting) = above_decoys(cases, acting=False), above_decoys(rivals, acting=True)

    assert min(n_ever, n_acting) >= CASES
    assert ever >= 0.9
    assert acting >= 0.8


def test_inside_the_cause_the_planted_words_are_on_top(cases):
    """Catches: shares of tokens handed to the word beside theirs."""
    right, handed_on = planted_words_on_top(cases), planted_words_on_top(cases, shift=1)

    assert right >= 0.75
    assert handed_on < right - 0.1


def test_inside_the_cause_its_title_says_more_than_any_other_part_with_a_name(cases):
    assert title_above_other_parts(cases) >= 0.7


def test_nothing_is_learnt_where_there_is_nothing_to_learn(trained, curves, categories):
    items = np.flatnonzero((trained.dataset.items["category"] == UNLEARNABLE).to_numpy()[trained.candidates])
    said = trained.predict([trained.history(int(user)) for user in trained.users[::5]])

    chances = mark_probabilities(said, trained.item_vectors, 1)[:, items].double()
    within = (chances / chances.sum(1, keepdim=True)).numpy()

    from_uniform = (within * np.log(within * len(items))).sum(1).mean()
    assert from_uniform < 0.3, "nats: the model thinks it knows which voucher comes next"
    spread = {name: unlearnable_spread(said, categories) for name, said in curves.items()}
    assert spread["the model"] < 0.8 * min(others for name, others in spread.items() if name != "the model")
