"""Texts that are read anew in a step, among those that are not."""

import torch

from recviz.training.texts import moved

ITEMS = torch.tensor([1, 4, 5])


def test_what_all_texts_of_a_step_move_by_tells_nothing():
    table = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    shift = torch.tensor([5.0, -1.0, 2.0], requires_grad=True)

    after = moved(table, ITEMS, table[ITEMS] + shift)

    assert torch.allclose(after, table, atol=1e-6)
    (gradient,) = torch.autograd.grad(after.square().sum(), shift)
    assert gradient.abs().max() < 1e-5


def test_a_text_that_moves_by_itself_moves_against_the_others_of_its_step_alone():
    table = torch.zeros(8, 3)
    encoded = torch.zeros(3, 3)
    encoded[0] = 3.0

    after = moved(table, ITEMS, encoded)

    assert after[:, 0].tolist() == [0, 2, 0, 0, -1, -1, 0, 0]
