"""The badge. Each test names the planted bug that it was seen to catch."""

import numpy as np
import pytest

from recviz.data.history import EMPTY_HISTORY
from recviz.explain.events import shapley_values
from recviz.explain.explanation import Interval
from recviz.explain.faithfulness import badge_of, faithfulness, relative_gap
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import VolumeLog


@pytest.fixture
def game(predictor) -> RemovalGame:
    user = predictor.dataset.user_index("middle")
    return RemovalGame(predictor, VolumeLog(1), predictor.history(user), predictor.instant)


def test_true_values_are_faithful(game):
    """Catches: the top and the bottom of the order exchanged."""
    found = faithfulness(game, shapley_values(game).values)

    assert found.badge == "faithful"
    assert found.sentence.startswith("Faithful. Removing the events named first lowers the score by")


def test_values_upside_down_and_values_at_random_are_no_better_than_random(game):
    """Catches: a badge that cannot turn out bad."""
    values = shapley_values(game).values

    upside_down = faithfulness(game, -values)
    even = [faithfulness(game, np.random.default_rng(seed).permutation(values)) for seed in range(30)]

    assert upside_down.badge == "no better than random"
    assert upside_down.comprehensiveness.high < 0
    assert sum(found.badge == "faithful" for found in even) < 20
    assert sum(found.badge == "no better than random" for found in even) > 5


def test_on_a_linear_model_the_difference_to_random_is_the_difference_of_sums(game):
    """Catches: differences that are not paired by size, a mean over sizes that random orders do not share."""
    values = shapley_values(game).values

    found = faithfulness(game, values)

    ordered = np.sort(values)[::-1]
    top = np.mean([ordered[:size].sum() for size in (1, 2, 6)])
    random = np.mean([size * values.mean() for size in (1, 2, 6)])
    reach = found.comprehensiveness.high - found.comprehensiveness.mean
    assert found.comprehensiveness.mean == pytest.approx(top - random, abs=2.5 * reach)
    assert found.sufficiency.mean == pytest.approx(found.comprehensiveness.mean, abs=1e-4)


def test_one_event_has_no_random_order_to_compare_with(predictor):
    """Catches: a badge out of nothing."""
    user = predictor.dataset.user_index("short")
    one = predictor.history(user).take(slice(0, 1))

    for history in (one, EMPTY_HISTORY):
        found = faithfulness(RemovalGame(predictor, VolumeLog(1), history, predictor.instant), np.ones(len(history)))

        assert found.badge == "too few events to tell"
        assert found.comprehensiveness is None


def test_the_badge_needs_both_intervals_clear_of_nought_to_be_good():
    """Catches: a mean above 0 taken for proof."""
    clear, unclear = Interval(0.2, 0.1, 0.3), Interval(0.2, -0.1, 0.5)

    assert badge_of(clear, clear) == "faithful"
    assert badge_of(clear, unclear) == badge_of(unclear, clear) == "weak"
    assert badge_of(unclear, unclear) == "no better than random"


def test_gaps_of_tiny_differences_are_measured_against_a_tenth():
    """Catches: a gap of a millionth called large because nothing is explained."""
    assert relative_gap(0.001, 0.0) == pytest.approx(0.01)
    assert relative_gap(-0.02, -2.0) == pytest.approx(0.01)
