"""Histories with their queries, padded to tensors."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.model.context import Context, RatePrior, context_of
from recviz.model.population import Population, calendar
from recviz.model.values import ValueLevels

OF_EVENTS = ("item", "kind", "value", "has_value", "time", "rank", "valid")
"""Columns of a batch that hold one entry for each event."""

# B histories, L events, Q queries, K periods, F features, C calendar features, M own items


@dataclass(frozen=True, slots=True)
class Batch:
    """Right-padded tensors of ``B`` histories."""

    item: Tensor
    """Positions among the run's items, int64 ``(B, L)``; 0 on padding."""
    kind: Tensor
    """int64 ``(B, L)``."""
    value: Tensor
    """Standardised, 0 where unknown, ``(B, L)``."""
    has_value: Tensor
    """bool ``(B, L)``."""
    time: Tensor
    """int64 ``(B, L)``."""
    rank: Tensor
    """Number of distinct earlier times, int64 ``(B, L)``."""
    valid: Tensor
    """False on padding, bool ``(B, L)``."""
    dropped: Tensor
    """Events older than the window, which only the counts know, int64 ``(B,)``."""
    instant: Tensor
    """Time of each query, int64 ``(B, Q)``."""
    query_rank: Tensor
    """Distinct times before each query, int64 ``(B, Q)``."""
    features: Tensor
    """Standardised context, ``(B, Q, F)``."""
    rate: Tensor
    """Shrunken own rate, ``(B, Q)``."""
    shape: Tensor
    """``(B, Q)``."""
    depth: Tensor
    """``(B, Q)``."""
    empty: Tensor
    """True where no event precedes the query, bool ``(B, Q)``."""
    season: Tensor
    """Calendar of the query (0) and its periods, ``(B, Q, K + 1, C)``."""
    snapshot: Tensor
    """Which popularity snapshot each query sees, int64 ``(B, Q)``."""
    own_item: Tensor
    """Own items of the first query, int64 ``(B, M)``."""
    own_weight: Tensor
    """``(B, M)``."""
    own_value: Tensor
    """What the user's own values add to an item's level, standardised (or log-odds), ``(B, Q)``."""

    def to(self, device: torch.device) -> "Batch":
        """Move every tensor."""
        return Batch(*(getattr(self, spec.name).to(device, non_blocking=True) for spec in fields(self)))

    def rows(self, index: Tensor) -> "Batch":
        """Keep these histories, without columns of events that only hold padding."""
        length = max(1, int(self.valid[index].sum(dim=1).max()))
        kept = {spec.name: getattr(self, spec.name)[index] for spec in fields(self)}
        return Batch(**kept | {name: kept[name][:, :length] for name in OF_EVENTS})

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Means and spreads measured before the cut."""

    feature_mean: NDArray[np.float32]
    feature_std: NDArray[np.float32]
    value_mean: float = 0.0
    value_std: float = 1.0
    value_low: float = -np.inf
    value_high: float = np.inf

    def standardise(self, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clip a value to the usual range and standardise it; NaN stays NaN."""
        return ((np.clip(value, self.value_low, self.value_high) - self.value_mean) / self.value_std).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collator:
    """Turns histories into batches; holds everything but weights that the network's input depends on."""

    population: Population
    prior: RatePrior
    scaling: Scaling
    values: ValueLevels
    position: NDArray[np.int64]
    """Item row to position among the run's items, ``(items,)``."""
    is_target: NDArray[np.bool_]
    """``(kinds,)``."""
    kind_place: NDArray[np.int64]
    """Row of each kind among those seen before the cut; kinds first seen later share a last row, which the last
    entry names, ``(kinds + 1,)``."""
    tie_rank: NDArray[np.int64]
    """Order of the items by their text, which decides what a window keeps of a basket that it cuts, ``(items,)``."""
    max_history: int
    periods: int
    """``K``; 0 for a split that has no curves."""
    half_life: float
    """Of own events, in days (or positions)."""
    span_days: float
    """Length of the history before the cut."""

    def __call__(
        self, histories: Sequence[History], instants: Sequence[NDArray[np.int64]], stops: Sequence[int]
    ) -> Batch:
        """Collate.

        Args:
            histories: All events that may count, oldest first.
            instants: Query times of each history, ascending.
            stops: Each window holds the last ``max_history`` events before this position.
        """
        contexts = [self.context(history, asked) for history, asked in zip(histories, instants, strict=True)]
        windows = [self._window(history, stop) for history, stop in zip(histories, stops, strict=True)]
        length = max(1, *map(len, windows))
        n_queries = max(len(asked) for asked in instants)
        rows = [
            self._row(*each, length, n_queries) for each in zip(histories, windows, instants, contexts, strict=True)
        ]
        own = [self._own(history, int(asked[0])) for history, asked in zip(histories, instants, strict=True)]
        width = max(1, *(len(items) for items, _ in own))
        columns = {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
        return Batch(
            **columns,
            dropped=torch.tensor([stop - len(window) for stop, window in zip(stops, windows, strict=True)]),
            own_item=torch.from_numpy(np.stack([_pad(items, width) for items, _ in own])),
            own_weight=torch.from_numpy(np.stack([_pad(weights, width) for _, weights in own])),
        )

    def context(self, history: History, instants: NDArray[np.int64]) -> Context:
        """Count a history at its queries; an event counts from the first query after it."""
        unit, period = self.population.unit, self.population.period
        present = history.time[None, :] < instants[:, None]
        age = (instants[:, None] / unit - (history.time // unit)[None, :]) / period
        return context_of(present, age, self.is_target[history.kind], self.prior)

    def own_value(self, history: History, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return what the values of the present events ``(Q, n)`` add to an item's level, ``(Q,)``."""
        value = np.where(self.is_target[history.kind], self.scaling.standardise(history.value), np.float32(np.nan))
        return self.values.of_user(self.values.surplus(self.position[history.item], value), present)

    def latest(self, history: History, count: int) -> NDArray[np.intp]:
        """Return the positions of the last ``count`` events, in an order within baskets that no id decides."""
        order = np.lexsort((history.value, self.tie_rank[history.item], history.time))
        return np.asarray(order[max(0, len(order) - count) :])

    def _window(self, history: History, stop: int) -> NDArray[np.intp]:
        """Return the positions of the last events before ``stop``; ids never decide which ones of a cut basket stay."""
        start = max(0, stop - self.max_history)
        if start == 0 or history.time[start - 1] != history.time[start]:
            return np.arange(start, stop)
        return np.sort(self.latest(history.take(slice(0, stop)), self.max_history))

    def _row(
        self,
        history: History,
        window: NDArray[np.intp],
        instants: NDArray[np.int64],
        context: Context,
        length: int,
        n_queries: int,
    ) -> dict[str, NDArray[np.generic]]:
        times = history.time
        fresh = np.concatenate([[0], np.cumsum(np.diff(times) > 0)]) if len(times) else np.zeros(0, np.int64)
        before = np.searchsorted(times, instants, side="left")
        query_rank = np.where(before > 0, fresh[before - 1] + 1, 0) if len(times) else np.zeros(len(instants), np.int64)
        value = self.scaling.standardise(history.value[window])
        features = np.concatenate([context.features, self.population.levels(instants)], axis=1)
        features = (features - self.scaling.feature_mean) / self.scaling.feature_std
        season = calendar(instants, self.periods, self.population.period, self.population.unit, self.span_days)
        return {
            "item": _pad(np.maximum(self.position[history.item[window]], 0), length),
            "kind": _pad(self.kind_place[history.kind[window]], length),
            "value": _pad(np.nan_to_num(value), length),
            "has_value": _pad(~np.isnan(value), length),
            "time": _pad(times[window], length),
            "rank": _pad(fresh[window].astype(np.int64), length),
            "valid": _pad(np.ones(len(window), dtype=bool), length),
            "instant": _pad(instants, n_queries),
            "query_rank": _pad(query_rank.astype(np.int64), n_queries),
            "features": _pad(np.clip(features, -5, 5).astype(np.float32), n_queries),
            "rate": _pad(context.rate, n_queries, fill=1),
            "shape": _pad(context.shape, n_queries, fill=1),
            "depth": _pad(context.depth, n_queries, fill=1),
            "empty": _pad(context.empty, n_queries),
            "season": _pad(season, n_queries),
            "own_value": _pad(self.own_value(history, times[None, :] < instants[:, None]), n_queries),
            "snapshot": _pad(self.population.snapshot(instants), n_queries),
        }

    def own_weights(self, history: History, instants: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weigh each target event at each query by its age, rows sum to 1 or 0, ``(Q, n)``."""
        age = np.maximum((instants[:, None] - history.time[None, :]) / self.population.unit, 0.0)
        seen = (
            (history.time[None, :] < instants[:, None])
            & self.is_target[history.kind]
            & (self.position[history.item] >= 0)
        )
        return decayed_shares(age, seen, self.half_life)

    def _own(self, history: History, instant: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        weight = self.own_weights(history, np.array([instant]))[0]
        kept = weight > 0
        items, inverse = np.unique(self.position[history.item[kept]], return_inverse=True)
        return items, np.bincount(inverse, weight[kept], minlength=len(items)).astype(np.float32)


def decayed_shares(age: NDArray[np.float64], seen: NDArray[np.bool_], half_life: float) -> NDArray[np.float64]:
    """Weigh the seen events of each row by age, rows sum to 1 or 0, ``(Q, n)``."""
    # relative to the youngest event, so that long absence does not underflow
    age = age - np.min(age, axis=1, initial=np.inf, where=seen, keepdims=True) if seen.any() else age
    weight = np.where(seen, np.exp2(-np.minimum(np.nan_to_num(age, posinf=0.0, neginf=0.0), 1e6) / half_life), 0.0)
    shares: NDArray[np.float64] = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    return shares


def _pad(values: NDArray[np.generic], length: int, fill: float = 0) -> NDArray[np.generic]:
    padded = np.full((length, *values.shape[1:]), fill, dtype=values.dtype)
    padded[: len(values)] = values
    return padded
