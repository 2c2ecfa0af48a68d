"""Which texts the language model reads in a step, and what it is told of them."""

import numpy as np
import pytest
import torch

from recviz.training.texts import texts_of_a_step, with_gradient_times

N_ITEMS = 40
ASKED = torch.tensor([1, 4, 5, 9, 11, 12, 30, 31, 38, 39])


@pytest.mark.parametrize("at_most", [4, 7, 16, 39])
def test_on_average_the_gradient_is_that_of_reading_every_text(at_most):
    gradient = torch.randn(N_ITEMS, generator=torch.Generator().manual_seed(0))  # of each text, as the softmax has it
    draws, told = np.random.default_rng(0), torch.zeros(N_ITEMS)

    for _ in range(8_000):
        items, weight = texts_of_a_step(ASKED, N_ITEMS, at_most, draws)
        assert len(items) == len(items.unique()) == at_most
        told[items] += weight * gradient[items]

    assert told / gradient == pytest.approx(float((told / gradient).mean()), rel=0.2)


def test_a_catalogue_that_fits_is_read_whole_and_counts_as_it_is():
    items, weight = texts_of_a_step(ASKED, N_ITEMS, 100, np.random.default_rng(0))

    assert items.sort().values.tolist() == list(range(N_ITEMS))
    assert weight.tolist() == [1.0] * N_ITEMS


def test_a_step_that_asks_for_everything_reads_of_that_alone():
    items, weight = texts_of_a_step(torch.arange(N_ITEMS), N_ITEMS, 10, np.random.default_rng(0))

    assert len(items) == 10
    assert weight.tolist() == [1.0] * 10


def test_weights_change_gradients_and_no_values():
    encoded = torch.arange(6.0).view(3, 2).requires_grad_()

    out = with_gradient_times(encoded, torch.tensor([1.0, 3.0, 0.5]))

    assert torch.equal(out, encoded)
    out.sum().backward()
    assert encoded.grad.tolist() == [[1, 1], [3, 3], [0.5, 0.5]]
