"""Fit what counts alone can tell, before the passes over the events begin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.data.sequences import LogView, draw_users
from recviz.model.counts import CountNetwork, CountOutput
from recviz.model.population import calendar
from recviz.training.losses import WEIGHTS, depth_loss, negative_multinomial_nll
from recviz.training.targets import TargetRules, origin_outcome

ROWS = 40_000
"""Origins over all users: more tell nothing new, since a user's origins are alike."""
MOST_ORIGINS = 12
PASSES = 5
RATE = 4e-3
DROPOUT = 0.2
LEAST_STEPS = 60
"""A log of few users takes more passes, until it has seen as many steps."""
WARM_STEPS = 50
STEPS_PER_PASS = 50
SMALLEST_BATCH, LARGEST_BATCH = 64, 512

# O origins over all users, K periods, F features, C calendar features


@dataclass(frozen=True, slots=True)
class CountRows:
    """Origins with what was counted before them and what followed."""

    features: Tensor
    """Standardised, ``(O, F)``."""
    season: Tensor
    """``(O, K, C)``."""
    rate: Tensor
    """``(O,)``."""
    shape: Tensor
    """``(O,)``."""
    depth: Tensor
    """``(O,)``."""
    counts: Tensor
    """Active days, ``(O, K)``."""
    covered: Tensor
    """bool ``(O, K)``."""
    events: Tensor
    """Target events in the covered periods, ``(O,)``."""

    def __len__(self) -> int:
        return len(self.rate)

    def take(self, index: Tensor) -> "CountRows":
        """Keep some rows."""
        return CountRows(*(getattr(self, name)[index] for name in self.__slots__))


def fit_counts(network: CountNetwork, view: LogView, rules: TargetRules, seed: int, *, most_rows: int = ROWS) -> None:
    """Fit the network in place and fix it; a log without curves or without two periods leaves it as it is.

    Each member draws origins of its own: by which days a fit has seen, more than by how it starts, fits differ in level.
    """
    network.see_seasons(rules.collator.span_days)
    network.requires_grad_(requires_grad=False)
    with torch.random.fork_rng(devices=[]):  # the same counts say the same, whatever was drawn before
        torch.manual_seed(seed)
        for at, member in enumerate(network.members):
            rows = _draw_rows(view, rules, np.random.default_rng([seed, at]), most_rows)
            if rows is not None:
                member.requires_grad_(requires_grad=True)
                _fit_member(network, at, rows)
    network.zero_grad()  # what is left of the last step would move the weights in the first step of the passes
    network.requires_grad_(requires_grad=False)


def _fit_member(network: CountNetwork, at: int, rows: CountRows) -> None:
    size = min(max(len(rows) // STEPS_PER_PASS, SMALLEST_BATCH), LARGEST_BATCH)
    a_pass = max(len(rows) // size, 1)
    passes = max(PASSES, -(-LEAST_STEPS // a_pass))
    steps = passes * a_pass
    warm = min(WARM_STEPS, steps // 4)
    optimiser = torch.optim.AdamW(network.members[at].parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm) * (0.5 + 0.5 * np.cos(np.pi * step / steps))
    )
    for _ in range(passes):
        for chosen in torch.randperm(len(rows)).split(size)[:a_pass]:
            drawn = rows.take(chosen)
            optimiser.zero_grad()
            _loss(network.said_by(at, drawn.features, drawn.season, DROPOUT), drawn).backward()
            optimiser.step()
            schedule.step()


def _loss(said: CountOutput, rows: CountRows) -> Tensor:
    log_mu, log_shape = rows.rate.log()[:, None] + said.log_rate, rows.shape.log() + said.log_shape
    volume = negative_multinomial_nll(log_mu, log_shape, rows.counts, rows.covered).mean()
    days = torch.where(rows.covered, rows.counts, 0).sum(dim=1)
    return WEIGHTS["volume"] * volume + WEIGHTS["depth"] * depth_loss(rows.depth, said.log_depth, rows.events, days)


def _draw_rows(view: LogView, rules: TargetRules, rng: np.random.Generator, most_rows: int = ROWS) -> CountRows | None:
    """Draw origins of every user (or of as many as suffice), at least one whole period before the end."""
    population = rules.collator.population
    users = view.users()
    each = int(np.clip(most_rows // max(len(users), 1), 4, MOST_ORIGINS))
    users = draw_users(users, most_rows // each, rng)
    drawn: list[tuple[History, NDArray[np.int64]]] = []
    for user in users if rules.collator.periods else []:
        history = view.history(int(user))
        first, last = int(history.time[0] // population.unit) + 1, int(rules.end // population.unit) - population.period
        if last >= first:
            drawn.append((history, np.unique(rng.integers(first, last + 1, each)) * population.unit))
    return rows_at(drawn, rules)


def rows_at(asked: Sequence[tuple[History, NDArray[np.int64]]], rules: TargetRules) -> CountRows | None:
    """Count histories before and after the origins that each is asked at; ``None`` where none is asked."""
    collator, columns = rules.collator, []
    population, periods = collator.population, collator.periods
    for history, origins in asked:
        context, outcome = collator.context(history, origins), origin_outcome(history, origins, rules)
        features = np.concatenate([context.features, population.levels(origins)], axis=1)
        season = calendar(origins, periods, population.period, population.unit, collator.span_days)[:, 1:]
        columns.append((features, season, context.rate, context.shape, context.depth,
                        outcome.counts, outcome.covered, outcome.events))  # fmt: skip
    if not columns:
        return None
    rows = CountRows(*(torch.from_numpy(np.concatenate(column)) for column in zip(*columns, strict=True)))
    scaled = (rows.features.numpy() - collator.scaling.feature_mean) / collator.scaling.feature_std
    return replace(rows, features=torch.from_numpy(np.clip(scaled, -5, 5).astype(np.float32)))
