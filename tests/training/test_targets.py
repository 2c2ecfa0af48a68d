"""What is asked at which moment, and what followed."""

import numpy as np
import pytest

from recviz.data.sequences import view_all
from recviz.data.split import make_split
from recviz.model.assembly import candidate_items, fit_collator
from recviz.model.config import RunConfig
from recviz.training.targets import MOST_SETS, TargetRules, targets_after
from tests.logs import make_dataset
from tests.training.small import CUT, small_frame


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    dataset = make_dataset(tmp_path_factory.mktemp("targets") / "log", small_frame())
    split = make_split(dataset, "time", CUT, "week", 6)
    collator = fit_collator(
        view_all(dataset.store),
        split.cut,
        dataset,
        split,
        candidate_items(dataset, split),
        RunConfig(cut=CUT, horizon=6),
    )
    return dataset, TargetRules(collator=collator, split=split, end=split.now, origins=1)


def busy(dataset, origin):
    """The histories with several later baskets, one of them with several lines."""
    histories = [dataset.store.history(int(user)) for user in range(len(dataset.user_ids))]
    return [each for each in histories if len(np.unique(each.time[each.time >= origin])) > 3][:5]


def test_every_later_basket_is_asked_for_once_right_after_the_one_before(given):
    dataset, rules = given
    origin = rules.split.cut
    for history in busy(dataset, origin):
        wanted = targets_after(history, origin, rules)

        later = np.unique(history.time[history.time >= origin])
        assert wanted.n_next == len(later)
        assert wanted.instants[0] == max(origin, history.time[history.time < origin].max(initial=0) + 1)
        assert wanted.instants[1 : wanted.n_next].tolist() == (later[:-1] + 1).tolist()
        assert wanted.instants[wanted.n_next :].tolist() == [origin]


def test_a_next_time_counts_once_and_a_period_as_often_as_it_has_events(given):
    dataset, rules = given
    origin = rules.split.cut
    for history in busy(dataset, origin):
        wanted = targets_after(history, origin, rules)
        sums = np.bincount(wanted.pair_query[wanted.pair_step == 0], wanted.pair_weight[wanted.pair_step == 0])

        assert sums == pytest.approx(np.ones(wanted.n_next))
        assert wanted.pair_weight[wanted.pair_step > 0].sum() == pytest.approx(wanted.events.sum())
        assert wanted.events.sum() > wanted.n_next * 0.9


def test_a_very_busy_user_is_asked_for_no_more_than_so_many_times(given):
    dataset, rules = given
    history = busy(dataset, rules.split.cut)[0]
    for number in range(2 * MOST_SETS):
        history = history.plus(int(history.item[0]), rules.split.cut + number * 3_600_000_000, 0, 1.0)

    assert targets_after(history, rules.split.cut, rules).n_next == MOST_SETS
