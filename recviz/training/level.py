"""Measure how far everybody's activity departs from a forecast, at origins before the cut.

Users' counts vary independently in the model, so the sum over many would seem all but certain. It is not: seasons, prices
and what is new move all at once. How far is asked of the past: what the counts alone can tell (`recviz.training.counts`)
is fitted anew on what was before an origin, and its forecast of everybody is held against what came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.dataset import Dataset
from recviz.data.sequences import draw_users, view_before
from recviz.data.split import Split, day_floor
from recviz.model.assembly import RunItems, fit_collator
from recviz.model.config import RunConfig
from recviz.model.counts import CountNetwork
from recviz.model.level import LevelSpread
from recviz.training.counts import CountRows, fit_counts, rows_at
from recviz.training.targets import TargetRules

Floats = NDArray[np.float64]
ORIGINS = 3
USERS = 4_000
"""Users whose sum is forecast: that of more is hardly surer, beside how far the level itself varies."""
ROWS = 16_000
"""Origins over all users that a fit draws, fewer than a run's own: there are three fits."""
LEAST_USERS = 30
"""With fewer, chance alone hides how far a level moves."""

# O origins over all users, K periods


@dataclass(frozen=True, slots=True)
class LevelError:
    """Everybody's active days after one origin, and what had been expected; for the periods that the log covers."""

    actual: Floats
    """``(K,)``."""
    expected: Floats
    """``(K,)``."""
    variance: Floats
    """Of each sum, if users varied independently, ``(K,)``."""
    total_variance: float
    """The same of the horizon's sum."""


def past_origins(dataset: Dataset, split: Split) -> tuple[int, ...]:
    """Return whole horizons before the cut that have a horizon of history before them, the latest first."""
    if split.kind != "time":
        return ()
    edges = split.edges(split.cut)
    span = int(edges[-1] - edges[0])
    origins = (day_floor(split.cut - number * span) for number in range(1, ORIGINS + 1))
    return tuple(at for at in origins if at - day_floor(dataset.manifest.first_time) >= span)


def level_error(dataset: Dataset, split: Split, items: RunItems, config: RunConfig, origin: int) -> LevelError | None:
    """Forecast everybody at an origin with what was known there; ``None`` where there were too few users.

    Args:
        dataset: The log.
        split: Of the run; nothing at or after its cut is read.
        items: Of the run.
        config: Of the run.
        origin: Before the cut, microseconds since 1970 UTC.
    """
    view = view_before(dataset.store, origin)
    if len(view.users()) < LEAST_USERS:
        return None
    there = replace(split, cut=origin, validation=origin)
    collator = fit_collator(view, origin, dataset, there, items, config)
    with torch.random.fork_rng(devices=[]):  # the same log says the same, whatever was drawn before
        torch.manual_seed(config.seed)
        network = CountNetwork(collator.periods)
    before = TargetRules(collator=collator, split=there, end=origin, origins=1)
    fit_counts(network, view, before, config.seed, most_rows=ROWS)
    after = replace(before, end=split.cut)
    users = draw_users(view.users(), USERS, config.seed)
    known = view_before(dataset.store, split.cut)
    rows = rows_at([(known.history(int(user)), np.array([origin], np.int64)) for user in users], after)
    return None if rows is None else _held_against(network, rows)


def spread_of(errors: Sequence[LevelError]) -> LevelSpread:
    """Take from the squared errors what independent users explain; what is left is the level's."""
    whole = [
        replace(
            error,
            actual=error.actual.sum(keepdims=True),
            expected=error.expected.sum(keepdims=True),
            variance=np.array([error.total_variance]),
        )
        for error in errors
    ]
    return LevelSpread(period=_excess(errors), horizon=_excess(whole), origins=len(errors))


def _excess(errors: Sequence[LevelError]) -> float:
    left = sum(float(((error.actual - error.expected) ** 2 - error.variance).sum()) for error in errors)
    scale = sum(float((error.expected**2).sum()) for error in errors)
    return float(np.sqrt(max(left, 0.0) / scale)) if scale > 0 else 0.0


def _held_against(network: CountNetwork, rows: CountRows) -> LevelError:
    with torch.inference_mode():
        said = network(rows.features, rows.season)
    covered = rows.covered[0].numpy()  # the origin is the same for all
    mean = (rows.rate.log()[:, None] + said.log_rate).double().exp().numpy()[:, covered]  # (O, K)
    shape = (rows.shape.log() + said.log_shape).double().exp().numpy()
    total = mean.sum(axis=1)
    return LevelError(
        actual=rows.counts.double().numpy()[:, covered].sum(axis=0),
        expected=mean.sum(axis=0),
        variance=(mean + mean**2 / shape[:, None]).sum(axis=0),
        total_variance=float((total + total**2 / shape).sum()),
    )
