"""The badge. Each test names the planted bug that it was seen to catch."""

import numpy as np
import pytest

from recviz.data.history import EMPTY_HISTORY
from recviz.explain.events import shapley_values
from recviz.explain.faithfulness import OVERRULED, badge_of, faithfulness, relative_gap, sentence_of
from recviz.explain.neutral import predict_neutral
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import VolumeLog
from recviz.explain.trust import Interval
from tests.explain.linear import LinearPredictor


@pytest.fixture
def game(predictor) -> RemovalGame:
    user = predictor.dataset.user_index("middle")
    return RemovalGame(predictor, VolumeLog(1), predictor.history(user), predictor.instant)


def test_true_values_are_faithful(game):
    """Catches: the top and the bottom of the order exchanged."""
    found = faithfulness(game, shapley_values(game).values)

    assert found.badge == "faithful"
    assert found.sentence.startswith("Faithful. Removing the events named first lowers the score by")


def test_where_it_is_asked_why_a_number_is_low_what_pushes_it_down_comes_first(game):
    """Catches: the events that push up named first, or their removal judged the wrong way round."""
    values = shapley_values(game).values

    low, high = (faithfulness(game, values, sign=sign) for sign in (-1, 1))

    assert (values < 0).any()
    assert low.badge == "faithful"
    assert low.sentence.startswith("Faithful. Removing the events named first raises the score by")
    assert "lower than keeping random ones" in low.sentence
    assert faithfulness(game, -values, sign=-1).badge == "no better than random"
    ordered = np.sort(values)  # on a linear model
    lowest = np.mean([ordered[:size].sum() for size in (1, 2, 6)])
    random = np.mean([size * values.mean() for size in (1, 2, 6)])
    reach = low.comprehensiveness.high - low.comprehensiveness.mean
    assert low.comprehensiveness.mean == pytest.approx(random - lowest, abs=2.5 * reach)
    assert low.comprehensiveness.mean != pytest.approx(high.comprehensiveness.mean)


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


def test_neutral_events_lose_what_they_were_about_and_keep_that_they_happened(predictor, game):
    """Catches: an event made neutral that is gone from the counts, or keeps its identity, value or words."""
    history = predictor.history(predictor.dataset.user_index("middle"))
    parts = predictor.parts(predictor.collate([history], [predictor.instant]))
    text = predictor.item_text.mean(dim=0)
    lost = (parts.text[0] - text + parts.identity[0] + parts.value[0]) @ predictor.w  # (12,)
    neutral = game.with_removal("neutral")

    found = neutral.scores(~np.eye(12, dtype=bool))

    assert neutral.full == pytest.approx(game.full, abs=1e-6)
    assert neutral.full - found == pytest.approx(lost.numpy(), abs=1e-5)


def test_neutral_events_are_none_of_the_users_own_items(predictor):
    """Catches: habit kept after the item is forgotten."""
    history = predictor.history(predictor.dataset.user_index("short"))
    present = np.array([[True, True, False, False, True]])

    found = predict_neutral(predictor, history, predictor.instant, present)
    removed = predictor.predict([history.take(present[0])])

    own = dict(zip(found.own_item[0].tolist(), found.own_weight[0].tolist(), strict=True))
    assert {item: weight for item, weight in own.items() if weight > 0} == pytest.approx(
        dict(zip(removed.own_item[0].tolist(), removed.own_weight[0].tolist(), strict=True))
    )


def test_a_score_of_activity_alone_is_not_spoken_against_by_neutral_events(log):
    """Catches: a badge lost because what the events were about does not matter."""
    predictor = LinearPredictor(log)
    predictor.w = predictor.w * 0
    user = predictor.dataset.user_index("middle")
    game = RemovalGame(predictor, VolumeLog(1), predictor.history(user), predictor.instant)

    found = faithfulness(game, np.arange(12.0))

    assert found.neutral_comprehensiveness.mean == pytest.approx(0, abs=1e-6)
    assert found.badge != "faithful"  # every event does the same, so no order is better


def test_neutral_events_that_say_the_opposite_take_the_badge_down():
    """Catches: the second way of removal shown but never heeded."""
    clear, against, silent = Interval(0.2, 0.1, 0.3), Interval(-0.2, -0.3, -0.1), Interval(0.0, -0.1, 0.1)

    assert badge_of(clear, clear, (clear, silent)) == "faithful"
    assert badge_of(clear, clear, (against, clear)) == "weak"
    assert badge_of(silent, against, (clear, clear)) == "no better than random"


def test_a_badge_that_neutral_events_took_down_says_so():
    """Catches: "weak" beside two figures that are both clear of nought, and no word of why."""
    clear, silent = Interval(0.2, 0.1, 0.3), Interval(0.0, -0.1, 0.1)

    assert sentence_of("weak", clear, clear, "nats").endswith(OVERRULED)
    assert OVERRULED not in sentence_of("faithful", clear, clear, "nats")
    assert OVERRULED not in sentence_of("weak", clear, silent, "nats")
