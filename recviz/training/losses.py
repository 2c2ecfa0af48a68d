"""Likelihoods of volume and depth, cross-entropy of marks, error of values."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from recviz.model.batch import Batch
from recviz.model.network import EventParts, InterestNetwork
from recviz.training.steps import Targets

WEIGHTS = {"volume": 1.0, "depth": 0.1, "next": 0.5, "period": 0.5, "value": 0.3}
SAMPLED_SHARE = 0.5
"""Share of the sampled negatives that are drawn by popularity; the rest are drawn evenly."""

# R next queries, O origins, K periods, S sets, P pairs, I items, N sampled items, D width


@dataclass(frozen=True, slots=True)
class ItemTables:
    """What a step knows of the items."""

    text: Tensor
    """Text parts, ``(I, D)``."""
    identity: Tensor
    """Own vectors, ``(I, D)``."""
    bias: Tensor
    """Bias at each popularity snapshot, ``(G, I)``."""

    @property
    def vectors(self) -> Tensor:
        """Item vectors as events carry them, ``(I, D)``."""
        return self.text + self.identity


def negative_multinomial_nll(log_mu: Tensor, log_shape: Tensor, counts: Tensor, covered: Tensor) -> Tensor:
    """Return the negative log-likelihood of each origin's counts, ``(O,)``, nats.

    Args:
        log_mu: Log of expected counts, ``(O, K)``.
        log_shape: Log of the personal gamma's shape, ``(O,)``.
        counts: Active days, ``(O, K)``.
        covered: Periods that the log fully covers; the margin over the others is again negative multinomial.
    """
    shape = log_shape.exp()
    seen = torch.where(covered, counts, 0)
    mu = torch.where(covered, log_mu.exp(), 0)
    total, mass = seen.sum(dim=1), mu.sum(dim=1)
    combinations = torch.lgamma(shape + total) - torch.lgamma(shape) - torch.lgamma(seen + 1).sum(dim=1)
    rest = -(shape + total) * torch.log1p(mass / shape) - total * log_shape
    return -(combinations + rest + (seen * torch.where(covered, log_mu, 0)).sum(dim=1))


def mark_log_probabilities(explore: Tensor, gate: Tensor, own: Tensor, has_own: Tensor) -> Tensor:
    """Mix explore and repeat in logs, ``(P,)``: ``log((1 - g) e^explore + g own)``, ``g = 0`` where nothing is owned."""
    log_keep = torch.where(has_own, functional.logsigmoid(-gate), 0)
    repeat = functional.logsigmoid(gate) + torch.log(own.clamp(min=1e-12))
    repeated = torch.logaddexp(log_keep + explore, repeat)
    return torch.where(own > 0, repeated, log_keep + explore)


def step_losses(
    network: InterestNetwork, batch: Batch, targets: Targets, tables: ItemTables, columns: "ItemColumns | None" = None
) -> dict[str, Tensor]:
    """Return each loss of a batch by name; a name is absent where the batch has nothing of it."""
    parts: EventParts = network.event_parts(batch, tables.text, tables.identity)
    states = network.encode(batch, parts).flatten(0, 1)  # (B * Q, D)
    features, season = batch.features.flatten(0, 1), batch.season.flatten(0, 1)
    ahead = network.head(states[targets.next_query], features[targets.next_query], season[targets.next_query, :1])
    later = network.head(states[targets.origin_query], features[targets.origin_query], season[targets.origin_query])
    losses: dict[str, Tensor] = {}
    if len(targets.counts) and targets.covered.any():
        losses["volume"], losses["depth"] = _volume_losses(
            batch, targets, later.log_rate, later.log_shape, later.log_depth
        )
    if not len(targets.pair_item):
        return losses
    n_next = len(targets.next_query)
    is_next = targets.set_row < n_next
    z = torch.cat(
        [ahead.z[targets.set_row[is_next], 0], later.z[targets.set_row[~is_next] - n_next, targets.set_step[~is_next]]]
    )
    gate = torch.cat(
        [
            ahead.gate[targets.set_row[is_next], 0],
            later.gate[targets.set_row[~is_next] - n_next, targets.set_step[~is_next]],
        ]
    )
    order = torch.cat([torch.nonzero(is_next).flatten(), torch.nonzero(~is_next).flatten()])
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order), device=order.device)
    set_query = targets.set_query[order]
    explore = _explore(
        z, batch.snapshot.flatten()[set_query], place[targets.pair_set], targets.pair_item, tables, columns
    )
    own_set = targets.has_own[targets.set_query[targets.pair_set]]
    log_p = mark_log_probabilities(explore, gate[place[targets.pair_set]], targets.pair_own, own_set)
    of_next = is_next[targets.pair_set]
    loss = -log_p * targets.pair_weight
    losses["next"] = loss[of_next].sum() / is_next.sum().clamp(min=1)
    if (~is_next).any():
        losses["period"] = loss[~of_next].sum() / (~is_next).sum()
    valued = of_next & ~targets.pair_value.isnan()
    if valued.any():
        guess = network.values(z[place[targets.pair_set[valued]]], tables.vectors[targets.pair_item[valued]])
        losses["value"] = (guess - targets.pair_value[valued]).square().mean()
    return losses


def _volume_losses(
    batch: Batch, targets: Targets, log_rate: Tensor, log_shape: Tensor, log_depth: Tensor
) -> tuple[Tensor, Tensor]:
    asked = targets.origin_query
    log_mu = batch.rate.flatten()[asked, None].log() + log_rate
    shape = batch.shape.flatten()[asked].log() + log_shape
    volume = negative_multinomial_nll(log_mu, shape, targets.counts, targets.covered)
    days = torch.where(targets.covered, targets.counts, 0).sum(dim=1)
    depth = 1 + (batch.depth.flatten()[asked] - 1).clamp(min=1e-3) * log_depth.exp()
    active = days > 0
    seen = targets.events[active] / days[active]
    quasi = (depth[active] - seen * depth[active].log()).mean() / seen.mean().clamp(min=1)
    usable = targets.covered.any(dim=1)
    return volume[usable].mean(), quasi if active.any() else log_depth.sum() * 0


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


def _explore(
    z: Tensor, snapshot: Tensor, pair_set: Tensor, pair_item: Tensor, tables: ItemTables, columns: ItemColumns | None
) -> Tensor:
    """Return the log of the softmax over items for each pair, ``(P,)``."""
    scale = z.shape[-1] ** -0.5
    if columns is None:
        logits = z @ tables.vectors.T * scale + tables.bias[snapshot]  # (S, I)
        log_p: Tensor = logits[pair_set, pair_item] - torch.logsumexp(logits, dim=-1)[pair_set]
        return log_p
    logits = z @ tables.vectors[columns.item].T * scale + tables.bias[:, columns.item][snapshot]  # (S, N)
    chosen = logits[pair_set, torch.searchsorted(columns.item, pair_item)]
    sampled: Tensor = chosen - torch.logsumexp(logits - columns.log_expected, dim=-1)[pair_set]
    return sampled
