"""Many subsets of one history as one batch: what attribution asks for, hundreds at a time.

Equal to removing the absent events and collating what is left, row by row; only the bookkeeping is shared, which takes
most of the time otherwise.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.model.batch import Batch, Collator, decayed_shares
from recviz.model.context import context_of
from recviz.model.population import calendar

# B subsets, n events, L events in the longest window, M own items

Mask = NDArray[np.bool_]


def collate_subsets(collator: Collator, history: History, instant: int, present: Mask) -> Batch:
    """Collate subsets of one history, with one query each.

    Args:
        collator: Of the run, at its origin.
        history: At least one event, all before ``instant``.
        instant: Time of the query.
        present: Which events each subset has, ``(B, n)``.
    """
    count, asked = len(present), np.array([instant], np.int64)
    unit, period = collator.population.unit, collator.population.period
    is_target = collator.is_target[history.kind]
    age = np.broadcast_to((instant / unit - history.time // unit) / period, present.shape)
    context = context_of(present, age, is_target, collator.prior)
    levels = np.broadcast_to(collator.population.levels(asked), (count, collator.population.levels(asked).shape[1]))
    features = np.concatenate([context.features, levels], axis=1)
    features = (features - collator.scaling.feature_mean) / collator.scaling.feature_std
    season = calendar(asked, collator.periods, period, unit, collator.span_days)
    rank, n_times = _time_ranks(history, present)
    kept = _windows(collator, history, present)
    index, valid = _gathered(kept)
    value = collator.scaling.standardise(history.value)
    own_item, own_weight = _own(collator, history, instant, present)

    def placed(column: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(np.where(valid, column[index], np.zeros(1, column.dtype)))

    def queried(column: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(column[:, None])

    def same(column: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(np.repeat(column[None], count, axis=0))

    return Batch(
        item=placed(np.maximum(collator.position[history.item], 0)),
        kind=placed(collator.kind_place[history.kind]),
        value=placed(np.nan_to_num(value)),
        has_value=placed(~np.isnan(value)),
        time=placed(history.time),
        rank=torch.from_numpy(np.where(valid, np.take_along_axis(rank, index, axis=1), 0)),
        valid=torch.from_numpy(valid),
        dropped=torch.from_numpy(present.sum(axis=1) - kept.sum(axis=1)),
        instant=same(asked),
        query_rank=queried(n_times),
        features=queried(np.clip(features, -5, 5).astype(np.float32)),
        rate=queried(context.rate),
        shape=queried(context.shape),
        depth=queried(context.depth),
        empty=queried(context.empty),
        season=same(season),
        snapshot=same(collator.population.snapshot(asked)),
        own_item=same(own_item),
        own_weight=torch.from_numpy(own_weight),
        own_value=queried(collator.own_value(history, present)),
    )


def _time_ranks(history: History, present: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the distinct times among present events before each event, ``(B, n)``, and in all, ``(B,)``."""
    fresh = np.concatenate([[True], np.diff(history.time) > 0])
    has_time = np.logical_or.reduceat(present, np.flatnonzero(fresh), axis=1)  # (B, distinct times)
    number = has_time.cumsum(axis=1)
    return (number - 1)[:, np.cumsum(fresh) - 1], number[:, -1]


def _windows(collator: Collator, history: History, present: Mask) -> Mask:
    """Keep each subset's last ``max_history`` events, ``(B, n)``."""
    order = collator.latest(history, len(history))
    from_end = present[:, order[::-1]].cumsum(axis=1)  # how many are present from here to the end
    kept = np.empty_like(present)
    kept[:, order[::-1]] = present[:, order[::-1]] & (from_end <= collator.max_history)
    return kept


def _gathered(kept: Mask) -> tuple[NDArray[np.intp], Mask]:
    """Return where each subset's events stand, to the left in their order, ``(B, L)``, and which places hold one."""
    length = max(1, int(kept.sum(axis=1).max()))
    index = np.argsort(~kept, axis=1, kind="stable")[:, :length]
    return index, np.arange(index.shape[1]) < kept.sum(axis=1)[:, None]


def _own(
    collator: Collator, history: History, instant: int, present: Mask
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    place = collator.position[history.item]
    counts = collator.is_target[history.kind] & (place >= 0)
    age = np.maximum((instant - history.time) / collator.population.unit, 0.0)
    shares = decayed_shares(np.broadcast_to(age, present.shape), present & counts, collator.half_life)  # (B, n)
    items = np.unique(place[counts]) if counts.any() else np.zeros(1, np.int64)
    return items, (shares @ (place[:, None] == items)).astype(np.float32)
