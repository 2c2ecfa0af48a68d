"""What users did: active days and events, counted period by period."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.baselines.activity import ActiveDays, active_days
from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.data.sequences import view_all
from recviz.data.split import PERIOD_DAYS, Split, to_microseconds
from recviz.errors import UnsupportedError
from recviz.forecast.remembered import Remembered
from recviz.model.predictor import Predictor


def has_curves(predictor: Predictor) -> bool:
    """Tell whether the run forecasts weeks: the log has times, and the run holds out what is after one instant."""
    return predictor.dataset.has_times and predictor.split.kind == "time"


def require_curves(predictor: Predictor) -> None:
    """Refuse what has no weeks, so no curve: an order only, or a run that holds out each user's last event.

    Raises:
        UnsupportedError: If there are no curves.
    """
    if not predictor.dataset.has_times:
        raise UnsupportedError.of(
            "This log has an order only, so there are no weeks and no interest curves",
            f"log {predictor.dataset.manifest.name}",
            "Use recommendations and explanations, which need the order alone, or bring a log with times",
        )
    if predictor.split.kind != "time":
        raise UnsupportedError.of(
            "This run holds out each user's last event, so it learnt no weeks and has no interest curves",
            "setting split of the run",
            "Use its recommendations and explanations, or train a run with a cut in time",
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """The periods around an origin, microseconds since 1970 UTC."""

    past: NDArray[np.int64]
    """Bounds of the P periods before the origin, ``(P + 1,)``; the last is the origin."""
    future: NDArray[np.int64]
    """Bounds of the K periods of the horizon, ``(K + 1,)``; the first is the origin."""
    is_known: NDArray[np.bool_]
    """Whether the log covers all of each period of the horizon, so that what happened can be shown, ``(K,)``."""


def timeline(predictor: Predictor) -> Timeline:
    """Return the horizon and, before it, twice as many periods, as far as the log reaches back."""
    split, instant = predictor.split, predictor.instant
    future = split.edges(instant)
    length = (future[-1] - future[0]) / split.horizon
    reach = int(np.ceil(max(instant - predictor.dataset.manifest.first_time, 1) / length))
    past = _past_edges(instant, min(2 * split.horizon, reach), split)
    return Timeline(past, future, future[1:] <= split.now)


def history_active_days(history: History, is_target: NDArray[np.bool_], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count one history's active days in the periods between ``edges``, ``(periods,)``."""
    days = np.unique(history.time[is_target[history.kind]]) // MICROSECONDS_PER_DAY
    bounds = edges // MICROSECONDS_PER_DAY
    return np.histogram(np.unique(days[(days >= bounds[0]) & (days < bounds[-1])]), bounds)[0].astype(np.int64)


def _active_days_so_far(predictor: Predictor) -> ActiveDays:
    return active_days(predictor.view, predictor.dataset.target_kinds)


def _active_days_ever(predictor: Predictor) -> ActiveDays:
    return active_days(view_all(predictor.dataset.store), predictor.dataset.target_kinds)


remembered_active_days = Remembered(_active_days_so_far)
"""Every user's active days before the origin."""
remembered_actual_days = Remembered(_active_days_ever)
"""Every user's active days, those after the origin too: only to be shown beside a forecast."""


def weighted_events(
    history: History, is_target: NDArray[np.bool_], edges: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum the weights of one history's target events in each period.

    Args:
        history: One user's events.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        edges: Rising instants, microseconds, ``(periods + 1,)``.
        weight: Of each item of the item table, ``(items,)``.

    Returns:
        Events, ``(periods,)``.
    """
    period, item = _target_events(history, is_target, edges)
    return np.asarray(np.bincount(period, weights=weight[item], minlength=len(edges) - 1), np.float64)


def events_by_group(
    history: History, is_target: NDArray[np.bool_], edges: NDArray[np.int64], group: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Count one history's target events in each period and each of ``count`` groups of items.

    Args:
        history: One user's events.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        edges: Rising instants, microseconds, ``(periods + 1,)``.
        group: Of each item of the item table, ``(items,)``.
        count: Number of groups.

    Returns:
        Events, ``(periods, count)``.
    """
    period, item = _target_events(history, is_target, edges)
    periods = len(edges) - 1
    counts = np.bincount(period * count + group[item], minlength=periods * count)
    return counts.astype(np.int64).reshape(periods, count)


def _target_events(
    history: History, is_target: NDArray[np.bool_], edges: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return the period and the item of each target event between the outer edges."""
    keep = is_target[history.kind] & (history.time >= edges[0]) & (history.time < edges[-1])
    return np.searchsorted(edges, history.time[keep], side="right") - 1, history.item[keep]


def known_or_missing(counts: NDArray[np.generic], line: Timeline) -> NDArray[np.float64]:
    """Blank out the periods that the log does not cover, NaN; ``counts`` is ``(K, ...)``."""
    numbers = np.array(counts, dtype=np.float64)
    numbers[~line.is_known] = np.nan
    return numbers


def _past_edges(instant: int, count: int, split: Split) -> NDArray[np.int64]:
    if split.period == "month":
        end = pd.Timestamp(instant, unit="us", tz="UTC")
        return np.array([to_microseconds(end - pd.DateOffset(months=k)) for k in range(count, -1, -1)], np.int64)
    return instant - np.arange(count, -1, -1, dtype=np.int64) * PERIOD_DAYS[split.period] * MICROSECONDS_PER_DAY
