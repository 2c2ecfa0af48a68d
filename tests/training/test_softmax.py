"""The softmax over the catalogue against values worked out by other means."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from recviz.model.item_vectors import directions
from recviz.model.population import N_POPULARITY, NEW
from recviz.training.softmax import (
    SETS_AT_ONCE,
    Asked,
    ItemColumns,
    ItemTables,
    LogPartition,
    explore_log_probabilities,
)

N_ITEMS, WIDTH, FACTS = 300, 8, N_POPULARITY
TARGETS = torch.tensor([3, 70, 70, 299])
SETS, SNAPSHOT = torch.arange(4), torch.tensor([0, 0, 1, 1])
Z = torch.randn(4, WIDTH, generator=torch.Generator().manual_seed(1))
COUNTS_FOR = torch.randn(4, FACTS, generator=torch.Generator().manual_seed(2))
ASKED = Asked(Z, COUNTS_FOR, SNAPSHOT)


@pytest.fixture
def tables() -> ItemTables:
    generator = torch.Generator().manual_seed(0)
    popularity = 0.3 * torch.randn(2, FACTS, N_ITEMS, generator=generator)
    popularity[:, NEW:] = 0  # everything was had by somebody
    return ItemTables(
        text=2 * torch.randn(N_ITEMS, WIDTH, generator=generator),
        identity=2 * torch.randn(N_ITEMS, WIDTH, generator=generator),
        own_bias=0.3 * torch.randn(N_ITEMS, generator=generator),
        popularity=popularity,
        popularity_weight=torch.randn(2, FACTS, generator=generator),
    )


def log_softmax(tables: ItemTables, of_set: int, counts_for: torch.Tensor = COUNTS_FOR) -> torch.Tensor:
    of_everyone = counts_for[of_set] @ tables.popularity[SNAPSHOT[of_set]]
    return torch.log_softmax(
        functional.normalize(tables.vectors, dim=-1) @ Z[of_set] + tables.own_bias + of_everyone, dim=0
    )


def sampled(draws: int, tables: ItemTables) -> torch.Tensor:
    estimates = []
    for seed in range(draws):
        drawn = torch.randperm(N_ITEMS, generator=torch.Generator().manual_seed(seed))[:100]
        item = torch.cat([drawn, TARGETS]).unique()
        chance = torch.where(torch.isin(item, TARGETS), 1.0, 100 / N_ITEMS).log()
        estimates.append(explore_log_probabilities(ASKED, SETS, TARGETS, tables, ItemColumns(item, chance)))
    return torch.stack(estimates).mean(0)


def test_sampled_softmax_estimates_the_full_one(tables):
    full = explore_log_probabilities(ASKED, SETS, TARGETS, tables, None)

    assert sampled(200, tables) == pytest.approx(full, abs=0.05)


def test_an_item_that_nobody_had_yet_is_scored_by_its_text(tables):
    popularity = tables.popularity.clone()
    popularity[1, NEW:, 70] = torch.tensor([1.0, 2.0])  # at the second snapshot alone, which sets 2 and 3 ask for
    then = replace(tables, popularity=popularity)

    full = explore_log_probabilities(ASKED, SETS, TARGETS, then, None)

    unlearnt = then.showing(torch.arange(N_ITEMS) != 70)
    wanted = [
        log_softmax(then, 0)[3],
        log_softmax(then, 1)[70],
        log_softmax(unlearnt, 2)[70],
        log_softmax(then, 3)[299],
    ]
    assert full.tolist() == pytest.approx([float(value) for value in wanted], rel=1e-5)
    assert sampled(200, then) == pytest.approx(full, abs=0.05)


def test_what_is_hidden_leaves_the_text_and_the_popularity(tables):
    shown = torch.ones(N_ITEMS, dtype=torch.bool)
    shown[3] = False

    hidden = tables.showing(shown)

    assert torch.equal(hidden.vectors[3], tables.text[3])
    assert hidden.own_bias[3] == 0
    assert torch.equal(hidden.popularity, tables.popularity)
    assert torch.equal(hidden.vectors[4:], tables.vectors[4:])
    assert torch.equal(hidden.own_bias[4:], tables.own_bias[4:])


@pytest.mark.parametrize("snapshots", [1, 3])
def test_the_sum_over_items_and_its_gradients_are_those_of_a_plain_logsumexp(snapshots):
    generator = torch.Generator().manual_seed(2)
    sets = 2 * SETS_AT_ONCE + 7  # three blocks
    snapshot = torch.randint(snapshots, (sets,), generator=generator)
    given = [torch.randn(*shape, generator=generator, dtype=torch.double, requires_grad=True)
             for shape in ((sets, WIDTH), (N_ITEMS, WIDTH), (N_ITEMS,), (sets, FACTS))]  # fmt: skip
    z, vectors, bias, counts_for = given
    popularity = torch.randn(snapshots, FACTS, N_ITEMS, generator=generator, dtype=torch.double)
    weight = torch.randn(sets, generator=generator, dtype=torch.double)

    ours = LogPartition.apply(z, vectors, bias, counts_for, popularity, snapshot)
    of_everyone = torch.einsum("sf,sfi->si", counts_for, popularity[snapshot])
    plain = torch.logsumexp(z @ vectors.T + bias + of_everyone, dim=1)

    assert torch.allclose(ours, plain)
    for found, wanted in zip(
        torch.autograd.grad(ours @ weight, given), torch.autograd.grad(plain @ weight, given), strict=True
    ):
        assert torch.allclose(found, wanted)


def test_items_are_compared_by_direction_and_one_of_which_nothing_is_known_has_none(tables):
    known, unknown = directions(tables.vectors), directions(torch.zeros(1, WIDTH))

    assert known.norm(dim=-1) == pytest.approx(torch.ones(N_ITEMS))
    assert not unknown.any()


def test_scores_of_the_next_event_are_those_that_the_softmax_is_taken_over(tables):
    scores = tables.next_logits(Z, SNAPSHOT)

    counts_for = tables.popularity_weight[0].expand(4, -1)
    wanted = torch.stack([log_softmax(tables, of_set, counts_for) for of_set in range(4)])
    assert torch.allclose(torch.log_softmax(scores, dim=1), wanted, atol=1e-6)
