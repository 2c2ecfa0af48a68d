"""All users of a run in one table: what they did lately and what is expected, to be listed and searched."""

from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.forecast.activity import remembered_active_days, timeline
from recviz.forecast.curves import Volumes, remembered_volumes
from recviz.forecast.remembered import Remembered
from recviz.model.predictor import Predictor

ListName = Literal["most active", "rising", "fading", "may lapse", "random"]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class UserLists:
    """Every user with history at an origin."""

    frame: pd.DataFrame
    """One row a user, in the order of ids: ``user_id, events`` (all before the origin), ``last_seen`` (UTC),
    ``recent_rate`` (active days per period over the last horizon's length), ``expected`` (active days over the
    horizon), ``expected_rate`` (per period), ``change`` (expected minus recent rate), ``p_active_horizon``."""
    past: NDArray[np.int64]
    """Active days in each past period, oldest first, ``(users, P)``."""

    def pick(self, name: ListName, limit: int = SHOWN, seed: int = 0) -> pd.DataFrame:
        """Return the first users of a list, with the column ``sparkline`` (active days in past periods).

        "may lapse" puts first those with most to lose: recent rate times the chance not to return.

        Args:
            name: The list.
            limit: Most users to return.
            seed: Of "random".
        """
        table = self.frame
        match name:
            case "most active":
                key = -table["recent_rate"].to_numpy()
            case "rising":
                key = -table["change"].to_numpy()
            case "fading":
                key = table["change"].to_numpy()
            case "may lapse":
                key = -(table["recent_rate"] * (1 - table["p_active_horizon"])).to_numpy()
            case "random":
                key = np.random.default_rng(seed).random(len(table))
            case _:
                assert_never(name)
        return self._rows(np.argsort(key, kind="stable")[:limit])

    def search(self, text: str, limit: int = SHOWN) -> pd.DataFrame:
        """Return users whose id holds ``text``, in either case; those that start with it first."""
        ids = self.frame["user_id"].astype(str).str.lower()
        wanted = text.strip().lower()
        found = np.flatnonzero(ids.str.contains(wanted, regex=False))
        starts = ids.iloc[found].str.startswith(wanted).to_numpy(dtype=bool)
        return self._rows(found[np.argsort(~starts, kind="stable")][:limit])

    def _rows(self, index: NDArray[np.intp]) -> pd.DataFrame:
        picked = self.frame.iloc[index].reset_index(drop=True)
        return picked.assign(sparkline=self.past[index].tolist())


def user_lists(predictor: Predictor) -> UserLists:
    """Describe every user with history.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    volumes = remembered_volumes(predictor)
    edges = timeline(predictor).past // MICROSECONDS_PER_DAY
    past = remembered_active_days(predictor).by_period(edges)[volumes.users]
    return UserLists(_frame(predictor, volumes, past), past)


def last_times(predictor: Predictor, users: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return when users with history were last seen before the origin, microseconds since 1970 UTC, ``(users,)``."""
    return np.asarray(predictor.view.store.time)[predictor.view.stops[users] - 1]


def _frame(predictor: Predictor, volumes: Volumes, past: NDArray[np.int64]) -> pd.DataFrame:
    periods = volumes.mu.shape[1]
    recent = past[:, -periods:].mean(1)
    expected = volumes.total_mean()
    return pd.DataFrame(
        {
            "user_id": predictor.dataset.user_ids[volumes.users],
            "events": predictor.view.lengths()[volumes.users],
            "last_seen": pd.to_datetime(last_times(predictor, volumes.users), unit="us", utc=True),
            "recent_rate": recent,
            "expected": expected,
            "expected_rate": expected / periods,
            "change": expected / periods - recent,
            "p_active_horizon": volumes.p_active_horizon(),
        }
    )


remembered_user_lists = Remembered(user_lists)
