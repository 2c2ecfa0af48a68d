"""Predicted against actual active days over a segment of users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.evaluate.negative_binomial import pooled, quantiles
from recviz.forecast.activity import known_or_missing, remembered_actual_days, timeline
from recviz.forecast.beside import NOTHING, Beside
from recviz.forecast.curves import LEVELS, remembered_volumes
from recviz.forecast.segments import Segment
from recviz.forecast.users import remembered_user_lists
from recviz.model.level import LevelSpread
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortView:
    """Active days of a segment's users, added up. Times are microseconds since 1970 UTC."""

    segment: Segment
    past_edges: NDArray[np.int64]
    past: Floats
    """Active days in each past period, ``(P,)``."""
    edges: NDArray[np.int64]
    mean: Floats
    """Expected active days, ``(K,)``."""
    bands: Floats
    """Quantiles at `recviz.forecast.curves.LEVELS`, ``(K, 7)``: users vary independently, and everybody's level as far
    as it was off at past origins (`recviz.model.level`)."""
    baseline: Floats | None
    """Active days that the baseline expects of the same users, added up, ``(K,)``; ``None`` where there is none."""
    total_mean: float
    total_bands: Floats
    """The same over the horizon, ``(7,)``."""
    p_active_horizon: float
    """Expected part of the users who return at all."""
    level: LevelSpread
    """How far everybody's level was off at past origins: it is in the bands."""
    actual: Floats | None
    """What happened, NaN where the log ends before; ``None`` at origin ``now``, ``(K,)``."""
    baseline_name: str = ""


def cohort_view(predictor: Predictor, segment: Segment, beside: Beside = NOTHING) -> CohortView:
    """Add up a segment's users, and what a baseline expects of them."""
    volumes = remembered_volumes(predictor).take(segment.rows)
    line, expected = timeline(predictor), beside.days(volumes.users)
    actual = None
    if predictor.origin == "cut":
        days = remembered_actual_days(predictor).by_period(line.future // MICROSECONDS_PER_DAY)
        happened = days[volumes.users].sum(0)
        actual = known_or_missing(happened, line)
    level = predictor.level
    periods = [pooled(volumes.mu[:, k], volumes.shape, level.period) for k in range(volumes.mu.shape[1])]
    mean, shape = np.array(periods).T
    total_mean, total_shape = pooled(volumes.total_mean(), volumes.shape, level.horizon)
    return CohortView(
        segment=segment,
        past_edges=line.past,
        past=remembered_user_lists(predictor).past[segment.rows].sum(0).astype(np.float64),
        edges=line.future,
        mean=mean,
        bands=quantiles(mean, shape, LEVELS),
        baseline=None if expected is None else expected.sum(0),
        total_mean=total_mean,
        total_bands=quantiles(total_mean, total_shape, LEVELS),
        p_active_horizon=float(volumes.p_active_horizon().mean()),
        level=level,
        actual=actual,
        baseline_name=beside.counts_name,
    )
