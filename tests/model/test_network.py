"""What a state may depend on."""

import numpy as np
import pytest
import torch

from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.model.batch import Collator, Scaling
from recviz.model.config import RunConfig
from recviz.model.context import N_FEATURES, RatePrior
from recviz.model.item_vectors import own_gain
from recviz.model.network import InterestNetwork, NetworkShape
from recviz.model.population import N_LEVELS, N_POPULARITY, Population
from recviz.model.values import ValueLevels

N_ITEMS, PERIODS = 9, 3
DAY = MICROSECONDS_PER_DAY


def collator(**changes: object) -> Collator:
    flat = np.linspace(0, 40, 41)
    population = Population(DAY, 7, 0, flat, flat, np.zeros((6, N_POPULARITY, N_ITEMS), np.float32), 7)
    blank = Scaling(
        feature_mean=np.zeros(N_FEATURES + N_LEVELS, np.float32), feature_std=np.ones(N_FEATURES + N_LEVELS, np.float32)
    )
    given = {
        "population": population, "prior": RatePrior(shape=0.8, scale=9.0, depth=2.0), "scaling": blank,
        "values": ValueLevels.unknown(N_ITEMS, is_chance=False),
        "position": np.arange(N_ITEMS), "is_target": np.array([True, False]), "kind_place": np.array([0, 1, 2]),
        "tie_rank": np.arange(N_ITEMS), "max_history": 16, "periods": PERIODS, "half_life": 30.0, "span_days": 40.0, **changes,
    }  # fmt: skip
    return Collator(**given)


@pytest.fixture
def network() -> InterestNetwork:
    torch.manual_seed(0)
    config = RunConfig(width=16, heads=2, layers=2, dropout=0.0)
    shape = NetworkShape(text_width=5, n_items=N_ITEMS, n_kinds=3, periods=PERIODS, timed=True, value_is_chance=False)
    made = InterestNetwork(config, shape).eval()
    for table in (made.time_bias, made.step_bias):
        torch.nn.init.normal_(table.weight)  # they start at zero, where a leak would not show
    return made


def history(days: list[float], items: list[int]) -> History:
    return History(
        np.array(items, np.int32),
        (np.array(days) * DAY).astype(np.int64),
        np.zeros(len(items), np.int8),
        np.full(len(items), np.nan, np.float32),
    )


def states(network: InterestNetwork, log: History, days: list[float]) -> torch.Tensor:
    instants = (np.array(days) * DAY).astype(np.int64)
    batch = collator()([log], [instants], [len(log)])
    text = torch.linspace(-1, 1, N_ITEMS * 16).view(N_ITEMS, 16)
    with torch.inference_mode():
        return network.encode(batch, network.event_parts(batch, text, text.square()))[0]


def test_a_query_sees_nothing_at_or_after_its_time(network):
    asked = [1.0, 4.0, 9.0]
    before = states(network, history([1, 3, 4, 8], [0, 1, 2, 3]), asked)

    after = states(network, history([1, 3, 4, 8], [0, 1, 7, 8]), asked)

    assert torch.equal(before[:2], after[:2])
    assert not torch.allclose(before[2], after[2])


def test_events_of_one_basket_do_not_see_each_other(network):
    one = states(network, history([2, 5, 5, 5], [0, 1, 2, 3]), [6.0])

    other = states(network, history([2, 5, 5, 5], [0, 3, 1, 2]), [6.0])

    assert one == pytest.approx(other, abs=1e-6)


def test_a_query_does_not_see_other_queries(network):
    log = history([1, 3, 4, 8], [0, 1, 2, 3])

    together = states(network, log, [2.0, 5.0, 9.0])
    alone = torch.cat([states(network, log, [day]) for day in (2.0, 5.0, 9.0)])

    assert together == pytest.approx(alone, abs=1e-5)


def test_padding_changes_nothing(network):
    log, long = history([1, 3], [0, 1]), history([1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5])
    instants = np.array([9 * DAY])
    batch = collator()([log, long], [instants, instants], [2, 6])
    text = torch.linspace(-1, 1, N_ITEMS * 16).view(N_ITEMS, 16)

    with torch.inference_mode():
        padded = network.encode(batch, network.event_parts(batch, text, text.square()))[0]

    assert padded == pytest.approx(states(network, log, [9.0]), abs=1e-5)


def test_removing_an_event_and_never_having_had_it_are_the_same(network):
    log = history([1, 3, 4, 8], [0, 1, 2, 3])

    assert torch.equal(states(network, log.without([1]), [9.0]), states(network, history([1, 4, 8], [0, 2, 3]), [9.0]))


def test_a_cut_basket_keeps_the_same_events_whatever_their_ids():
    log = history([1, 2, 2, 2, 3], [0, 1, 2, 3, 4])
    order = np.array([0, 5, 4, 6, 1, 0, 0, 0, 0])
    short = collator(max_history=3, tie_rank=order)

    batch = short([log], [np.array([9 * DAY])], [5])

    assert batch.item[0].tolist() == [1, 3, 4]
    assert batch.dropped.tolist() == [2]


@torch.inference_mode()
def test_before_any_training_items_near_to_the_recent_ones_come_first(network):
    torch.manual_seed(1)
    network._start(5)
    text = torch.nn.functional.normalize(torch.randn(N_ITEMS, 16), dim=1) * 4
    text[7] = text[2] + 0.2 * text[7]  # nearly the same words
    batch = collator()([history([1.0, 30.0], [5, 2])], [np.array([31 * DAY])], [2])
    state = network.encode(batch, network.event_parts(batch, text, torch.zeros(N_ITEMS, 16)))

    z = network.head(state, batch.features, batch.season).z[0, 0]  # (K + 1, D)

    near = z @ text.T
    assert near.topk(2).indices.sort().values.tolist() == [[2, 7]] * (PERIODS + 1)


def test_own_vectors_start_small_and_move_as_far_as_events_tell_of_the_item(network):
    n_events = torch.tensor([0, 2, 3, 9, 36, 900, 90_000, 2, 90_000])
    has_text = torch.tensor([True] * 7 + [False] * 2)
    network.describe_items(torch.randn(N_ITEMS, 5), own_gain(n_events, has_text, least=3))
    before = network.identities()

    with torch.no_grad():
        network.identity.weight += 0.01
        moved = (network.identities() - before).mean(dim=1) / 0.01

    assert moved.tolist() == pytest.approx([0, 0, 3**-0.5, 1, 2, 10, 20, 0, 1], abs=1e-4)
    started = before.std(dim=1)
    assert started[[3, 4, 5, 6, 8]].tolist() == pytest.approx([0.02] * 5, rel=0.6)  # of sixteen numbers each
    assert 0 < started[2] < 0.02 * 1.6


def test_without_a_least_number_an_item_without_events_has_no_vector_of_its_own():
    gain = own_gain(torch.tensor([0, 0, 1]), torch.tensor([True, False, False]), least=0)

    assert gain.tolist() == [0, 0, 1]
