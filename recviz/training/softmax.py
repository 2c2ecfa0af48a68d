"""The softmax over the catalogue, as a step of training sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from recviz.model.item_vectors import directions
from recviz.model.network import InterestNetwork
from recviz.model.population import NEW
from recviz.training.steps import Targets

SAMPLED_SHARE = 0.5
"""Share of the sampled negatives that are drawn by popularity; the rest are drawn evenly."""
NEARLY_ALL = 1 - 1e-6
SETS_AT_ONCE = 256
"""Sets whose scores are worked out together, so that they stay in the cache."""

# G snapshots, F facts of an item's popularity, S sets, P pairs, I items, N sampled items, D width


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTables:
    """What a step knows of the items."""

    text: Tensor
    """Text parts, ``(I, D)``."""
    identity: Tensor
    """Own vectors, ``(I, D)``."""
    own_bias: Tensor
    """Own constants, ``(I,)``."""
    popularity: Tensor
    """What each snapshot of what everybody did tells of them, ``(G, F, I)``; see `recviz.model.population.Population`."""
    popularity_weight: Tensor
    """What that counts for at the next event and in each period, ``(K + 1, F)``."""

    @property
    def vectors(self) -> Tensor:
        """Item vectors as events carry them, ``(I, D)``."""
        return self.text + self.identity

    @property
    def directions(self) -> Tensor:
        """Item vectors as states meet them, ``(I, D)``."""
        return directions(self.vectors)

    def showing(self, shown: Tensor) -> "ItemTables":
        """Hide what only events can tell of the items that are not ``shown``, bool ``(I,)``.

        References:
            Volkovs, M., Yu, G. and Poutanen, T. (2017). DropoutNet: addressing cold start in recommender systems. NIPS.
        """
        return replace(self, identity=self.identity * shown[:, None], own_bias=self.own_bias * shown)

    def next_logits(self, z: Tensor, snapshot: Tensor) -> Tensor:
        """Score all items for the next event of states ``(B, D)``, ``(B, I)``."""
        of_everyone = self.popularity_weight[0] @ self.popularity[snapshot]  # (B, I)
        return torch.addmm(self.own_bias + of_everyone, z, self.directions.T)


def item_tables(network: InterestNetwork, pooled: Tensor, popularity: Tensor) -> ItemTables:
    """Describe every item by its text ``(I, H)`` and the snapshots of what everybody did ``(G, F, I)``."""
    return ItemTables(
        text=network.project_text(pooled),
        identity=network.identities(),
        own_bias=network.own_biases(),
        popularity=popularity,
        popularity_weight=network.popularity_weight,
    )


@dataclass(frozen=True, slots=True)
class ItemColumns:
    """A sample of the catalogue for the softmax, with the log of how often each item is expected in it."""

    item: Tensor
    """int64 ``(N,)``, without repeats; the batch's targets are among them."""
    log_expected: Tensor
    """log-Q correction, 0 for items that are always taken, ``(N,)``."""


def sample_columns(targets: Targets, share: Tensor, n_negatives: int, generator: torch.Generator) -> ItemColumns:
    """Draw negatives, half by popularity and half evenly, beside the batch's own targets.

    References:
        Bengio, Y. and Senecal, J.-S. (2008). Adaptive importance sampling to accelerate training of a neural
        probabilistic language model. IEEE Transactions on Neural Networks 19.
    """
    even = torch.full_like(share, 1 / len(share))
    chance = SAMPLED_SHARE * share + (1 - SAMPLED_SHARE) * even
    drawn = torch.multinomial(chance.cpu(), n_negatives, replacement=True, generator=generator).to(share.device)
    own = targets.pair_item.unique()
    item = torch.cat([own, drawn]).unique()
    expected = -torch.expm1(n_negatives * torch.log1p(-chance[item]))
    return ItemColumns(item, torch.where(torch.isin(item, own), 0, expected.log()))


@dataclass(frozen=True, slots=True)
class Asked:
    """S sets, each asked for by a state at a moment."""

    z: Tensor
    """Mark states, ``(S, D)``."""
    counts_for: Tensor
    """What popularity counts for in the set's period, ``(S, F)``."""
    snapshot: Tensor
    """Popularity snapshot, int64 ``(S,)``."""


class LogPartition(torch.autograd.Function):
    """Log of the sum over items that a softmax divides by, a few sets at a time.

    All scores at once are hundreds of megabytes, which a plain logsumexp writes and reads several times over in either
    direction; here a block stays in the cache from the product to the sum, and is kept as it is for the gradient. Sets are
    put in the order of their snapshots, so that those of one snapshot share one product with it.
    """

    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917 - torch differentiates by arguments
        ctx: Any,  # noqa: ANN401 - torch's own context
        z: Tensor,
        vectors: Tensor,
        bias: Tensor,
        counts_for: Tensor,
        popularity: Tensor,
        snapshot: Tensor,
    ) -> Tensor:
        """Return ``logsumexp(z @ vectors.T + bias + counts_for @ popularity[snapshot])`` over items, ``(S,)``.

        Args:
            ctx: Keeps what the gradient needs.
            z: ``(S, D)``.
            vectors: ``(I, D)``.
            bias: ``(I,)``.
            counts_for: ``(S, F)``.
            popularity: ``(G, F, I)``.
            snapshot: ``(S,)``.
        """
        order = torch.argsort(snapshot, stable=True)
        z, counts_for, snapshot = z[order], counts_for[order], snapshot[order]
        weight = z.new_empty(len(z), len(vectors))
        highest, total = z.new_empty(2, len(z))
        for block in _blocks(len(z)):
            scores = torch.addmm(bias, z[block], vectors.T, out=weight[block])
            for rows, at in _runs(snapshot[block]):
                scores[rows].addmm_(counts_for[block][rows], popularity[at])
            highest[block] = scores.amax(dim=1)
            total[block] = scores.sub_(highest[block, None]).exp_().sum(dim=1)
        ctx.save_for_backward(z, vectors, popularity, snapshot, order, weight, total)
        return torch.empty_like(total).index_copy_(0, order, highest + total.log())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - torch's own context
        """Spread the gradient over the items by their probabilities."""
        z, vectors, popularity, snapshot, order, weight, total = ctx.saved_tensors
        share = (gradient[order] / total)[:, None]
        of_counts_for = z.new_empty(len(z), popularity.shape[1])
        for block in _blocks(len(z)):
            for rows, at in _runs(snapshot[block]):
                of_counts_for[block][rows] = weight[block][rows] @ popularity[at].T
        back = torch.empty_like(order).index_copy_(0, order, torch.arange(len(order), device=order.device))
        of_z, of_counts_for = (weight @ vectors * share)[back], (of_counts_for * share)[back]
        return of_z, weight.T @ (z * share), (share.T @ weight)[0], of_counts_for, None, None


def _blocks(sets: int) -> Iterator[slice]:
    return (slice(start, start + SETS_AT_ONCE) for start in range(0, sets, SETS_AT_ONCE))


def _runs(snapshot: Tensor) -> Iterator[tuple[slice, int]]:
    """Go through stretches of one snapshot, in their order."""
    values, counts = torch.unique_consecutive(snapshot, return_counts=True)
    start = 0
    for at, count in zip(values.tolist(), counts.tolist(), strict=True):
        yield slice(start, start + count), at
        start += count


def explore_log_probabilities(
    asked: Asked, pair_set: Tensor, pair_item: Tensor, tables: ItemTables, columns: ItemColumns | None
) -> Tensor:
    """Return the log of the softmax over items for each pair, ``(P,)``.

    A target that nobody had had yet is scored as it would have been then: without what later events told of it.

    Args:
        asked: The sets.
        pair_set: Set of each pair, ``(P,)``.
        pair_item: Item of each pair, ``(P,)``.
        tables: The items.
        columns: A sample of them to compare with; ``None`` compares with all.
    """
    every, z = tables.directions, asked.z
    vectors, bias, popularity = every, tables.own_bias, tables.popularity
    if columns is not None:
        vectors, bias = every[columns.item], bias[columns.item] - columns.log_expected
        popularity = popularity[:, :, columns.item]
    given = (z, vectors, bias, asked.counts_for, popularity, asked.snapshot)
    total: Tensor = LogPartition.apply(*given)  # type: ignore[no-untyped-call]  # untyped in torch
    told = tables.popularity[asked.snapshot[pair_set], :, pair_item]  # (P, F)
    of_everyone = (asked.counts_for[pair_set] * told).sum(dim=-1)
    chosen = (z[pair_set] * every[pair_item]).sum(dim=-1) + tables.own_bias[pair_item] + of_everyone
    log_p: Tensor = chosen - total[pair_set]
    new = (told[:, NEW] > 0).nonzero().squeeze(-1)
    if not len(new):
        return log_p
    learnt = every[pair_item[new]] - directions(tables.text[pair_item[new]])
    later = (z[pair_set[new]] * learnt).sum(dim=-1) + tables.own_bias[pair_item[new]]
    others = torch.log1p(-log_p[new].exp().clamp(max=NEARLY_ALL))
    then = log_p[new] - later
    return log_p.index_copy(0, new, then - torch.logaddexp(others, then))
