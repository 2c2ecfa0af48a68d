"""Planted causes receive the attribution and decoys, which read like them, do not."""

import numpy as np
import pytest

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.explain.events import shapley_values
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import InterestLog
from recviz.recommend.effect import usual_event

pytestmark = pytest.mark.slow

USERS_EACH = 6
LATEST = 7
"""Events of a user's own that are kept beside the two planted ones, so that values are exact."""


def values_of_cause_and_decoy(trained, cause, decoy, user, seed):
    """Buy the cause and the decoy in one basket, days before the cut; return their values and ranks for the effect."""
    draw = np.random.default_rng(seed)
    rows = trained.dataset.item_index
    effects = [rows(item) for item in cause["effect_items"]]
    history = trained.history(user)
    history = history.without([at for at, item in enumerate(history.item) if item in effects]).take(
        slice(-LATEST, None)
    )
    usual, when = usual_event(trained), trained.instant - 5 * MICROSECONDS_PER_DAY
    planted = [rows(str(draw.choice(group["cause_items"]))) for group in (cause, decoy)]
    for item in planted:
        history = history.plus(item, when, usual.kind, usual.value)
    weights = np.isin(trained.candidates, effects).astype(np.float32)
    values = shapley_values(
        RemovalGame(trained, InterestLog(weights, cause["effect"], 1), history, trained.instant)
    ).values
    places = [int(np.flatnonzero((history.item == item) & (history.time == when))[-1]) for item in planted]
    ranks = np.argsort(np.argsort(-values))
    return values[places], ranks[places]


@pytest.fixture(scope="session")
def cases(trained, planted):
    lengths = np.array([len(trained.history(int(user))) for user in trained.users])
    users = np.random.default_rng(0).choice(trained.users[lengths >= LATEST], 2 * USERS_EACH, replace=False)
    found = [
        values_of_cause_and_decoy(trained, cause, decoy, int(user), seed)
        for cause, decoy in zip(planted["causes"], planted["decoys"], strict=True)
        for seed, user in enumerate(users[:USERS_EACH])
    ]
    values, ranks = (np.stack(part) for part in zip(*found, strict=True))
    return values, ranks


def test_the_planted_cause_is_among_the_top_two_events(cases):
    _, ranks = cases

    assert (ranks[:, 0] < 2).mean() >= 0.9


def test_the_planted_cause_is_above_the_decoy_that_reads_like_it(cases):
    values, _ = cases

    assert (values[:, 0] > values[:, 1]).mean() >= 0.9
    assert np.median(values[:, 0]) > 3 * np.median(values[:, 1])
