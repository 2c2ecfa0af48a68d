"""How good ranked recommendations are: full ranking over the candidates, never sampled negatives."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recviz.baselines.ranking import Ranker

Floats = NDArray[np.float64]
CUTS = (10, 50, 200)
USERS_AT_ONCE = 512

# U users, I candidates


@dataclass(frozen=True, slots=True)
class Targets:
    """What some users took in the window after the origin."""

    users: NDArray[np.intp]
    """Rows of the user table, ``(U,)``: those with a target."""
    wanted: csr_array
    """1 where a candidate is wanted, ``(U, I)``."""
    count: NDArray[np.int64]
    """Distinct items wanted, ``(U,)``; those that are no candidates cannot be hit and count all the same."""
    barred: csr_array | None
    """1 where a candidate may not be recommended (what the user had), ``(U, I)``."""
    within: csr_array | None = None
    """1 where a candidate may be recommended and no other (what the user had, to judge repeats), ``(U, I)``."""
    among: NDArray[np.bool_] | None = None
    """The only candidates that may be recommended to anybody (items that nobody has had), ``(I,)``."""

    def rows(self, index: slice | NDArray[np.intp]) -> "Targets":
        """Keep some of the users."""
        return Targets(
            self.users[index],
            self.wanted[index],
            self.count[index],
            None if self.barred is None else self.barred[index],
            None if self.within is None else self.within[index],
            self.among,
        )

    def left_of(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores ``(U, I)`` with minus infinity for what may not be recommended."""
        scores = scores.copy()
        if self.within is not None:
            scores[self.within.toarray() == 0] = -np.inf
        if self.barred is not None:
            scores[self.barred.nonzero()] = -np.inf
        if self.among is not None:
            scores[:, ~self.among] = -np.inf
        return scores


def top_positions(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the best candidates of each user, best first, equal ones by position, ``(U, 200)``; -1 where none is left.

    Args:
        scores: Minus infinity where a candidate may not be recommended, ``(U, I)``.
    """
    depth = min(max(CUTS), scores.shape[1])
    last = np.partition(scores, scores.shape[1] - depth, axis=1)[:, scores.shape[1] - depth]  # (U,), lowest that is in
    top = np.full((len(scores), max(CUTS)), -1, np.int64)
    for user, (row, bound) in enumerate(zip(scores, last, strict=True)):
        high = np.flatnonzero((row >= bound) & (row > -np.inf))  # more than fit where scores are equal at the bound
        best = high[np.argsort(-row[high], kind="stable")][:depth]
        top[user, : len(best)] = best
    return top


def hits_of(top: NDArray[np.int64], wanted: csr_array) -> NDArray[np.bool_]:
    """Tell which recommended candidates are wanted, shaped as ``top``."""
    wanted_dense = wanted.toarray() > 0
    found = np.take_along_axis(wanted_dense, np.maximum(top, 0), axis=1)
    return np.asarray(found & (top >= 0))


def baseline_top(ranker: Ranker, targets: Targets) -> NDArray[np.int64]:
    """Rank for every user of the targets, ``(U, 200)``; see `top_positions`."""
    parts = []
    for start in range(0, len(targets.users), USERS_AT_ONCE):
        some = targets.rows(slice(start, start + USERS_AT_ONCE))
        parts.append(top_positions(some.left_of(ranker.scores(some.users))))
    return np.concatenate(parts)


def baseline_hits(ranker: Ranker, targets: Targets) -> NDArray[np.bool_]:
    """Rank for every user of the targets and tell what was hit, ``(U, 200)``."""
    return all_hits(baseline_top(ranker, targets), targets)


def all_hits(top: NDArray[np.int64], targets: Targets) -> NDArray[np.bool_]:
    """Tell which recommended candidates are wanted, shaped as ``top``; in batches, since wanted is dense inside."""
    starts = range(0, len(top), USERS_AT_ONCE)
    parts = [
        hits_of(top[start : start + USERS_AT_ONCE], targets.wanted[start : start + USERS_AT_ONCE]) for start in starts
    ]
    return np.concatenate(parts)


def user_ndcg(hits: NDArray[np.bool_], wanted: NDArray[np.int64], cut: int) -> Floats:
    """Return each user's normalised discounted gain within the first ``cut`` ranks, ``(U,)``."""
    discount = 1 / np.log2(np.arange(2, cut + 2))
    ideal = np.cumsum(discount)[np.minimum(wanted, cut) - 1]
    return np.asarray((hits[:, :cut] * discount).sum(axis=1) / ideal)


def ranking_scores(hits: NDArray[np.bool_], wanted: NDArray[np.int64]) -> Mapping[str, float | None]:
    """Score rankings.

    Args:
        hits: Whether each rank holds a wanted item, ``(U, 200)``.
        wanted: Distinct items wanted, ``(U,)``.

    Returns:
        ``hr@10`` (any hit), ``ndcg@10``, ``recall@10``, the same at 50 and 200, and ``mrr``.
    """
    scores: dict[str, float | None] = {}
    for cut in CUTS:
        scores[f"hr@{cut}"] = float(hits[:, :cut].any(axis=1).mean())
        scores[f"ndcg@{cut}"] = float(user_ndcg(hits, wanted, cut).mean())
        scores[f"recall@{cut}"] = float((hits[:, :cut].sum(axis=1) / wanted).mean())
    first = np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)
    return scores | {"mrr": float(first.mean())}


def catalogue_scores(
    top: NDArray[np.int64], targets: Targets, popularity: NDArray[np.int64]
) -> Mapping[str, float | None]:
    """Tell what of the catalogue rankings show.

    Args:
        top: Candidates recommended, ``(U, 200)``, -1 where none is left.
        targets: What was wanted.
        popularity: Events of each candidate before the origin, ``(I,)``.

    Returns:
        ``coverage@10``, what share of the candidates that may be shown stand among somebody's first ten;
        ``popularity_bias@10``, by what part the first ten are more popular than the candidates that were wanted (0: as
        popular; ``None``: none was).
    """
    first = top[:, : CUTS[0]]
    shown = first[first >= 0]
    wanted = targets.wanted.nonzero()[1]
    usual = float(popularity[wanted].mean()) if len(wanted) else 0.0
    may_show = len(popularity) if targets.among is None else int(targets.among.sum())
    return {
        f"coverage@{CUTS[0]}": len(np.unique(shown)) / may_show,
        f"popularity_bias@{CUTS[0]}": float(popularity[shown].mean()) / usual - 1 if usual and len(shown) else None,
    }
