"""The smallest change. Each test names the planted bug that it was seen to catch."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from recviz.data.history import EMPTY_HISTORY
from recviz.errors import InvalidSettingError
from recviz.explain import counterfactual as module
from recviz.explain.counterfactual import smallest_change
from recviz.model.prediction import mark_probabilities
from tests.explain.linear import LinearPredictor


class Popular(LinearPredictor):
    """With items that everybody takes more, and states that a few events decide."""

    def predict_parts(self, batch, parts):
        found = super().predict_parts(batch, parts)
        draw = torch.Generator().manual_seed(11)
        bias = torch.randn(len(self.candidates), generator=draw)
        return replace(found, z=found.z * 0.1, own_bias=bias)


def rank_of(predictor, history, whole, item) -> int:
    """The item's rank among what the user has not had."""
    with torch.no_grad():
        chance = mark_probabilities(predictor.predict([history]), predictor.item_vectors, 0)[0].numpy()
    shown = np.setdiff1d(np.arange(len(chance)), [at for at in whole.item if at != item])
    return 1 + int((chance[shown] > chance[item]).sum())


def case_of(log, seed, user="middle"):
    """A history, and the item that it lifts most into a list of two."""
    predictor = Popular(log, seed=seed)
    history = predictor.history(predictor.dataset.user_index(user))

    def lifted(item: int) -> int:
        rank = rank_of(predictor, history, history, item)
        return rank_of(predictor, EMPTY_HISTORY, history, item) - rank if rank <= 2 else -99

    return predictor, history, max(range(16), key=lifted)


@pytest.fixture
def case(log):
    return case_of(log, 1)


@pytest.mark.parametrize("places", [1, 2])
def test_without_the_set_the_item_is_out_and_with_any_of_it_back_it_is_in(case, places):
    """Catches: removal of events that are not needed; a rank counted from the changed list."""
    predictor, history, item = case

    found = smallest_change(predictor, history, predictor.instant, item, places)

    if not found.exists:
        assert rank_of(predictor, EMPTY_HISTORY, history, item) <= places
        return
    assert found.rank == rank_of(predictor, history, history, item) <= places
    assert found.rank_without == rank_of(predictor, history.without(list(found.positions)), history, item) > places
    for back in found.positions:
        left = history.without([at for at in found.positions if at != back])
        assert rank_of(predictor, left, history, item) <= places


def test_no_smaller_set_does_it_where_that_is_called_proven(log):
    """Catches: greedy taken for smallest; a proof that skips a size."""
    sizes = []
    for seed in range(8):
        predictor, history, item = case_of(log, seed)

        found = smallest_change(predictor, history, predictor.instant, item, 2)

        sizes.append(len(found.positions))
        if found.proven_smallest:
            for size in range(1, len(found.positions)):
                for gone in combinations(range(len(history)), size):
                    assert rank_of(predictor, history.without(list(gone)), history, item) <= 2
    assert max(sizes) > 2


def test_what_cannot_be_afforded_is_not_called_proven(log, monkeypatch):
    """Catches: "the smallest" said of the first set found."""
    monkeypatch.setattr(module, "AFFORDABLE", 0)
    found = []
    for seed in range(8):
        predictor, history, item = case_of(log, seed)
        found.append(smallest_change(predictor, history, predictor.instant, item, 2))

    several = [each for each in found if len(each.positions) > 1]
    assert several
    assert not any(each.proven_smallest for each in several)


def test_where_no_past_event_matters_there_is_no_such_set(case):
    """Catches: every event named where the item is everybody's."""
    predictor, history, item = case

    found = smallest_change(predictor, history, predictor.instant, item, 16)

    assert not found.exists
    assert found.positions == ()


def test_an_item_that_is_not_in_the_list_has_nothing_to_fall_out_of(case):
    """Catches: an empty set given for an answer."""
    predictor, history, _ = case
    last = max(range(16), key=lambda each: rank_of(predictor, history, history, each))

    with pytest.raises(InvalidSettingError, match="is not among the first 1"):
        smallest_change(predictor, history, predictor.instant, last, 1)


def test_a_real_model_answers(trained):
    """Catches: ranks of another door than the recommendations'."""
    user = int(trained.users[0])
    history = trained.history(user)
    with torch.no_grad():
        chance = mark_probabilities(trained.predict([history], [trained.instant]), trained.item_vectors, 0)[0]
    seen = torch.from_numpy(trained.position[history.item])
    chance[seen[seen >= 0]] = 0
    item = int(trained.candidates[int(chance.argmax())])

    found = smallest_change(trained, history, trained.instant, item, 2)

    assert found.rank == 1
    assert not found.exists or found.rank_without > 2
