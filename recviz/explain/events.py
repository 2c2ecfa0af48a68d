"""The value of each event of a history, under true removal: Shapley values and leave-one-out.

A value is a mean over the places in which an event can come. First and last place are counted exactly; the places soon
after the first are sampled densely, the others by walks forwards and backwards (docs/decisions/0006-event-values.md).

References:
    Mitchell, R. et al. (2022). Sampling permutations for Shapley value estimation. JMLR 23.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.explain.choices import Method
from recviz.explain.removal import RemovalGame
from recviz.explain.shap_library import permutation_values

EXACT_UP_TO = 8
"""Players whose every subset is counted."""
SUBSETS = 1200
"""About how many subsets are sampled beyond."""
PAIRS, ROUNDS = (6, 40), (10, 70)
"""Fewest and most pairs of whole walks, and rounds of first steps."""
EARLY = 4
"""Places after the first that are sampled more densely."""

# P players, M pairs of whole walks, S short walks, W walks in all


@dataclass(frozen=True, slots=True)
class EventValues:
    """Values of the players of a removal game, in the scalar's unit; above zero where they raised the score."""

    values: NDArray[np.float64]
    """``(P,)``."""
    standard_errors: NDArray[np.float64]
    """Of the sampling, ``(P,)``; 0 where every subset was counted."""


def event_values(game: RemovalGame, method: Method = "shapley", seed: int = 0, subsets: int = SUBSETS) -> EventValues:
    """Value the players of a game by a method.

    Args:
        game: The history's subsets.
        method: shapley is this module's own sampler, permutation that of the shap library (whole walks only, so its
            standard errors are larger); leave-one-out is the score less the score without each player alone.
        seed: Of the sampled orders.
        subsets: About how many subsets may go through the model.
    """
    match method:
        case "shapley":
            return shapley_values(game, seed, subsets)
        case "permutation" if game.n_players:
            pairs = max(2, subsets // (2 * game.n_players))
            return EventValues(*permutation_values(game.scores, game.n_players, pairs, seed))
        case "permutation" | "leave-one-out":
            return EventValues(leave_one_out(game), np.zeros(game.n_players))


def shapley_values(game: RemovalGame, seed: int = 0, subsets: int = SUBSETS) -> EventValues:
    """Return the mean change of the score when a player joins, over all orders in which players could have come."""
    if game.n_players <= EXACT_UP_TO:
        return EventValues(_exact(game), np.zeros(game.n_players))
    return _sampled(game, np.random.default_rng(seed), subsets)


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


def _sampled(game: RemovalGame, generator: np.random.Generator, subsets: int) -> EventValues:
    n = game.n_players
    pairs = int(np.clip(0.3 * subsets / n, *PAIRS))
    rounds = int(np.clip(0.5 * subsets / n, *ROUNDS))
    walks = (_whole_walks(game, generator, pairs), _first_steps(game, generator, rounds))
    place, gain = (np.concatenate(parts) for parts in zip(*walks, strict=True))  # (W, P) each
    alone = game.scores(np.eye(n, dtype=bool)) - game.empty
    values = (alone + leave_one_out(game)) / n  # the first and the last place, exactly
    variances = np.zeros(n)
    for first, end in ((1, EARLY + 1), (EARLY + 1, n - 1)):
        inside = (place >= first) & (place < end)
        weight = (end - first) / n
        values += weight * np.mean(gain, axis=0, where=inside)
        variances += weight**2 * np.var(gain, axis=0, where=inside, ddof=1) / inside.sum(axis=0)
    return _adding_up(values, variances, game.full - game.empty)


def _whole_walks(
    game: RemovalGame, generator: np.random.Generator, pairs: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Walk random orders to the end, forwards and backwards; return each player's place and gain, ``(2 M, P)``."""
    n = game.n_players
    orders = np.stack([generator.permutation(n) for _ in range(pairs)])
    place = np.argsort(np.concatenate([orders, orders[:, ::-1]]), axis=-1)  # (2 M, P)
    steps = place[:, None, :] < np.arange(n + 1)[:, None]  # (2 M, P + 1, P)
    found = game.scores(steps.reshape(-1, n)).reshape(-1, n + 1)
    return place, np.take_along_axis(np.diff(found, axis=-1), place, axis=-1)


def _first_steps(
    game: RemovalGame, generator: np.random.Generator, rounds: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Walk only the first steps of many orders, each player equally often; where a player is absent its place is P.

    What a player does when few others are there varies most, and decides the values of long histories.
    """
    n, length = game.n_players, EARLY + 1
    orders = np.stack([generator.permutation(n) for _ in range(rounds)])
    blocks = orders[:, (np.arange(0, n, length)[:, None] + np.arange(length)) % n].reshape(-1, length)  # (S, length)
    row = np.arange(len(blocks))[:, None]
    place = np.full((len(blocks), n), n)
    place[row, blocks] = np.arange(length)
    steps = place[:, None, :] < np.arange(1, length + 1)[:, None]  # (S, length, P)
    found = game.scores(steps.reshape(-1, n)).reshape(-1, length)
    gain = np.zeros(place.shape)
    gain[row, blocks[:, 1:]] = np.diff(found, axis=-1)
    return place, gain


def _adding_up(values: NDArray[np.float64], variances: NDArray[np.float64], total: float) -> EventValues:
    """Spread what the values lack to their known total by their variances: the most uncertain give most."""
    share = (variances + 1e-24) / (variances + 1e-24).sum()
    return EventValues(values + share * (total - values.sum()), np.sqrt(variances * (1 - share)))
