"""One user's events, in the canonical order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class History:
    """One user's events, oldest first; ties ordered by item, kind and value, so that file order never matters."""

    item: NDArray[np.int32]
    """Rows of the dataset's item table, ``(n,)``."""
    time: NDArray[np.int64]
    """Microseconds since 1970 UTC, or positions in a log that has an order only, ``(n,)``."""
    kind: NDArray[np.int8]
    """Index into the manifest's kinds, ``(n,)``."""
    value: NDArray[np.float32]
    """The log's own unit; NaN where an event has none, ``(n,)``."""

    def __len__(self) -> int:
        return len(self.item)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "History":
        """Keep the events at these positions, or where this mask is true."""
        return History(self.item[index], self.time[index], self.kind[index], self.value[index])

    def before(self, instant: int) -> "History":
        """Keep the events strictly before this instant."""
        return self.take(slice(0, int(np.searchsorted(self.time, instant, side="left"))))

    def without(self, positions: NDArray[np.intp] | list[int]) -> "History":
        """Remove the events at these positions."""
        keep = np.ones(len(self), dtype=bool)
        keep[positions] = False
        return self.take(keep)

    def plus(self, item: int, time: int, kind: int, value: float = float("nan")) -> "History":
        """Add one event, in its place in time."""
        at = int(np.searchsorted(self.time, time, side="right"))
        return History(
            np.insert(self.item, at, item).astype(np.int32),
            np.insert(self.time, at, time),
            np.insert(self.kind, at, kind).astype(np.int8),
            np.insert(self.value, at, value).astype(np.float32),
        )


EMPTY_HISTORY = History(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.float32))
