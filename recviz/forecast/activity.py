"""What users did: active days and events, counted period by period."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.data.sequences import LogView
from recviz.data.split import PERIOD_DAYS, Split, to_microseconds
from recviz.errors import UnsupportedError
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


def active_days(view: LogView, is_target: NDArray[np.bool_], edges: NDArray[np.int64]) -> NDArray[np.int32]:
    """Count every user's active days in the periods between ``edges``: days with at least one target event.

    Args:
        view: The log as far as it may be known.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        edges: Rising instants, microseconds, ``(periods + 1,)``.

    Returns:
        ``(users, periods)``.
    """
    periods = len(edges) - 1
    time = np.asarray(view.store.time)
    rows = np.flatnonzero(
        (time >= edges[0]) & (time < edges[-1]) & view.rows() & is_target[np.asarray(view.store.kind)]
    )
    user = np.searchsorted(view.store.offsets, rows, side="right") - 1
    day = time[rows] // MICROSECONDS_PER_DAY
    cell = user * periods + np.searchsorted(edges, time[rows], side="right") - 1
    # rows of a user rise in time, so a repeated day of a cell follows its first event at once
    is_first = np.r_[True, (cell[1:] != cell[:-1]) | (day[1:] != day[:-1])][: len(rows)]
    counts = np.bincount(cell[is_first], minlength=view.n_users * periods)
    return counts.astype(np.int32).reshape(view.n_users, periods)


def history_active_days(history: History, is_target: NDArray[np.bool_], edges: NDArray[np.int64]) -> NDArray[np.int32]:
    """Count the active days of one history in the periods between ``edges``, ``(periods,)``."""
    time = history.time[is_target[history.kind]]
    time = time[(time >= edges[0]) & (time < edges[-1])]
    cells = np.unique(np.stack([np.searchsorted(edges, time, side="right") - 1, time // MICROSECONDS_PER_DAY]), axis=1)
    return np.bincount(cells[0], minlength=len(edges) - 1).astype(np.int32)


def weighted_events(
    history: History, is_target: NDArray[np.bool_], edges: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum the weights of one history's target events in each period.

    Args:
        history: One user's events.
        is_target: Whether each kind counts as interest, ``(kinds,)``.
        edges: Rising instants, microseconds, ``(periods + 1,)``.
        weights: Weight of each item of the item table in each of C sets, ``(items, C)``.

    Returns:
        Events, ``(periods, C)``.
    """
    keep = is_target[history.kind] & (history.time >= edges[0]) & (history.time < edges[-1])
    period = np.searchsorted(edges, history.time[keep], side="right") - 1
    sums = np.zeros((len(edges) - 1, weights.shape[1]))
    np.add.at(sums, period, weights[history.item[keep]])
    return sums


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
