"""One training batch: histories, queries and flat targets as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.sequences import LogView
from recviz.model.batch import Batch
from recviz.training.targets import TargetRules, WindowTargets, window_targets
from recviz.training.windows import Windows

# B histories, Q queries, R next queries, O origins, K periods, S sets (a query's step), P pairs (an item of a set)


@dataclass(frozen=True, slots=True)
class Targets:
    """Flat targets; queries are numbered ``row * Q + column`` over the batch."""

    next_query: Tensor
    """int64 ``(R,)``."""
    origin_query: Tensor
    """int64 ``(O,)``."""
    counts: Tensor
    """Active days per period, ``(O, K)``."""
    covered: Tensor
    """bool ``(O, K)``."""
    events: Tensor
    """Target events in the covered periods, ``(O,)``."""
    set_row: Tensor
    """Row among the next queries, then the origins, int64 ``(S,)``."""
    set_step: Tensor
    """0 or the period, int64 ``(S,)``."""
    set_query: Tensor
    """int64 ``(S,)``."""
    pair_set: Tensor
    """int64 ``(P,)``."""
    pair_item: Tensor
    """int64 ``(P,)``."""
    pair_weight: Tensor
    """``(P,)``."""
    pair_own: Tensor
    """``(P,)``."""
    pair_value: Tensor
    """NaN where none, ``(P,)``."""
    pair_level: Tensor
    """What the item's other values say of it, ``(P,)``."""
    has_own: Tensor
    """bool ``(B * Q,)``."""

    def to(self, device: torch.device) -> "Targets":
        """Move every tensor."""
        return Targets(*(getattr(self, spec.name).to(device, non_blocking=True) for spec in fields(self)))


def make_batch(
    view: LogView, windows: Windows, chosen: NDArray[np.int64], rules: TargetRules, rng: np.random.Generator
) -> tuple[Batch, Targets]:
    """Collate the chosen windows, with queries drawn anew."""
    histories = [view.history(int(windows.user[at])) for at in chosen]
    bounds = [(int(windows.above[at]), int(windows.stop[at])) for at in chosen]
    wanted = [window_targets(history, bound, rules, rng) for history, bound in zip(histories, bounds, strict=True)]
    asked = [target.instants if len(target.instants) else np.array([rules.end], np.int64) for target in wanted]
    batch = rules.collator(histories, asked, [stop for _, stop in bounds])
    return batch, flatten_targets(wanted, batch.instant.shape[1], rules.collator.periods)


def flatten_targets(wanted: Sequence[WindowTargets], n_queries: int, periods: int) -> Targets:
    """Put the targets of a batch's windows one after the other."""
    next_query, origin_query = [], []
    for row, target in enumerate(wanted):
        numbers = row * n_queries + np.arange(len(target.instants))
        next_query.append(numbers[: target.n_next])
        origin_query.append(numbers[target.n_next :])
    asked = np.concatenate([*next_query, *origin_query])
    place = np.zeros(len(wanted) * n_queries, np.int64)
    place[asked] = np.arange(len(asked))
    query = np.concatenate([row * n_queries + target.pair_query for row, target in enumerate(wanted)])
    step = np.concatenate([target.pair_step for target in wanted])
    sets, pair_set = np.unique(query * (periods + 1) + step, return_inverse=True)
    has_own = np.zeros((len(wanted), n_queries), bool)
    for row, target in enumerate(wanted):
        has_own[row, : len(target.has_own)] = target.has_own
    set_query = sets // (periods + 1)
    arrays = [
        np.concatenate(next_query),
        np.concatenate(origin_query),
        np.concatenate([target.counts for target in wanted]),
        np.concatenate([target.covered for target in wanted]),
        np.concatenate([target.events for target in wanted]),
        place[set_query],
        sets % (periods + 1),
        set_query,
        pair_set,
        *(
            np.concatenate([getattr(target, name) for target in wanted])
            for name in ("pair_item", "pair_weight", "pair_own", "pair_value", "pair_level")
        ),
        has_own.reshape(-1),
    ]
    return Targets(*(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays))
