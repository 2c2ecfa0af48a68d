"""The value of each event of a history, under true removal: Shapley values and leave-one-out.

Sampling is antithetic: each order of the events is walked forwards and backwards, and the subsets on the way add up to
score less empty score whatever the order, so the values add up too (docs/decisions/0006-event-values.md).

References:
    Mitchell, R. et al. (2022). Sampling permutations for Shapley value estimation. JMLR 23.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.explain.removal import RemovalGame

EXACT_UP_TO = 8
"""Players whose every subset is counted."""
SUBSETS = 1200
"""About how many subsets are sampled beyond."""
FEWEST_PAIRS, MOST_PAIRS = 8, 64

# P players, M pairs of orders


@dataclass(frozen=True, slots=True)
class EventValues:
    """Values of the players of a removal game, in the scalar's unit; above zero where they raised the score."""

    values: NDArray[np.float64]
    """``(P,)``."""
    standard_errors: NDArray[np.float64]
    """Of the sampling, ``(P,)``; 0 where every subset was counted."""


def shapley_values(game: RemovalGame, seed: int = 0, subsets: int = SUBSETS) -> EventValues:
    """Return the mean change of the score when a player joins, over all orders in which players could have come."""
    if game.n_players <= EXACT_UP_TO:
        return EventValues(_exact(game), np.zeros(game.n_players))
    pairs = int(np.clip(subsets // (2 * game.n_players), FEWEST_PAIRS, MOST_PAIRS))
    return _sampled(game, np.random.default_rng(seed), pairs)


def leave_one_out(game: RemovalGame) -> NDArray[np.float64]:
    """Return the score less the score without each player, ``(P,)``."""
    full = np.ones((1, game.n_players), dtype=bool)
    found = game.scores(np.concatenate([full, ~np.eye(game.n_players, dtype=bool)]))
    values: NDArray[np.float64] = found[0] - found[1:]
    return values


def _exact(game: RemovalGame) -> NDArray[np.float64]:
    n = game.n_players
    masks = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1  # (2^P, P); row = the mask read as a number
    found = game.scores(masks)  # (2^P,)
    sizes = masks.sum(axis=1)
    weights = np.array([1 / (n * math.comb(n - 1, size)) for size in range(n)])  # of a subset that a player joins
    values = np.empty(n)
    for player in range(n):
        without = np.flatnonzero(~masks[:, player])
        joined = found[without | (1 << player)] - found[without]
        values[player] = (weights[sizes[without]] * joined).sum()
    return values


def _sampled(game: RemovalGame, generator: np.random.Generator, pairs: int) -> EventValues:
    n = game.n_players
    orders = np.stack([generator.permutation(n) for _ in range(pairs)])  # (M, P)
    orders = np.stack([orders, orders[:, ::-1]], axis=1)  # (M, 2, P)
    rank = np.argsort(orders, axis=-1)  # when each player joins, (M, 2, P)
    steps = rank[:, :, None, :] < np.arange(n + 1)[:, None]  # (M, 2, P + 1, P)
    found = game.scores(steps.reshape(-1, n)).reshape(pairs, 2, n + 1)
    joined = np.take_along_axis(np.diff(found, axis=-1), rank, axis=-1)  # (M, 2, P): change when each player joins
    paired = joined.mean(axis=1)  # (M, P): the two walks of a pair are not independent, the pairs are
    return EventValues(paired.mean(axis=0), paired.std(axis=0, ddof=1) / math.sqrt(pairs))
