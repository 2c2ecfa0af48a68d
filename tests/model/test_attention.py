"""What is left of an event as it ages, and what a sum keeps that an average loses."""

import pytest
import torch
from torch.nn import functional

from recviz.model.attention import (
    BUCKETS,
    LEVEL_BUCKET,
    Columns,
    bias_places,
    bias_table,
    by_age,
    decayed_sums,
    recency_slopes,
)

GONE = float("-inf")


def test_an_event_adds_as_much_of_itself_as_is_left():
    events = torch.tensor([[[2.0, -4.0]]])

    added = decayed_sums(events, torch.tensor([[[[0.0]], [[30.0]], [[GONE]]]]))  # half left, all left, not seen

    assert added[0, 0].tolist() == pytest.approx([1.0, -2.0, 2.0, -4.0, 0.0, 0.0])


def test_what_an_event_means_does_not_fade_with_forgotten_ones_beside_it():
    events = torch.cat([torch.ones(1, 1, 2), torch.full((1, 40, 2), -9.0)], dim=1)
    alone = decayed_sums(events[:, :1], torch.full((1, 1, 1, 1), 3.0))

    beside = decayed_sums(events, torch.tensor([3.0] + [-30.0] * 40).view(1, 1, 1, 41))

    assert beside == pytest.approx(alone, abs=1e-4)


def test_many_events_add_up_by_the_root_of_their_number():
    events = torch.ones(1, 16, 1)

    added = decayed_sums(events, torch.full((1, 1, 1, 16), 30.0))

    assert float(added) == pytest.approx(4.0)


def test_heads_start_from_no_preference_to_the_last_days_alone():
    start = by_age(recency_slopes(4))

    assert start.shape == (BUCKETS, 4)
    assert not start[:, 0].any()
    assert not start[LEVEL_BUCKET].any()
    assert (start[0, 1:] > start[0, :-1]).all()
    assert (start.diff(dim=0)[:, 1:] < 0).all()


def test_biases_of_age_and_order_are_read_for_what_is_seen_alone():
    generator = torch.Generator().manual_seed(0)
    ages, orders = torch.randn(BUCKETS, 5, generator=generator), torch.randn(BUCKETS, 5, generator=generator)
    age, steps = torch.randint(BUCKETS, (2, 3, 7, 4), generator=generator)  # 3 histories, 7 tokens, 4 events
    seen = torch.rand(3, 7, 4, generator=generator) < 0.5

    bias = Columns.apply(bias_table(ages, orders), bias_places(age, steps, seen))

    wanted = (ages[age] + orders[steps]).masked_fill(~seen[..., None], GONE).permute(0, 3, 1, 2)
    assert torch.equal(bias[:, :, 1:, 1:], wanted)
    assert not bias[:, :, :, 0].any()  # everything sees "nothing"
    assert (bias[:, :, 0, 1:] == GONE).all()  # which sees itself alone


def test_the_gradient_of_columns_is_that_of_an_embedding():
    generator = torch.Generator().manual_seed(0)
    table = torch.randn(9, 5, generator=generator, dtype=torch.double, requires_grad=True)
    place = torch.randint(9, (3, 7, 4), generator=generator)
    weight = torch.randn(3, 5, 7, 4, generator=generator, dtype=torch.double)

    ours, plain = Columns.apply(table, place), functional.embedding(place, table).permute(0, 3, 1, 2)

    assert torch.equal(ours, plain)
    (found,), (wanted,) = (torch.autograd.grad((out * weight).sum(), table) for out in (ours, plain))
    assert torch.allclose(found, wanted)
