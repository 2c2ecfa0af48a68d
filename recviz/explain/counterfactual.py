"""The smallest set of past events without which an item would not be recommended.

Greedy: the event whose removal costs the item most goes, until the item has fallen out of the list; then every event
that can come back without changing that does. Smaller sets are then tried one by one, as far as that is affordable; only
then is the set called the smallest.
"""

from dataclasses import dataclass
from itertools import chain, combinations
from math import comb

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.errors import InvalidSettingError
from recviz.explain.removal import INDIVIDUAL, players_of
from recviz.explain.scalars import candidate_position
from recviz.language import tr
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import Predictor

LIST = 10
"""Places of the list that an item must fall out of."""
AFFORDABLE = 2_500
"""Subsets that may be tried to prove that no smaller set does it."""
AT_ONCE = 512

# P players (events, or the earlier ones together), C subsets, I candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """What would have had to be otherwise."""

    item: int
    """Row of the item table."""
    places: int
    """Length of the list."""
    rank: int
    """The item's rank with the whole history."""
    sets_of_positions: tuple[tuple[int, ...], ...]
    """The events of each player that has to go, as places in the history; empty where even no history at all leaves
    the item in the list."""
    rank_without: int
    """The item's rank without them (without any history, where there is no such set)."""
    proven_smallest: bool
    """Whether no smaller set does it; the earlier events count as one. ``False``: perhaps there is a smaller one."""
    n_tried: int
    """Subsets that went through the model."""

    @property
    def positions(self) -> tuple[int, ...]:
        """All events that have to go, oldest first."""
        return tuple(sorted(chain.from_iterable(self.sets_of_positions)))

    @property
    def exists(self) -> bool:
        """Whether there is such a set."""
        return bool(self.sets_of_positions)


def smallest_change(
    predictor: Predictor, history: History, instant: int, item: int, places: int = LIST
) -> Counterfactual:
    """Search for the fewest past events without which an item is not among the first ``places`` for the next visit.

    The list is that of items the user has not had, and the item itself. It does not change while events are removed, so
    that no item comes back into the list because the event of it is gone.

    Args:
        predictor: The model at its origin.
        history: All events that count.
        instant: The moment that the model looks ahead from.
        item: Row of the item table.
        places: Length of the list.

    Raises:
        UnsupportedError: If the item may not be recommended at this origin.
        InvalidSettingError: If the item is not in the list to begin with.
    """
    search = _Search(predictor, history, instant, item, places)
    whole = np.ones(search.n_players, dtype=bool)
    rank = search.rank(whole)
    if rank > places:
        raise InvalidSettingError.of(
            tr("“{title}” is not among the first {places}").format(title=predictor.dataset.title(item), places=places),
            tr("it is number {rank:,}").format(rank=rank),
            tr("Ask why it is as likely as it is instead"),
        )
    if not search.is_out(~whole):
        gone: tuple[int, ...] = ()
        proven = True
    else:
        gone, proven = search.smaller(search.pruned(search.greedy()))
    left = whole.copy()
    left[list(gone)] = False
    return Counterfactual(
        item=item,
        places=places,
        rank=rank,
        sets_of_positions=tuple(tuple(search.players[player].tolist()) for player in gone),
        rank_without=search.rank(left if gone else ~whole),
        proven_smallest=proven,
        n_tried=search.n_tried,
    )


class _Search:
    """Margins of one item over the last place of the list, for subsets of one history."""

    def __init__(self, predictor: Predictor, history: History, instant: int, item: int, places: int) -> None:
        self._predictor, self._history, self._instant, self._places = predictor, history, instant, places
        self.players = players_of(predictor, history, INDIVIDUAL)
        self.n_players = len(self.players)
        self._position = candidate_position(predictor, item)
        shown = np.ones(len(predictor.candidates), dtype=bool)
        seen = predictor.position[history.item]
        shown[seen[seen >= 0]] = False
        shown[self._position] = False
        self._others = torch.from_numpy(np.flatnonzero(shown)).to(predictor.item_vectors.device)
        self._known: dict[bytes, tuple[float, int]] = {}

    @property
    def n_tried(self) -> int:
        return len(self._known)

    def rank(self, present: NDArray[np.bool_]) -> int:
        """Return the item's rank with these players, ``(P,)``."""
        return self._found(present[None])[0][1]

    def is_out(self, present: NDArray[np.bool_]) -> bool:
        """Tell whether the item has fallen out of the list."""
        return self.rank(present) > self._places

    def greedy(self) -> tuple[int, ...]:
        """Remove the player that costs the item most, again and again, until it is out."""
        gone: list[int] = []
        present = np.ones(self.n_players, dtype=bool)
        while not self.is_out(present):
            left = np.flatnonzero(present)
            trials = np.repeat(present[None], len(left), axis=0)
            trials[np.arange(len(left)), left] = False
            margins = [margin for margin, _ in self._found(trials)]
            chosen = int(left[int(np.argmin(margins))])
            present[chosen] = False
            gone.append(chosen)
        return tuple(gone)

    def pruned(self, gone: tuple[int, ...]) -> tuple[int, ...]:
        """Let every player come back that can, the first removed last: it did most."""
        kept = list(gone)
        for player in reversed(gone):
            without = [other for other in kept if other != player]
            if without and self.is_out(self._present(without)):
                kept = without
        return tuple(sorted(kept))

    def smaller(self, gone: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
        """Try every smaller set, as far as affordable; return the smallest known and whether it is proven so."""
        for size in range(1, len(gone)):
            if comb(self.n_players, size) + self.n_tried > AFFORDABLE:
                return gone, False
            sets = list(combinations(range(self.n_players), size))
            found = self._found(np.stack([self._present(players) for players in sets]))
            if min(margin for margin, _ in found) < 0:
                best = min(range(len(sets)), key=lambda at: found[at][0])
                return sets[best], True
        return gone, True

    def _present(self, gone: tuple[int, ...] | list[int]) -> NDArray[np.bool_]:
        present = np.ones(self.n_players, dtype=bool)
        present[list(gone)] = False
        return present

    def _found(self, present: NDArray[np.bool_]) -> list[tuple[float, int]]:
        """Return margin and rank of each subset ``(C, P)``; below 0 the item is out."""
        keys = [row.tobytes() for row in np.packbits(present, axis=1)]
        new = {key: at for at, key in enumerate(keys) if key not in self._known}
        order = list(new.values())
        for start in range(0, len(order), AT_ONCE):
            chunk = order[start : start + AT_ONCE]
            self._known.update(zip((keys[at] for at in chunk), self._evaluated(present[chunk]), strict=True))
        return [self._known[key] for key in keys]

    @torch.no_grad()
    def _evaluated(self, present: NDArray[np.bool_]) -> list[tuple[float, int]]:
        events = np.zeros((len(present), len(self._history)), dtype=bool)
        for player, positions in enumerate(self.players):
            events[:, positions] = present[:, [player]]
        prediction = self._predictor.predict_subsets(self._history, self._instant, events)
        chance = mark_probabilities(prediction, self._predictor.item_vectors, 0).double().clamp_min(1e-37).log()
        own, others = chance[:, self._position], chance[:, self._others]  # (C,), (C, I')
        if others.shape[1] < self._places:  # a list that all items fit into
            return [(float("inf"), 1 + int((row > mine).sum())) for row, mine in zip(others, own, strict=True)]
        last = others.topk(self._places, dim=1).values[:, -1]
        ranks = 1 + (others > own[:, None]).sum(dim=1)
        return list(zip((own - last).tolist(), ranks.tolist(), strict=True))
