"""Where each user is heading: who rises, who fades, who may lapse."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Direction = Literal["rises", "fades", "may lapse", "stays"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
CHANGE = 0.25
"""A change of the rate by less than this part counts as none."""
LEAST_DAYS = 0.5
"""Of change over the horizon: less is no whole day for anybody."""
MAY_LAPSE = 0.5
"""Who came lately and returns with less than this chance may lapse."""


def directions(users: pd.DataFrame, periods: int) -> NDArray[np.object_]:
    """Say where each user is heading.

    Whoever was active over the last horizon's length and is less likely than not to return may lapse, whatever the
    rate. Of the others, those rise or fade whose rate changes by a quarter or more, and by half a day over the horizon.

    Args:
        users: The columns ``recent_rate, expected_rate`` (active days a period) and ``p_active_horizon`` of
            `recviz.forecast.users.UserLists`.
        periods: Of the horizon.

    Returns:
        One of `DIRECTIONS` for each user.
    """
    recent, expected = users["recent_rate"].to_numpy(np.float64), users["expected_rate"].to_numpy(np.float64)
    change = expected - recent
    moves = (np.abs(change) >= CHANGE * recent) & (np.abs(change) * periods >= LEAST_DAYS)
    lapses = (recent > 0) & (users["p_active_horizon"].to_numpy(np.float64) < MAY_LAPSE)
    choices: tuple[Direction, ...] = ("may lapse", "rises", "fades")
    return np.select([lapses, moves & (change > 0), moves & (change < 0)], choices, "stays").astype(object)
