"""What chooses the number of passes of a run that ranks one next item."""

import math

import pytest
import torch

from recviz.model.checkpoint import read_facts
from recviz.training import validation
from recviz.training.validation import FIRST, discounted_gains
from tests.logs import make_dataset
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
