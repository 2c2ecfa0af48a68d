"""What chooses the number of passes of a run that ranks one next item."""

import math

import numpy as np
import pytest
import torch

from recviz.model.checkpoint import read_facts
from recviz.model.config import RunConfig
from recviz.model.network import InterestNetwork, NetworkShape
from recviz.model.population import N_POPULARITY
from recviz.training import validation
from recviz.training.losses import query_states
from recviz.training.softmax import item_tables
from recviz.training.validation import FIRST, discounted_gains
from tests.logs import make_dataset
from tests.model.test_network import DAY, N_ITEMS, collator, history
from tests.training.small import small_frame, train


def test_a_gain_is_that_of_the_rank_among_what_the_user_never_had():
    chances = torch.tensor([[0.4, 0.3, 0.2, 0.1]]).repeat(4, 1)
    owned = torch.tensor([[False] * 4, [True, False, False, False], [True, False, True, False], [False] * 4])
    wanted = torch.tensor([2, 2, 2, 0])  # third; second but for what is owned; a repeat, so third again; first

    gains = discounted_gains(chances, wanted, owned)

    assert gains.tolist() == pytest.approx([1 / math.log2(4), 1 / math.log2(3), 1 / math.log2(4), 1.0])


def test_an_item_behind_the_first_gains_nothing():
    chances = torch.arange(FIRST + 1.0, 0, -1)[None]

    last, beyond = (discounted_gains(chances, torch.tensor([at]), chances < 0) for at in (FIRST - 1, FIRST))

    assert float(last) == pytest.approx(1 / math.log2(FIRST + 1))
    assert float(beyond) == 0


def test_histories_that_are_read_by_length_have_the_states_that_they_have_beside_any_others(monkeypatch):
    """Catches: states handed to other histories, events cut off with the padding."""
    monkeypatch.setattr(validation, "ALIKE", 2)
    torch.manual_seed(0)
    shape = NetworkShape(text_width=5, n_items=N_ITEMS, n_kinds=3, periods=3, timed=True, value_is_chance=False)
    network = InterestNetwork(RunConfig(width=16, heads=2, layers=2, dropout=0.0), shape).eval()
    logs = [history(list(range(n)), [at % N_ITEMS for at in range(n)]) for n in (5, 0, 14, 2, 9)]
    asked = [np.array([20, 30], np.int64) * DAY] * len(logs)
    batch = collator()(logs, asked, [len(log) for log in logs])
    tables = item_tables(network, torch.randn(N_ITEMS, 5), torch.zeros(1, N_ITEMS, N_POPULARITY))

    with torch.inference_mode():
        found, together = validation._states(network, batch, tables), query_states(network, batch, tables)

    assert torch.allclose(found, together, atol=1e-5)
    assert float((together[0] - together[2]).abs().max()) > 0.01


def test_passes_are_chosen_by_the_ranking_where_one_next_item_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(validation, "ENOUGH_RANKED", 10)
    said = train(make_dataset(tmp_path / "log", small_frame()), tmp_path / "run", split="leave-one-out", cut=None,
                 passes=5, patience=5, refit=False)  # fmt: skip

    gains = {one.step: one.losses["validation NDCG@10"] for one in said if one.validation is not None}
    assert len(set(gains.values())) > 1, "the passes must differ for their choice to show"
    best = max(gains, key=lambda step: gains[step])
    assert read_facts(tmp_path / "run" / "model")["search"]["best_step"] == best
    assert f"(NDCG@10 {gains[best]:.4f})" in said[-1].note


def test_few_users_choose_by_their_loss_since_their_ranks_are_chance(tmp_path):
    said = train(make_dataset(tmp_path / "log", small_frame()), tmp_path / "run", split="leave-one-out", cut=None,
                 passes=3, patience=3, refit=False)  # fmt: skip

    losses = {one.step: one.validation for one in said if one.validation is not None}
    assert read_facts(tmp_path / "run" / "model")["search"]["best_step"] == min(losses, key=lambda step: losses[step])
    assert f"validation loss {min(losses.values()):.4f}" in said[-1].note
