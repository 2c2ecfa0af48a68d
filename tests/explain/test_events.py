"""Event values. Each test names the planted bug that it was seen to catch."""

from dataclasses import replace
from itertools import permutations
from typing import get_args

import numpy as np
import pytest

from recviz.data.history import EMPTY_HISTORY
from recviz.explain import events as events_module
from recviz.explain.choices import Method
from recviz.explain.events import event_values, leave_one_out, shapley_values
from recviz.explain.removal import RemovalGame, players_of
from recviz.explain.scalars import MarkLogProbability, VolumeLog
from tests.explain.linear import LinearPredictor


def game_of(predictor, user, scalar=None, **options) -> RemovalGame:
    row = predictor.dataset.user_index(user)
    return RemovalGame(predictor, scalar or VolumeLog(1), predictor.history(row), predictor.instant_of(row), **options)


def linear_values(predictor, user) -> np.ndarray:
    history = predictor.history(predictor.dataset.user_index(user))
    parts = predictor.parts(predictor.collate([history], [predictor.instant]))
    direct = (parts.text + parts.identity + parts.kind + parts.value)[0] @ predictor.w
    return direct.numpy() + 0.3 + predictor.habit


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("user", ["short", "middle"])
def test_on_a_linear_model_every_method_gives_each_event_its_own_term(predictor, user, method):
    """Catches, method by method: weights of subsets off by one, habit left out (shapley); walks back credited to the
    wrong events (permutation); events shifted by one place (leave-one-out).
    """
    game = game_of(predictor, user)

    found = event_values(game, method)

    assert found.values == pytest.approx(linear_values(predictor, user), abs=2e-5)
    assert found.standard_errors == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("method", get_args(Method))
def test_the_same_item_on_two_days_keeps_two_shares_by_every_method(predictor, method):
    """Catches, for each method: shares summed, or overwritten, by item id."""
    game = game_of(predictor, "long")
    history = predictor.history(predictor.dataset.user_index("long"))
    assert history.item[31] == history.item[47]

    found = event_values(game, method, subsets=400)

    expected = linear_values(predictor, "long")
    assert found.values[[12, 28]] == pytest.approx(expected[[31, 47]], abs=1e-3)
    assert expected[31] != pytest.approx(expected[47], abs=1e-3)


def test_standard_errors_of_the_shap_library_cover_the_truth(log, monkeypatch):
    """Catches: the spread of single walks given for the error of their mean, or walks out and back for independent."""
    game = game_of(LinearPredictor(log, interaction=-0.01), "middle", MarkLogProbability(3))

    sampled = event_values(game, "permutation")
    monkeypatch.setattr(events_module, "EXACT_UP_TO", 12)
    exact = shapley_values(game)

    z = (sampled.values - exact.values) / sampled.standard_errors
    assert 0.2 < np.sqrt((z**2).mean()) < 2


def test_values_are_the_mean_over_every_order_in_which_events_could_have_come(log):
    """Catches: averaging over subsets instead of over orders."""
    game = game_of(LinearPredictor(log, interaction=0.05), "short", MarkLogProbability(3))

    found = shapley_values(game)

    gains = np.zeros(5)
    for order in permutations(range(5)):
        present = np.zeros(5, dtype=bool)
        for player in order:
            before = game.scores(present[None])[0]
            present[player] = True
            gains[player] += (game.scores(present[None])[0] - before) / 120
    assert found.values == pytest.approx(gains, abs=1e-9)


def test_sampled_values_add_up_and_lie_within_their_errors_of_the_exact_ones(log, monkeypatch):
    """Catches: one-sided walks counted as independent (errors too small), a reversed walk credited to wrong events."""
    game = game_of(LinearPredictor(log, interaction=-0.01), "middle", MarkLogProbability(3))

    sampled = shapley_values(game)
    monkeypatch.setattr(events_module, "EXACT_UP_TO", 12)
    exact = shapley_values(game)

    assert sampled.values.sum() == pytest.approx(game.full - game.empty, abs=1e-9)
    assert np.abs(sampled.values - exact.values).max() < 4 * sampled.standard_errors.max()
    assert (sampled.standard_errors > 0).all()
    z = (sampled.values - exact.values) / sampled.standard_errors
    assert np.sqrt((z**2).mean()) < 2.5


@pytest.mark.filterwarnings("ignore")
def test_values_agree_with_those_of_the_shap_library(log):
    """Catches: any own idea of what a Shapley value is."""
    import shap  # noqa: PLC0415 - its import warns, which this test alone lets pass

    game = game_of(LinearPredictor(log, interaction=0.02), "middle", MarkLogProbability(3))

    found = shapley_values(game)
    peer = shap.PermutationExplainer(lambda masks: game.scores(masks.astype(bool)), np.zeros((1, 12)), seed=0)
    theirs = peer(np.ones((1, 12)), max_evals=12 * 2 * 60, silent=True)

    assert found.values == pytest.approx(theirs.values[0], abs=4 * found.standard_errors.max())
    assert theirs.values[0].sum() == pytest.approx(found.values.sum(), abs=1e-6)


def test_the_same_seed_gives_the_same_values(log):
    """Catches: a generator shared between explanations."""
    predictor = LinearPredictor(log, interaction=0.02)

    first = shapley_values(game_of(predictor, "middle", MarkLogProbability(3)))
    second = shapley_values(game_of(predictor, "middle", MarkLogProbability(3)))

    assert first.values.tolist() == second.values.tolist()


def test_an_item_bought_twice_keeps_two_shares(predictor):
    """Catches: shares summed by item id."""
    history = predictor.history(predictor.dataset.user_index("long"))
    assert history.item[31] == history.item[47]
    game = game_of(predictor, "long")

    found = shapley_values(game)

    expected = linear_values(predictor, "long")
    assert len(found.values) == 41
    assert found.values[1:] == pytest.approx(expected[20:], abs=1e-4)


def test_events_before_the_latest_forty_count_together_as_one(predictor):
    """Catches: dropping what the encoder's window does not hold."""
    game = game_of(predictor, "long")

    found = shapley_values(game)

    assert game.has_group
    assert found.values[0] == pytest.approx(linear_values(predictor, "long")[:20].sum(), abs=1e-4)


def test_a_history_is_divided_into_players_without_a_rest(predictor):
    """Catches: a position that belongs to no player."""
    whole = predictor.history(predictor.dataset.user_index("long"))
    for count in (0, 1, 40, 41, 60):
        players = players_of(predictor, whole.take(slice(0, count)))

        assert np.concatenate([np.empty(0), *players]).tolist() == list(range(count))
        assert len(players) == min(count, 41)


def test_which_events_of_a_large_basket_count_one_by_one_is_not_decided_by_ids(predictor):
    """Catches: the last rows taken for the latest events (invariant 10)."""
    whole = predictor.history(predictor.dataset.user_index("short"))
    basket = replace(whole, time=np.full(5, whole.time[0]), item=np.array([4, 1, 3, 0, 2], np.int32))
    renamed = replace(basket, **{name: getattr(basket, name)[::-1] for name in ("item", "kind", "value")})

    first, second = (players_of(predictor, history, 3) for history in (basket, renamed))

    assert [basket.item[at].tolist() for at in first[1:]] == [renamed.item[at].tolist() for at in second[1:]]
    assert sorted(basket.item[first[0]]) == sorted(renamed.item[second[0]]) == [3, 4]


def test_a_user_without_history_has_no_events_and_the_empty_score(predictor):
    """Catches: a division by no players."""
    game = RemovalGame(predictor, VolumeLog(1), EMPTY_HISTORY, predictor.instant)

    assert shapley_values(game).values.tolist() == []
    assert game.full == game.empty == pytest.approx(0.1, abs=1e-6)


def test_each_subset_goes_through_the_model_once(predictor):
    """Catches: a cache key that two subsets share, or that one subset changes."""
    game = game_of(predictor, "short")
    shapley_values(game)
    leave_one_out(game)

    assert game.n_evaluated == 2**5
