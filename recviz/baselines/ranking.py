"""Baselines of ranking: which item comes next."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recviz.baselines.activity import Floats
from recviz.data.sequences import LogView, target_rows

Scores = NDArray[np.float32]
NEIGHBOURS = 100
ROWS_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class PastItems:
    """Target events before the origin, by user and candidate."""

    counts: csr_array
    """``(users, I)``."""
    user: NDArray[np.int64]
    position: NDArray[np.int64]
    """Candidate position of each event, ``(n,)``, beside its user and time."""
    time: NDArray[np.int64]


def past_items(
    view: LogView, is_target: NDArray[np.bool_], position: NDArray[np.int64], n_candidates: int
) -> PastItems:
    """Count what each user took of each candidate.

    Args:
        view: The log before the origin.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        position: Candidate position of each item row, -1 where it is none, ``(items,)``.
        n_candidates: I.
    """
    user, rows = target_rows(view, is_target)
    at = position[np.asarray(view.store.item)[rows]]
    user, at, time = user[at >= 0], at[at >= 0], np.asarray(view.store.time)[rows][at >= 0]
    counts = csr_array((np.ones(len(at), np.float32), (user, at)), shape=(view.n_users, n_candidates))
    counts.sum_duplicates()
    return PastItems(counts, user, at, time)


class Ranker(Protocol):
    """Scores every candidate for some users."""

    @property
    def name(self) -> str: ...

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """Return one score per user and candidate, higher is better, ``(users, I)``."""
        ...


@dataclass(frozen=True, slots=True)
class Popularity:
    """The same order for everybody: how often each item was taken."""

    name: str
    counts: Scores
    """``(I,)``."""

    @classmethod
    def fit(cls, past: PastItems, name: str, since: int | None = None) -> "Popularity":
        """Count events, all or those at or after ``since`` (microseconds)."""
        at = past.position if since is None else past.position[past.time >= since]
        return cls(name, np.bincount(at, minlength=past.counts.shape[1]).astype(np.float32))

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """See `Ranker`."""
        return np.repeat(self.counts[None], len(users), axis=0)


@dataclass(frozen=True, slots=True)
class Chance:
    """Any order, drawn for each user: the floor where others know nothing, and would rank by the order of the ids."""

    n_items: int
    """``I``."""
    name: str = "chance"

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """See `Ranker`."""
        return np.stack([np.random.default_rng(int(user)).random(self.n_items, np.float32) for user in users])


@dataclass(frozen=True, slots=True)
class OwnItems:
    """What the user took most often comes first, then what is popular: hard to beat where people buy again."""

    own: csr_array
    """``(users, I)``."""
    popular: Scores
    """Below 1, to order what the user never took, ``(I,)``."""
    name: str = "own most taken"

    @classmethod
    def fit(cls, past: PastItems) -> "OwnItems":
        """Count events."""
        popular = np.bincount(past.position, minlength=past.counts.shape[1])
        return cls(past.counts, np.asarray(popular / (popular.max(initial=0) + 1), np.float32))

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """See `Ranker`."""
        return np.asarray(self.own[users].toarray() + self.popular, np.float32)


@dataclass(frozen=True, slots=True)
class TextNeighbours:
    """Items whose text is nearest to the mean of the history's text vectors; reads no behaviour of others."""

    taste: Scores
    """Mean text vector of each user's events, ``(users, H)``."""
    vectors: Scores
    """Unit text vectors of the candidates, ``(I, H)``."""
    name: str = "nearest text"

    @classmethod
    def fit(cls, past: PastItems, vectors: Scores) -> "TextNeighbours":
        """Average each user's events; ``vectors`` are ``(I, H)``."""
        total = np.maximum(np.asarray(past.counts.sum(axis=1)), 1)
        return cls(np.asarray(past.counts @ vectors / total[:, None], np.float32), vectors)

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """See `Ranker`."""
        return np.asarray(self.taste[users] @ self.vectors.T)


@dataclass(frozen=True, slots=True)
class ItemNeighbours:
    """Items that the same users took: cosine of users' sets, the nearest `NEIGHBOURS` of each item.

    An item is its own nearest neighbour, so that repeats rank high where they are allowed.

    References:
        Sarwar, B. et al. (2001). Item-based collaborative filtering recommendation algorithms. WWW.
    """

    taken: csr_array
    """1 where a user took an item, ``(users, I)``."""
    near: csr_array
    """``(I, I)``; row = item taken."""
    name: str = "taken together"

    @classmethod
    def fit(cls, past: PastItems) -> "ItemNeighbours":
        """Compare items by who took them."""
        taken = past.counts.sign()
        norm = np.sqrt(np.maximum(np.asarray(taken.sum(axis=0)), 1.0))
        unit = (taken / norm[None, :]).tocsr()
        by_item = unit.T.tocsr()
        parts = [
            _nearest(by_item[start : start + ROWS_AT_ONCE] @ unit) for start in range(0, unit.shape[1], ROWS_AT_ONCE)
        ]
        columns, values, lengths = (np.concatenate([part[field] for part in parts]) for field in range(3))
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return cls(taken, csr_array((values, columns, offsets), shape=(unit.shape[1],) * 2))

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """See `Ranker`."""
        return np.asarray((self.taken[users] @ self.near).toarray(), np.float32)


def _nearest(similarity: csr_array) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Keep the largest entries of each row; equal ones by column."""
    matrix = similarity.tocsr()
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, row))
    rank = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], np.diff(matrix.indptr))
    kept = order[rank < NEIGHBOURS]
    lengths = np.bincount(row[kept], minlength=matrix.shape[0])
    return matrix.indices[kept].astype(np.int64), matrix.data[kept], lengths.astype(np.int64)
