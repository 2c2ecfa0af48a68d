"""The sequence store: users' histories as memory-mapped columns, so that any history is one slice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recviz.data.history import History

COLUMNS = ("item", "time", "kind", "value")


@dataclass(frozen=True, slots=True)
class SequenceStore:
    """All users' events; user ``u`` owns rows ``offsets[u]:offsets[u + 1]``."""

    offsets: NDArray[np.int64]
    """``(users + 1,)``."""
    item: NDArray[np.int32]
    time: NDArray[np.int64]
    kind: NDArray[np.int8]
    value: NDArray[np.float32]

    @property
    def n_users(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_events(self) -> int:
        return len(self.item)

    @classmethod
    def open(cls, folder: Path) -> "SequenceStore":
        """Map the columns in ``folder``; nothing is read until a history is asked for."""
        mapped: dict[str, Any] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ("offsets", *COLUMNS)
        }
        return cls(**mapped)

    def write(self, folder: Path) -> None:
        """Write the columns to ``folder`` as plain ``.npy`` files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("offsets", *COLUMNS):
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)

    def history(self, user: int) -> History:
        """Return all events of the user at this index."""
        return self._slice(self.offsets[user], self.offsets[user + 1])

    def _slice(self, start: int, stop: int) -> History:
        return History(
            np.asarray(self.item[start:stop]),
            np.asarray(self.time[start:stop]),
            np.asarray(self.kind[start:stop]),
            np.asarray(self.value[start:stop]),
        )


@dataclass(frozen=True, slots=True)
class LogView:
    """A store with every history cut short: the only thing that fitting ever sees."""

    store: SequenceStore
    stops: NDArray[np.int64]
    """One past each user's last visible row of the store, ``(users,)``."""

    @property
    def n_users(self) -> int:
        return self.store.n_users

    def history(self, user: int) -> History:
        """Return the user's visible events."""
        start = self.store.offsets[user]
        return self.store._slice(start, self.stops[user])  # noqa: SLF001 - the view is the store's own window

    def lengths(self) -> NDArray[np.int64]:
        """Count each user's visible events, ``(users,)``."""
        return self.stops - self.store.offsets[:-1]

    def users(self) -> NDArray[np.intp]:
        """Return the users who have at least one visible event."""
        return np.flatnonzero(self.lengths() > 0)

    def rows(self) -> NDArray[np.bool_]:
        """Tell which rows of the store are visible, ``(events,)``."""
        lengths = np.diff(self.store.offsets)
        position = np.arange(self.store.n_events) - np.repeat(self.store.offsets[:-1], lengths)
        return position < np.repeat(self.lengths(), lengths)

    def items(self, n_items: int) -> NDArray[np.bool_]:
        """Tell which rows of the item table have a visible event of any kind, ``(n_items,)``."""
        seen = np.zeros(n_items, dtype=bool)
        seen[np.asarray(self.store.item)[self.rows()]] = True
        return seen


def view_before(store: SequenceStore, instant: int) -> LogView:
    """Show only events strictly before ``instant``."""
    earlier = np.concatenate([[0], np.cumsum(np.asarray(store.time) < instant)])
    starts = store.offsets[:-1]
    return LogView(store, starts + (earlier[store.offsets[1:]] - earlier[starts]))


def view_all(store: SequenceStore) -> LogView:
    """Show every event."""
    return LogView(store, np.asarray(store.offsets[1:]))


def view_without_last(store: SequenceStore, count: int) -> LogView:
    """Hide each user's last ``count`` events (leave-one-out); users with fewer than ``count + 1`` keep none."""
    return LogView(store, np.maximum(store.offsets[1:] - count, store.offsets[:-1]))


def draw_users(users: NDArray[np.intp], most: int, rng: np.random.Generator | int) -> NDArray[np.intp]:
    """Return the users, or ``most`` of them drawn at random, ascending; ``rng`` or the seed of one draws only then."""
    if len(users) <= most:
        return users
    return np.sort(np.random.default_rng(rng).choice(users, most, replace=False))


def target_rows(view: LogView, is_target: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return user and store row of each visible event of a kind that counts as interest, ``(n,)`` each."""
    rows = np.flatnonzero(view.rows() & is_target[np.asarray(view.store.kind)]).astype(np.int64)
    user = np.searchsorted(view.store.offsets, rows, side="right") - 1
    return user.astype(np.int64), rows
