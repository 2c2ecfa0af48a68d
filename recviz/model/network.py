"""History encoder and interest head.

Events attend to themselves and to strictly earlier events; queries attend to the events strictly before them and to no
other query. So nothing leaks inside a basket, and one pass answers every query of a history.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from recviz.model.attention import (
    BUCKETS,
    SLOPES_OF_SUMS,
    Block,
    Columns,
    bias_places,
    bias_table,
    by_age,
    decayed_sums,
    log_bucket,
    recency_slopes,
)
from recviz.model.batch import Batch
from recviz.model.config import RunConfig
from recviz.model.context import N_FEATURES
from recviz.model.counts import N_SHAPES, CountNetwork
from recviz.model.population import HALF_LIVES, N_CALENDAR, N_LEVELS

CARRY = 0.3
"""How much of the state goes past the mark's layers at first; more, and they learn slowly what is not nearness."""

# B histories, L events, Q queries, T = L + Q tokens, S = 1 + L keys (the first is "nothing"), H heads, D width


@dataclass(frozen=True, slots=True)
class EventParts:
    """What an event brings, part by part; attribution moves each from its baseline of zero."""

    text: Tensor
    """Item text, projected, ``(B, L, D)``."""
    identity: Tensor
    """Item's own vector, ``(B, L, D)``."""
    kind: Tensor
    """``(B, L, D)``."""
    value: Tensor
    """``(B, L, D)``."""
    time: Tensor | None = None
    """Weight of the attention bias by time, ``(B, L)``; ``None`` where it is 1 throughout, as trained."""


@dataclass(frozen=True, slots=True)
class HeadOutput:
    """Corrections to the counts' own forecast, and mark states, for ``steps`` = K + 1 (or 1: the next event alone)."""

    log_rate: Tensor
    """Correction of log mu in each period, ``(..., steps - 1)``."""
    log_shape: Tensor
    """``(...,)``."""
    log_depth: Tensor
    """``(...,)``."""
    z: Tensor
    """``(..., steps, D)``."""
    gate: Tensor
    """Logit of the own part, ``(..., steps)``."""
    beyond_counts: Tensor
    """What the events add to ``log_rate`` beyond what counts alone say, ``(..., steps - 1)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkShape:
    """What the log and the split decide of a network."""

    text_width: int
    n_items: int
    n_kinds: int
    periods: int
    """``K``; 0 for a split that has no curves."""
    timed: bool
    """False for a log that has an order only."""
    value_is_chance: bool
    """Whether values are yes or no."""


class InterestNetwork(nn.Module):
    """From event parts and queries to states, and from states to volume, depth, mark and value."""

    text_mean: Tensor
    text_scale: Tensor
    own_gain: Tensor
    shared_beyond: Tensor

    def __init__(self, config: RunConfig, shape: NetworkShape) -> None:
        super().__init__()
        width = config.width
        self.value_is_chance = shape.value_is_chance
        self.timed, self.periods, self.heads, self.n_layers = shape.timed, shape.periods, config.heads, config.layers
        self.register_buffer("text_mean", torch.zeros(shape.text_width))
        self.register_buffer("text_scale", torch.ones(()))
        self.register_buffer("own_gain", torch.zeros(shape.n_items))
        self.project = nn.Linear(shape.text_width, width)
        self.identity = nn.Embedding(shape.n_items, width)
        self.item_bias = nn.Parameter(torch.zeros(shape.n_items))
        evenly = torch.tensor([1 / len(HALF_LIVES)] * len(HALF_LIVES) + [0.0, 1.0])
        self.popularity_weight = nn.Parameter(evenly.repeat(shape.periods + 1, 1))
        self.kind = nn.Embedding(shape.n_kinds, width)
        self.value = nn.Linear(2, width, bias=False)
        self.event_norm = nn.LayerNorm(width)
        self.nothing = nn.Parameter(torch.zeros(width))
        self.ask = nn.Linear(N_FEATURES, width)
        weights = config.heads * config.layers + len(SLOPES_OF_SUMS)
        self.time_bias = nn.Embedding(BUCKETS, weights)
        self.step_bias = nn.Embedding(BUCKETS, weights)
        self.sums = nn.Linear(len(SLOPES_OF_SUMS) * width, width, bias=False)
        self.blocks = nn.ModuleList(Block(width, config.heads, config.dropout) for _ in range(config.layers))
        self.final_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(config.dropout)
        self.context = nn.Sequential(nn.Linear(N_FEATURES + N_LEVELS, width), nn.GELU())
        self.step = nn.Embedding(shape.periods + 1, width)
        self.season = nn.Linear(N_CALENDAR, width)
        self.mix = nn.Sequential(nn.Linear(2 * width, 2 * width), nn.GELU(), nn.Dropout(config.dropout))
        self.mark = nn.Linear(2 * width, width)
        self.carry = nn.Parameter(torch.full((shape.periods + 1,), CARRY))
        self.gate = nn.Linear(2 * width, 1)
        self.counts = CountNetwork(shape.periods)
        self.rate = nn.Linear(width, N_SHAPES)
        self.register_buffer("shared_beyond", torch.zeros(shape.periods))
        self.personal = nn.Linear(width, 2)
        self.mark_norm = nn.LayerNorm(width)
        self.log_temperature = nn.Parameter(torch.tensor(0.0))
        self.value_head = nn.Sequential(nn.Linear(3 * width, width), nn.GELU(), nn.Linear(width, 1))
        self._start(shape.text_width)

    def _start(self, text_width: int) -> None:
        """Start at baselines: counts and values as they were, a small own part, popular items near to the recent ones."""
        for layer in (self.rate, self.personal):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        for weight in self.value_head[-1].parameters():
            nn.init.zeros_(weight)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, -1.0)
        for table in (self.identity, self.kind, self.step):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.zeros_(self.step_bias.weight)
        with torch.no_grad():
            slopes = recency_slopes(self.heads).repeat(self.n_layers)
            self.time_bias.weight.copy_(by_age(torch.cat([slopes, torch.tensor(SLOPES_OF_SUMS)])))
            self.sums.weight.copy_(torch.eye(self.sums.out_features).repeat(1, len(SLOPES_OF_SUMS)))
        nn.init.normal_(self.project.weight, std=1 / math.sqrt(text_width))
        nn.init.zeros_(self.project.bias)

    @torch.no_grad()
    def describe_items(self, pooled: Tensor, gain: Tensor) -> None:
        """Fix, before training, what is measured once: the text vectors' mean and spread, and how far own vectors move.

        Args:
            pooled: Text vectors, ``(I, H)``.
            gain: See `recviz.model.item_vectors.own_gain`, ``(I,)``.
        """
        self.text_mean.copy_(pooled.mean(dim=0))
        self.text_scale.copy_((pooled - self.text_mean).square().mean().sqrt().clamp(min=1e-6))
        self.own_gain.copy_(gain)
        self.identity.weight /= self.own_gain.clamp(min=1)[:, None]  # none starts larger than others

    def project_text(self, pooled: Tensor) -> Tensor:
        """Turn pooled text vectors ``(..., H)`` into the text part of item vectors ``(..., D)``."""
        projected: Tensor = self.project((pooled - self.text_mean) / self.text_scale)
        return projected

    def identities(self) -> Tensor:
        """Return the items' own vectors, zero where an item has too few events, ``(I, D)``."""
        return self.identity.weight * self.own_gain[:, None]

    def own_biases(self) -> Tensor:
        """Return the items' own constants, zero where an item has too few events, ``(I,)``."""
        return self.item_bias * (self.own_gain > 0)

    def event_parts(self, batch: Batch, text: Tensor, identity: Tensor) -> EventParts:
        """Look up each event's parts; ``text`` and ``identity`` are tables ``(I, D)``."""
        value = torch.stack([batch.value, batch.has_value.float()], dim=-1)
        return EventParts(
            functional.embedding(batch.item, text),
            functional.embedding(batch.item, identity),
            self.kind(batch.kind),
            self.value(value),
        )

    def encode(self, batch: Batch, parts: EventParts) -> Tensor:
        """Return the state of each query, ``(B, Q, D)``."""
        events = self.event_norm(parts.text + parts.identity + parts.kind + parts.value)  # (B, L, D)
        nothing = self.nothing.expand(len(batch), 1, -1)
        events = self.dropout(events)
        tokens = torch.cat([nothing, events, self.ask(batch.features[..., :N_FEATURES])], dim=1)  # (B, 1 + L + Q, D)
        *biases, left = self._biases(batch, parts.time)
        n_keys = 1 + batch.item.shape[1]
        for block, bias in zip(self.blocks, biases, strict=True):
            tokens = block(tokens, bias, n_keys)
        added = self.sums(decayed_sums(events, left[:, :, n_keys:, 1:]))
        states: Tensor = self.final_norm(tokens[:, n_keys:]) + added
        return states

    def _biases(self, batch: Batch, time_weight: Tensor | None) -> list[Tensor]:
        """Return the additive mask of each layer's heads, and last of the sums, ``(B, H, 1 + L + Q, 1 + L)``."""
        n_events = batch.item.shape[1]
        when = torch.cat([batch.time, batch.instant], dim=1)  # (B, L + Q)
        rank = torch.cat([batch.rank, batch.query_rank], dim=1)
        gap = when[:, :, None] - batch.time[:, None, :]  # (B, L + Q, L)
        seen = (gap > 0) & batch.valid[:, None, :]
        seen[:, :n_events] |= torch.eye(n_events, dtype=torch.bool, device=seen.device)
        steps = rank[:, :, None] - batch.rank[:, None, :]
        age = self._bucket(gap)
        place = bias_places(age, log_bucket(steps.clamp(min=0).float(), 4), seen)
        table = bias_table(self.time_bias.weight, self.step_bias.weight)
        bias: Tensor = Columns.apply(table, place)  # type: ignore[no-untyped-call]  # untyped in torch
        if time_weight is not None:
            moved = self.time_bias(age) * (time_weight - 1)[:, None, :, None]
            bias = bias + functional.pad(moved.permute(0, 3, 1, 2), (1, 0, 1, 0))
        return list(bias.split([self.heads] * self.n_layers + [len(SLOPES_OF_SUMS)], dim=1))

    def _bucket(self, gap: Tensor) -> Tensor:
        if self.timed:
            return log_bucket(gap.clamp(min=0).float() / 3_600_000_000, 2)  # hours
        return log_bucket(gap.clamp(min=0).float(), 4)  # positions

    def head(self, state: Tensor, features: Tensor, season: Tensor) -> HeadOutput:
        """Turn states ``(..., D)`` with context ``(..., F)`` and calendar ``(..., steps, C)`` into corrections.

        ``steps`` is ``K + 1``, or 1 where only the next event is asked for.
        """
        state = self.dropout(state)
        later = self.step.weight[: season.shape[-2]] + self.season(season)  # (..., steps, D)
        base = torch.cat([state, self.context(features)], dim=-1)[..., None, :]  # (..., 1, 2D)
        hidden = self.mix(base + torch.cat([later, later], dim=-1))  # (..., steps, 2D)
        near = self.carry[: season.shape[-2], None] * state[..., None, :]
        z = self.mark_norm(near + self.mark(hidden)) * torch.exp(self.log_temperature)
        counted = self.counts(features, season[..., 1:, :])
        beyond = self.rate(state).clamp(-6, 6) @ self.counts.shapes[: counted.log_rate.shape[-1]].T
        beyond = beyond - self.shared_beyond[: beyond.shape[-1]]
        shape, depth = self.personal(state).clamp(-4, 4).unbind(dim=-1)
        gate = self.gate(hidden).squeeze(-1)
        return HeadOutput(
            counted.log_rate + beyond, counted.log_shape + shape, counted.log_depth + depth, z, gate, beyond
        )

    def values(self, z: Tensor, items: Tensor, start: Tensor) -> Tensor:
        """Return the standardised value (or log-odds) of each pair of a state and an item, both ``(..., D)``.

        Args:
            z: States.
            items: Sums of text part and identity.
            start: What their own values alone say, ``(...,)``; see `recviz.model.values.ValueLevels`.
        """
        beyond: Tensor = self.value_head(torch.cat([z, items, z * items], dim=-1)).squeeze(-1)
        return start + beyond
