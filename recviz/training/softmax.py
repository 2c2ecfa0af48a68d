"""The softmax over the catalogue, as a step of training sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from recviz.model.network import InterestNetwork, directions
from recviz.training.steps import Targets

SAMPLED_SHARE = 0.5
"""Share of the sampled negatives that are drawn by popularity; the rest are drawn evenly."""
NEARLY_ALL = 1 - 1e-6
SETS_AT_ONCE = 256
"""Sets whose scores are worked out together, so that they stay in the cache."""

# G snapshots, S sets, P pairs, I items, N sampled items, D width


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTables:
    """What a step knows of the items."""

    text: Tensor
    """Text parts, ``(I, D)``."""
    identity: Tensor
    """Own vectors, ``(I, D)``."""
    own_bias: Tensor
    """Own constants, ``(I,)``."""
    bias: Tensor
    """Bias at each popularity snapshot, own constants included, ``(G, I)``."""
    is_new: Tensor
    """Whether nobody had the item before a snapshot, bool ``(G, I)``."""

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
        own = self.own_bias * shown
        bias = self.bias - self.own_bias + own
        return replace(self, identity=self.identity * shown[:, None], own_bias=own, bias=bias)


def item_tables(network: InterestNetwork, pooled: Tensor, popularity: Tensor) -> ItemTables:
    """Describe every item by its text ``(I, H)`` and the snapshots of what everybody did ``(G, I, N_POPULARITY)``."""
    return ItemTables(
        text=network.project_text(pooled),
        identity=network.identities(),
        own_bias=network.own_biases(),
        bias=network.biases(popularity),
        is_new=popularity[..., -1] > 0,
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


class LogPartition(torch.autograd.Function):
    """Log of the sum over items that a softmax divides by, a few sets at a time.

    All scores at once are hundreds of megabytes, which a plain logsumexp writes and reads several times over in either
    direction; here a block stays in the cache from the product to the sum, and is kept as it is for the gradient.
    """

    @staticmethod
    def forward(ctx: Any, z: Tensor, vectors: Tensor, bias: Tensor, snapshot: Tensor) -> Tensor:  # noqa: ANN401 - torch's own context
        """Return ``logsumexp(z @ vectors.T + bias[snapshot])`` over items, ``(S,)``.

        Args:
            ctx: Keeps what the gradient needs.
            z: ``(S, D)``.
            vectors: ``(I, D)``.
            bias: ``(G, I)``.
            snapshot: ``(S,)``.
        """
        weight = z.new_empty(len(z), len(vectors))
        highest, total = z.new_empty(2, len(z))
        for block in _blocks(len(z)):
            scores = torch.mm(z[block], vectors.T, out=weight[block])
            scores += bias if len(bias) == 1 else bias[snapshot[block]]
            highest[block] = scores.amax(dim=1)
            total[block] = scores.sub_(highest[block, None]).exp_().sum(dim=1)
        ctx.save_for_backward(z, vectors, snapshot, weight, total)
        ctx.snapshots = len(bias)
        found: Tensor = highest + total.log()
        return found

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:  # noqa: ANN401 - torch's own context
        """Spread the gradient over the items by their probabilities."""
        z, vectors, snapshot, weight, total = ctx.saved_tensors
        share = (gradient / total)[:, None]
        of_bias = weight.new_zeros(ctx.snapshots, len(vectors))
        for block in _blocks(len(z)):
            if len(of_bias) == 1:
                of_bias += share[block].T @ weight[block]
            else:
                of_bias.index_add_(0, snapshot[block], weight[block] * share[block])
        return weight @ vectors * share, weight.T @ (z * share), of_bias, None


def _blocks(sets: int) -> Iterator[slice]:
    return (slice(start, start + SETS_AT_ONCE) for start in range(0, sets, SETS_AT_ONCE))


def explore_log_probabilities(
    z: Tensor, snapshot: Tensor, pair_set: Tensor, pair_item: Tensor, tables: ItemTables, columns: ItemColumns | None
) -> Tensor:
    """Return the log of the softmax over items for each pair, ``(P,)``.

    A target that nobody had had yet is scored as it would have been then: without what later events told of it.

    Args:
        z: Mark state of each set, ``(S, D)``.
        snapshot: Popularity snapshot of each set, ``(S,)``.
        pair_set: Set of each pair, ``(P,)``.
        pair_item: Item of each pair, ``(P,)``.
        tables: The items.
        columns: A sample of them to compare with; ``None`` compares with all.
    """
    every = tables.directions
    vectors, bias = every, tables.bias
    if columns is not None:
        vectors, bias = every[columns.item], bias[:, columns.item] - columns.log_expected
    total: Tensor = LogPartition.apply(z, vectors, bias, snapshot)  # type: ignore[no-untyped-call]  # untyped in torch
    chosen = (z[pair_set] * every[pair_item]).sum(dim=-1) + tables.bias[snapshot[pair_set], pair_item]
    log_p: Tensor = chosen - total[pair_set]
    new = tables.is_new[snapshot[pair_set], pair_item].nonzero().squeeze(-1)
    if not len(new):
        return log_p
    learnt = every[pair_item[new]] - directions(tables.text[pair_item[new]])
    later = (z[pair_set[new]] * learnt).sum(dim=-1) + tables.own_bias[pair_item[new]]
    others = torch.log1p(-log_p[new].exp().clamp(max=NEARLY_ALL))
    then = log_p[new] - later
    return log_p.index_copy(0, new, then - torch.logaddexp(others, then))
