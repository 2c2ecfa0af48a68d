"""The users of a segment in one table: what they did, what is expected, and where they are heading."""

from typing import Literal

import numpy as np
import pandas as pd

from recviz.forecast.categories import remembered_categories
from recviz.forecast.curves import remembered_volumes
from recviz.forecast.directions import Direction, directions
from recviz.forecast.remembered import Remembered
from recviz.forecast.segments import Segment, remembered_mix
from recviz.forecast.users import remembered_user_lists
from recviz.model.predictor import Predictor

LISTS: tuple[Literal["past", "curve"], ...] = ("past", "curve")
"""Columns that hold one number a period."""


def cohort_users(predictor: Predictor, segment: Segment) -> pd.DataFrame:
    """List a segment's users, those who rise or fall most first.

    Returns:
        ``user_id, direction`` (see `recviz.forecast.directions`), ``recent_rate, expected, change`` (active days: lately a
        period, over the horizon, and per period), ``p_active_horizon, category`` (the one taken most, "" without past
        interest), ``category_share, events, last_seen`` (UTC), ``past`` and ``curve`` (lists: active days of each past
        period, expected of each to come).
    """
    lists, categories = remembered_user_lists(predictor), remembered_categories(predictor)
    rows = segment.rows[np.argsort(-np.abs(lists.frame["change"].to_numpy(np.float64)[segment.rows]), kind="stable")]
    frame, mix = lists.frame.iloc[rows].reset_index(drop=True), remembered_mix(predictor)[rows]
    total = mix.sum(axis=1)
    most = mix.argmax(axis=1)
    labels = np.array([*categories.labels, ""], dtype=object)
    return pd.DataFrame(
        {
            "user_id": frame["user_id"],
            "direction": remembered_directions(predictor)[rows],
            "recent_rate": frame["recent_rate"],
            "expected": frame["expected"],
            "change": frame["change"],
            "p_active_horizon": frame["p_active_horizon"],
            "category": labels[np.where(total > 0, most, -1)],
            "category_share": np.where(total > 0, mix.max(axis=1, initial=0) / np.maximum(total, 1), 0.0),
            "events": frame["events"],
            "last_seen": frame["last_seen"],
            "past": lists.past[rows].tolist(),
            "curve": remembered_volumes(predictor).mu[rows].tolist(),
        }
    )


def for_files(users: pd.DataFrame) -> pd.DataFrame:
    """Lay lists out in columns ``past_1`` (the oldest period) and ``expected_1`` (the next) onwards, for any format."""
    parts = [users.drop(columns=list(LISTS))]
    for column, name in (("past", "past"), ("curve", "expected")):
        wide = pd.DataFrame(users[column].tolist(), index=users.index)
        parts.append(wide.set_axis([f"{name}_{at + 1}" for at in range(wide.shape[1])], axis=1))
    return pd.concat(parts, axis=1)


def who(predictor: Predictor, segment: Segment, direction: Direction | None) -> np.ndarray:
    """Return the users of a segment who are heading one way, or all of them, as rows of the user table."""
    rows = segment.rows
    if direction is not None:
        rows = rows[remembered_directions(predictor)[rows] == direction]
    return remembered_volumes(predictor).users[rows]


def _directions(predictor: Predictor) -> np.ndarray:
    return directions(remembered_user_lists(predictor).frame, predictor.split.horizon)


remembered_directions = Remembered(_directions)
"""Where each user with history is heading."""
