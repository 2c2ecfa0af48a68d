"""Cut long histories into windows in which every query keeps at least half a window of history before it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.data.sequences import LogView

STEPS_PER_PASS = 100
SMALLEST_BATCH, LARGEST_BATCH = 16, 64


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows over all histories of a view; a query belongs to the window that holds its number of earlier events."""

    user: NDArray[np.int64]
    """``(windows,)``."""
    stop: NDArray[np.int64]
    """One past the window's last event, in the user's history, ``(windows,)``."""
    above: NDArray[np.int64]
    """The window owns queries with more earlier events than this and at most ``stop``, ``(windows,)``."""

    def __len__(self) -> int:
        return len(self.user)


def make_windows(view: LogView, length: int) -> Windows:
    """Lay windows of ``length`` events, each half a window after the one before."""
    lengths = view.lengths()
    users = np.flatnonzero(lengths > 0)
    half = max(1, length // 2)
    extra = np.maximum(0, -(-(lengths[users] - length) // half))  # windows before the last one
    user = np.repeat(users, extra + 1)
    step = np.arange(len(user)) - np.repeat(np.cumsum(extra + 1) - extra - 1, extra + 1)
    stop = lengths[user] - step * half
    first = step == np.repeat(extra, extra + 1)
    above = np.where(first, -1, stop - half)
    return Windows(user, stop, above)


def batch_size(windows: int, wish: int) -> int:
    """Return how many windows make a step: the wish, or where it is 0 what suits the size of the log.

    A small log in large batches would see too few steps to learn from it.
    """
    return wish or min(max(windows // STEPS_PER_PASS, SMALLEST_BATCH), LARGEST_BATCH)


def shuffled_batches(
    windows: Windows, size: int, rng: np.random.Generator, weight: NDArray[np.float64] | None = None
) -> list[NDArray[np.int64]]:
    """Group windows of like length into batches, in random order.

    Args:
        windows: Of a view.
        size: Windows of a batch.
        rng: Draws the order.
        weight: How often each window is expected in a pass relative to the others, ``(windows,)``; without it each
            comes once.
    """
    noise = rng.uniform(0.8, 1.25, len(windows))
    order = np.argsort(windows.stop.clip(max=10_000) * noise, kind="stable")
    if weight is not None:
        order = order[_repeated(weight[order], rng)]
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    return [batches[at] for at in rng.permutation(len(batches))]


def _repeated(weight: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw as many places as there are weights, each as often as its weight says, rounded up or down at random.

    Systematic sampling: evenly spaced points on the weights laid end to end; with equal weights each place comes once.
    """
    ends = np.cumsum(weight) / weight.sum() * len(weight)
    points = rng.uniform() + np.arange(len(weight))
    return np.searchsorted(ends, points, side="right").clip(max=len(weight) - 1)
