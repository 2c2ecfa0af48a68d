"""Cut, validation window, periods: which instants a run knows and which it must not."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.dataset import Dataset
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import LogView, view_all, view_before, view_without_last
from recviz.errors import InvalidSettingError

Period = Literal["day", "week", "month"]
SplitKind = Literal["time", "leave-one-out"]
PERIOD_DAYS = {"day": 1, "week": 7, "month": 31}
"""The most days that a period can have."""
END = "end"
"""In place of the day of a cut: the log's end, so that everything is learnt from and nothing held out."""


def period_edges(origin: int, horizon: int, period: Period) -> NDArray[np.int64]:
    """Return the instants that bound the periods after ``origin``, microseconds, ``(horizon + 1,)``."""
    if period == "month":
        start = pd.Timestamp(origin, unit="us", tz="UTC")
        return np.array([to_microseconds(start + pd.DateOffset(months=k)) for k in range(horizon + 1)], np.int64)
    return origin + np.arange(horizon + 1, dtype=np.int64) * PERIOD_DAYS[period] * MICROSECONDS_PER_DAY


def to_microseconds(instant: pd.Timestamp) -> int:
    """Turn a timestamp into microseconds since 1970 UTC."""
    aware = instant.tz_localize("UTC") if instant.tzinfo is None else instant.tz_convert("UTC")
    return int(aware.as_unit("us").to_numpy().astype(np.int64))  # .value is in nanoseconds whatever the unit


def day_floor(instant: int) -> int:
    """Return the start of the UTC day that holds ``instant``."""
    return instant // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The instants of a run. For ``leave-one-out`` (and logs with an order only) the cut is each user's last event."""

    kind: SplitKind
    cut: int
    """First instant that a backtest must not know (time split)."""
    validation: int
    """First instant of the validation window, the last part before the cut."""
    now: int
    """The start of the day after the log's last event."""
    period: Period
    horizon: int
    timed: bool = True
    """False for a log that has an order only: instants are positions."""

    @property
    def holds_out(self) -> bool:
        """Whether anything is kept from the model to judge it by."""
        return self.kind != "time" or self.cut < self.now

    def edges(self, origin: int) -> NDArray[np.int64]:
        """Return the bounds of the periods after ``origin``, ``(horizon + 1,)``."""
        return period_edges(origin, self.horizon, self.period)


def usual_split(dataset: Dataset) -> SplitKind:
    """Return what is held out where nothing is said: a log with an order only has no day to hold out from."""
    return "time" if dataset.has_times else "leave-one-out"


def make_split(dataset: Dataset, kind: str, cut: str | None, period: Period, horizon: int) -> Split:
    """Place the cut and the validation window.

    Args:
        dataset: The log.
        kind: ``time`` or ``leave-one-out``; a log with an order only is always split leave-one-out.
        cut: First day of the backtest, ISO 8601; ``None`` holds out the last horizon, `END` nothing.
        period: Length of a step.
        horizon: Number of steps.

    Raises:
        InvalidSettingError: If the cut leaves no history before it, or lies after the log's end.
    """
    manifest = dataset.manifest
    if manifest.ordering == "order" or kind == "leave-one-out":
        now = manifest.last_time + 1
        timed = manifest.ordering == "time"
        return Split(
            kind="leave-one-out", cut=now, validation=now, now=now, period=period, horizon=horizon, timed=timed
        )
    now = day_floor(manifest.last_time) + MICROSECONDS_PER_DAY
    first = day_floor(manifest.first_time)
    span = PERIOD_DAYS[period] * horizon * MICROSECONDS_PER_DAY
    at = now - span if cut is None else _instant_of(cut, now)
    if at - first < 2 * PERIOD_DAYS[period] * MICROSECONDS_PER_DAY:
        held_out = f"{horizon} {period}s"
        raise InvalidSettingError.of(
            "The history before the origin is shorter than two periods",
            f"log of {(now - first) // MICROSECONDS_PER_DAY} days, {held_out} held out",
            "Choose a later origin, a shorter horizon or a shorter period",
        )
    validation = at - min(span, (at - first) // 4)
    return Split(kind="time", cut=at, validation=day_floor(validation), now=now, period=period, horizon=horizon)


def _instant_of(cut: str, now: int) -> int:
    if cut == END:
        return now
    try:
        at = to_microseconds(pd.Timestamp(cut))
    except ValueError as error:
        raise InvalidSettingError.of(
            f"{cut!r} is not a date", "origin", "Write it as 2024-05-31, or end to hold out nothing"
        ) from error
    if at > now:
        raise InvalidSettingError.of(
            f"The origin {cut} lies after the log's end",
            f"the log ends on {pd.Timestamp(now - 1, unit='us'):%Y-%m-%d}",
            "Choose an earlier origin, or end to hold out nothing",
        )
    return at


def training_view(dataset: Dataset, split: Split, *, with_validation: bool) -> LogView:
    """Return what may be trained on: everything before the cut, or before the validation window."""
    if split.kind == "time":
        return view_before(dataset.store, split.cut if with_validation else split.validation)
    return view_without_last(dataset.store, 1 if with_validation else 2)


def hidden_share(dataset: Dataset, split: Split) -> float:
    """Return which part of the events before the cut validation hides, from 0 to 1."""
    whole, rest = (int(training_view(dataset, split, with_validation=shown).lengths().sum()) for shown in (True, False))
    return 1 - rest / max(whole, 1)


def origin_view(dataset: Dataset, split: Split, origin: Literal["cut", "now"]) -> LogView:
    """Return what a forecast from this origin may know."""
    if origin == "now":
        return view_all(dataset.store)
    return training_view(dataset, split, with_validation=True)
