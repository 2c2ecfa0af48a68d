"""Losses against values worked out by other means."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import nbinom

from recviz.training.losses import (
    depth_loss,
    mark_log_probabilities,
    negative_multinomial_nll,
)


def test_one_period_is_the_negative_binomial():
    mu, shape, count = 1.7, 0.6, 4

    loss = negative_multinomial_nll(
        torch.tensor([[math.log(mu)]]), torch.tensor([math.log(shape)]), torch.tensor([[4.0]]), torch.tensor([[True]])
    )

    assert float(loss) == pytest.approx(-nbinom.logpmf(count, shape, shape / (shape + mu)), rel=1e-5)


def test_the_joint_is_the_total_times_a_multinomial():
    mu, shape, counts = np.array([0.5, 1.0, 2.0]), 1.3, np.array([1, 0, 3])
    total = counts.sum()
    split = math.lgamma(total + 1) - sum(math.lgamma(n + 1) for n in counts) + (counts * np.log(mu / mu.sum())).sum()

    loss = negative_multinomial_nll(
        torch.log(torch.tensor(mu[None])),
        torch.tensor([math.log(shape)]),
        torch.tensor(counts[None], dtype=torch.float64),
        torch.ones(1, 3, dtype=torch.bool),
    )

    assert float(loss) == pytest.approx(-(nbinom.logpmf(total, shape, shape / (shape + mu.sum())) + split), rel=1e-6)


def test_a_period_that_is_not_covered_counts_neither_way():
    log_mu, shape = torch.zeros(1, 2), torch.zeros(1)
    covered = torch.tensor([[True, False]])

    without = negative_multinomial_nll(log_mu, shape, torch.tensor([[2.0, 0.0]]), covered)
    with_count = negative_multinomial_nll(
        log_mu + torch.tensor([[0.0, 3.0]]), shape, torch.tensor([[2.0, 9.0]]), covered
    )

    assert torch.equal(without, with_count)


def test_a_mark_mixes_explore_and_own():
    explore, gate, own = torch.tensor([0.1]).log(), torch.tensor([0.5]), torch.tensor([0.3])
    g = float(torch.sigmoid(gate))

    mixed = mark_log_probabilities(explore, gate, own, torch.tensor([True]))

    assert float(mixed.exp()) == pytest.approx((1 - g) * 0.1 + g * 0.3, rel=1e-6)


def test_who_owns_nothing_only_explores():
    mixed = mark_log_probabilities(
        torch.tensor([0.1]).log(), torch.tensor([5.0]), torch.tensor([0.0]), torch.tensor([False])
    )

    assert float(mixed.exp()) == pytest.approx(0.1, rel=1e-6)


def test_the_depth_that_fits_best_is_events_by_days_not_a_mean_of_users():
    usual, events, days = torch.full((2,), 2.0), torch.tensor([2.0, 30.0]), torch.tensor([2.0, 6.0])
    tried = torch.linspace(-1, 2, 3001)

    losses = [float(depth_loss(usual, log_depth.expand(2), events, days)) for log_depth in tried]

    assert 1 + float(tried[int(np.argmin(losses))].exp()) == pytest.approx(32 / 8, rel=0.01)
