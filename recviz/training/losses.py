"""Likelihoods of volume and depth, cross-entropy of marks, error of values."""

import torch
from torch import Tensor
from torch.nn import functional

from recviz.model.batch import Batch
from recviz.model.network import EventParts, HeadOutput, InterestNetwork
from recviz.training.softmax import Asked, ItemColumns, ItemTables, explore_log_probabilities
from recviz.training.steps import Targets

WEIGHTS = {"volume": 1.0, "beyond counts": 2.0, "depth": 0.1, "next": 0.5, "period": 0.5, "value": 0.3}
"""That of ``beyond counts`` is a prior: what events say of volume has a standard deviation of 0.5 in logs."""

# R next queries, O origins, K periods, S sets, P pairs


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


def depth_loss(usual: Tensor, log_depth: Tensor, events: Tensor, days: Tensor) -> Tensor:
    """Return the quasi-Poisson error of events per active day, a mean over active days; scalar.

    Args:
        usual: The user's shrunken own depth, ``(O,)``.
        log_depth: Correction of what it is above 1, ``(O,)``.
        events: Target events in the covered periods, ``(O,)``.
        days: Active days in them, ``(O,)``.
    """
    depth = 1 + (usual - 1).clamp(min=1e-3) * log_depth.exp()
    return (days * depth - events * depth.log()).sum() / events.sum().clamp(min=1)


def mark_log_probabilities(explore: Tensor, gate: Tensor, own: Tensor, has_own: Tensor) -> Tensor:
    """Mix explore and repeat in logs, ``(P,)``: ``log((1 - g) e^explore + g own)``, ``g = 0`` where nothing is owned."""
    log_keep = torch.where(has_own, functional.logsigmoid(-gate), 0)
    repeat = functional.logsigmoid(gate) + torch.log(own.clamp(min=1e-12))
    repeated = torch.logaddexp(log_keep + explore, repeat)
    return torch.where(own > 0, repeated, log_keep + explore)


def step_losses(
    network: InterestNetwork, batch: Batch, targets: Targets, tables: ItemTables, columns: ItemColumns | None = None
) -> dict[str, Tensor]:
    """Return each loss of a batch by name; a name is absent where the batch has nothing of it."""
    return losses_of_states(network, query_states(network, batch, tables), batch, targets, tables, columns)


def query_states(network: InterestNetwork, batch: Batch, tables: ItemTables) -> Tensor:
    """Return the state of each query, ``(B, Q, D)``."""
    parts: EventParts = network.event_parts(batch, tables.text, tables.identity)
    return network.encode(batch, parts)


def losses_of_states(
    network: InterestNetwork, states: Tensor, batch: Batch, targets: Targets, tables: ItemTables,
    columns: ItemColumns | None = None,
) -> dict[str, Tensor]:  # fmt: skip
    """As `step_losses`, from the states of the queries, ``(B, Q, D)``."""
    states = states.flatten(0, 1)  # (B * Q, D)
    features, season = batch.features.flatten(0, 1), batch.season.flatten(0, 1)
    upcoming, origin = targets.next_query, targets.origin_query
    ahead = network.head(states[upcoming], features[upcoming], season[upcoming, :1])
    later = network.head(states[origin], features[origin], season[origin])
    losses: dict[str, Tensor] = {}
    if len(targets.counts) and targets.covered.any():
        losses |= _volume_losses(batch, targets, later)
    if len(targets.pair_item):
        z, gate = _set_states(targets, ahead, later)
        losses |= _mark_losses(batch, targets, tables, columns, (z, gate))
        losses |= _value_loss(network, batch, targets, tables, z)
    return losses


def _set_states(targets: Targets, ahead: HeadOutput, later: HeadOutput) -> tuple[Tensor, Tensor]:
    """Return mark state ``(S, D)`` and gate ``(S,)`` of each set, from the next queries' head or the origins'."""
    n_next = len(targets.next_query)
    is_next = targets.set_row < n_next
    near, far = targets.set_row[is_next], targets.set_row[~is_next] - n_next
    step = targets.set_step[~is_next]
    z = ahead.z.new_empty(len(is_next), ahead.z.shape[-1])
    gate = ahead.gate.new_empty(len(is_next))
    z = z.index_put((is_next,), ahead.z[near, 0]).index_put((~is_next,), later.z[far, step])
    gate = gate.index_put((is_next,), ahead.gate[near, 0]).index_put((~is_next,), later.gate[far, step])
    return z, gate


def _mark_losses(
    batch: Batch, targets: Targets, tables: ItemTables, columns: ItemColumns | None, states: tuple[Tensor, Tensor]
) -> dict[str, Tensor]:
    z, gate = states
    counts_for = tables.popularity_weight[targets.set_step]
    asked = Asked(z, counts_for, batch.snapshot.flatten()[targets.set_query])
    explore = explore_log_probabilities(asked, targets.pair_set, targets.pair_item, tables, columns)
    query = targets.set_query[targets.pair_set]
    loss = -mark_log_probabilities(explore, gate[targets.pair_set], targets.pair_own, targets.has_own[query])
    of_next = (targets.set_step == 0)[targets.pair_set]
    weight = torch.where(
        of_next, targets.pair_weight, targets.pair_weight / _usual_events(batch).flatten()[query].sqrt()
    )
    sums = {"next": (loss * weight)[of_next], "period": (loss * weight)[~of_next]}
    weights = {"next": weight[of_next], "period": weight[~of_next]}
    return {name: sums[name].sum() / weights[name].sum() for name in sums if len(weights[name])}


def _usual_events(batch: Batch) -> Tensor:
    """Return how many events the counts expect in a period that has any, ``(B, Q)``.

    A period's events count each, so that shares come out by events; divided by the root of what is usual for the user,
    busy users teach more than quiet ones, yet do not drown them.
    """
    return batch.depth * batch.rate / -torch.expm1(-batch.rate)


def _value_loss(
    network: InterestNetwork, batch: Batch, targets: Targets, tables: ItemTables, z: Tensor
) -> dict[str, Tensor]:
    valued = (targets.set_step[targets.pair_set] == 0) & ~targets.pair_value.isnan()
    if not valued.any():
        return {}
    of_set = targets.pair_set[valued]
    start = targets.pair_level[valued] + batch.own_value.flatten()[targets.set_query[of_set]]
    guess = network.values(z[of_set], tables.vectors[targets.pair_item[valued]], start)
    wanted = targets.pair_value[valued]
    if network.value_is_chance:
        return {"value": functional.binary_cross_entropy_with_logits(guess, wanted)}
    return {"value": (guess - wanted).square().mean()}


def _volume_losses(batch: Batch, targets: Targets, head: HeadOutput) -> dict[str, Tensor]:
    asked = targets.origin_query
    log_mu = batch.rate.flatten()[asked, None].log() + head.log_rate
    shape = batch.shape.flatten()[asked].log() + head.log_shape
    volume = negative_multinomial_nll(log_mu, shape, targets.counts, targets.covered)
    told = targets.covered.any(dim=1)
    losses = {"volume": volume[told].mean(), "beyond counts": head.beyond_counts[told].square().mean()}
    days = torch.where(targets.covered, targets.counts, 0).sum(dim=1)
    active = days > 0
    if active.any():
        losses["depth"] = depth_loss(batch.depth.flatten()[asked], head.log_depth, targets.events, days)
    return losses
