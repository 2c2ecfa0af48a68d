"""What stands beside the model's curves is what the backtest judges, to the last digit."""

import numpy as np
import pytest

from recviz.baselines.activity import Horizon, active_days
from recviz.baselines.counts import OwnRate, ShrunkenRate
from recviz.baselines.shares import BlendedMix, EveryonesMix, ShrunkenMix, past_mix
from recviz.data.history import EMPTY_HISTORY, MICROSECONDS_PER_DAY
from recviz.forecast.beside import Beside, count_forecast, mix_of
from recviz.forecast.categories import categories_of
from recviz.forecast.topic_view import topic_view
from recviz.forecast.topics import match_topic
from recviz.forecast.user_view import user_view
from tests.forecast.fakes import FakePredictor, shop


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    log = shop(tmp_path_factory.mktemp("shop") / "log", users=40, events=400)
    return FakePredictor(log)


def judged_mix(predictor, baseline, code, groups):
    """Everybody's shares, the way the backtest asks for them."""
    horizon = Horizon.of(predictor.split.edges(predictor.instant))
    since = (horizon.origin - horizon.days) * MICROSECONDS_PER_DAY
    return baseline.mix(past_mix(predictor.view, predictor.dataset.target_kinds, code, groups, since))


@pytest.mark.parametrize("baseline", [OwnRate(), ShrunkenRate()])
def test_the_activity_drawn_is_the_one_that_is_judged(predictor, baseline):
    known = active_days(predictor.view, predictor.dataset.target_kinds)
    judged = baseline.forecast(known, Horizon.of(predictor.split.edges(predictor.instant))).mean

    view = user_view(predictor, 5, Beside(count_forecast(predictor, baseline)))

    assert np.array_equal(view.baseline, judged[5])
    assert view.baseline_name == baseline.name


@pytest.mark.parametrize("baseline", [EveryonesMix(), ShrunkenMix(), BlendedMix()])
def test_the_mix_drawn_is_the_one_that_is_judged(predictor, baseline):
    categories = categories_of(predictor)
    judged = judged_mix(predictor, baseline, categories.code, len(categories))

    for user in predictor.users[:6]:
        view = user_view(predictor, int(user), Beside(mix=baseline))

        total = sum(curve.mean for curve in view.categories)
        for curve in view.categories:
            expected = judged[user, categories.labels.index(curve.label)]
            assert curve.baseline == pytest.approx(expected * total)
        assert sum(curve.baseline for curve in view.categories) == pytest.approx(total)
        assert view.mix_name == baseline.name


def test_a_topic_that_is_a_category_has_the_categorys_mix(predictor):
    """Two groups are smoothed like three, so that a topic and a category are nearly and not wholly the same."""
    kitchen = {f"i{each}": float(each % 3 == 0) for each in range(9)}
    match = match_topic(predictor, "tea cup", kitchen)
    code = (match.weight > 0).astype(np.int64)
    judged = judged_mix(predictor, ShrunkenMix(), code, 2)

    view = topic_view(predictor, 3, match, Beside(mix=ShrunkenMix()))

    assert view.baseline == pytest.approx(
        judged[3, 1] * view.mean.sum() / view.share * view.baseline / view.baseline.sum()
    )
    assert view.baseline.sum() == pytest.approx(judged[3, 1] * view.mean.sum() / view.share)


def test_a_weight_between_counts_in_part(predictor):
    history = predictor.history(3)
    whole, half = np.zeros((9, 2)), np.zeros((9, 2))
    whole[:, 1] = half[:, 1] = 1.0
    taken = int(history.item[0])
    whole[taken], half[taken] = (1.0, 0.0), (0.5, 0.5)

    all_of_it, half_of_it = (mix_of(predictor, history, ShrunkenMix(1e-9), groups) for groups in (whole, half))

    assert half_of_it[0] == pytest.approx(all_of_it[0] / 2)


def test_a_user_without_history_has_everyones_mix(predictor):
    groups = np.eye(3)[np.arange(9) % 3]

    own, everyone = (mix_of(predictor, EMPTY_HISTORY, baseline, groups) for baseline in (ShrunkenMix(), EveryonesMix()))

    assert own == pytest.approx(everyone)
