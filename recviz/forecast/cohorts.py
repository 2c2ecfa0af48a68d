"""Segments of users by rule, and predicted against actual active days over a segment."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.errors import NotFoundError
from recviz.evaluate.negative_binomial import pooled, quantiles
from recviz.forecast.activity import known_or_missing, remembered_actual_days, remembered_own_rates, timeline
from recviz.forecast.curves import LEVELS, remembered_volumes
from recviz.forecast.remembered import Remembered
from recviz.forecast.users import UserLists, last_times, remembered_user_lists
from recviz.model.predictor import Predictor

MOST_VALUES = 12
"""Segments that one attribute makes at most; rarer values are left out."""
AGES = (28, 91, 182)
"""Days that bound tenure and last seen."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A group of users with history."""

    key: str
    """Names the segment in links and commands: "activity:4"."""
    group: str
    """What the users are told apart by: "Activity", "First seen", "Last seen", or an attribute's name."""
    label: str
    rows: NDArray[np.intp]
    """Positions among the users with history."""

    def __len__(self) -> int:
        return len(self.rows)


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
    """Quantiles at `recviz.forecast.curves.LEVELS`, ``(K, 7)``: users vary independently; what moves all alike, such
    as the weather, is not in the band."""
    baseline: Floats | None
    """Users' own rates, shrunken towards everybody's, added up, ``(K,)``; ``None`` where the log is too small for it."""
    total_mean: float
    total_bands: Floats
    """The same over the horizon, ``(7,)``."""
    p_active_horizon: float
    """Expected part of the users who return at all."""
    actual: Floats | None
    """What happened, NaN where the log ends before; ``None`` at origin ``now``, ``(K,)``."""


def list_segments(predictor: Predictor) -> tuple[Segment, ...]:
    """Return everybody and the segments by activity quartile, first seen, last seen and each user attribute.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    lists = remembered_user_lists(predictor)
    return (
        Segment(key="all", group="Everybody", label="All users", rows=np.arange(len(lists.frame))),
        *_by_activity(lists),
        *_by_age(predictor, "first", "First seen", _first_times(predictor)),
        *_by_age(predictor, "last", "Last seen", last_times(predictor, remembered_volumes(predictor).users)),
        *_by_attributes(predictor),
    )


remembered_segments = Remembered(list_segments)


def find_segment(predictor: Predictor, key: str) -> Segment:
    """Return the segment of this key.

    Raises:
        NotFoundError: If there is none.
    """
    for segment in remembered_segments(predictor):
        if segment.key == key:
            return segment
    raise NotFoundError.of(f"There is no segment {key!r}", "the cohort view", "Pick one from the list")


def cohort_view(predictor: Predictor, segment: Segment) -> CohortView:
    """Add up a segment's users."""
    volumes = remembered_volumes(predictor).take(segment.rows)
    line, own_rates = timeline(predictor), remembered_own_rates(predictor)
    actual = None
    if predictor.origin == "cut":
        days = remembered_actual_days(predictor).by_period(line.future // MICROSECONDS_PER_DAY)
        happened = days[volumes.users].sum(0)
        actual = known_or_missing(happened, line)
    periods = [pooled(volumes.mu[:, k], volumes.shape) for k in range(volumes.mu.shape[1])]
    mean, shape = np.array(periods).T
    total_mean, total_shape = pooled(volumes.total_mean(), volumes.shape)
    return CohortView(
        segment=segment,
        past_edges=line.past,
        past=remembered_user_lists(predictor).past[segment.rows].sum(0).astype(np.float64),
        edges=line.future,
        mean=mean,
        bands=quantiles(mean, shape, LEVELS),
        baseline=None if own_rates is None else own_rates[volumes.users].sum(0),
        total_mean=total_mean,
        total_bands=quantiles(total_mean, total_shape, LEVELS),
        p_active_horizon=float(volumes.p_active_horizon().mean()),
        actual=actual,
    )


def _by_activity(lists: UserLists) -> list[Segment]:
    """Quarter the users by past active days; equal users share a quarter, so that quarters may differ in size."""
    rank = pd.Series(lists.past.sum(1)).rank(method="average", pct=True).to_numpy()
    quarter = np.clip(np.ceil(rank * 4), 1, 4).astype(int)
    names = ("least active quarter", "second quarter", "third quarter", "most active quarter")
    return _filled(
        Segment(key=f"activity:{number}", group="Activity", label=name, rows=np.flatnonzero(quarter == number))
        for number, name in enumerate(names, start=1)
    )


def _by_age(predictor: Predictor, key: str, group: str, time: NDArray[np.int64]) -> list[Segment]:
    """Part the users by the days from an instant of theirs to the origin."""
    age = np.searchsorted(AGES, (predictor.instant - time) / MICROSECONDS_PER_DAY)
    names = (
        f"within {AGES[0]} days before the origin",
        *(f"{low + 1} to {high} days before" for low, high in pairwise(AGES)),
        f"over {AGES[-1]} days before",
    )
    return _filled(
        Segment(key=f"{key}:{number}", group=group, label=name, rows=np.flatnonzero(age == number))
        for number, name in enumerate(names)
    )


def _by_attributes(predictor: Predictor) -> list[Segment]:
    users = predictor.dataset.users.iloc[remembered_volumes(predictor).users]
    return [
        Segment(key=f"{name}={value}", group=name, label=value or "unknown", rows=np.flatnonzero(users[name] == value))
        for name in predictor.dataset.manifest.user_attributes
        for value in users[name].value_counts().index[:MOST_VALUES].astype(str)
    ]


def _first_times(predictor: Predictor) -> NDArray[np.int64]:
    store = predictor.dataset.store
    return np.asarray(store.time)[store.offsets[remembered_volumes(predictor).users]]


def _filled(segments: Iterable[Segment]) -> list[Segment]:
    return [segment for segment in segments if len(segment)]
