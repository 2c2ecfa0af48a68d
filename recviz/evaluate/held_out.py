"""What really happened after the cut, as the tasks ask for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recviz.baselines.activity import ActiveDays, Horizon, active_days, target_rows
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import LogView, view_all
from recviz.evaluate.ranking import Targets
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]
RANKING_DAYS = 28
LEAST_EVENTS = 3
"""Of a user in a leave-one-out comparison, as published tables have it."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Active days before and after the cut."""

    users: NDArray[np.intp]
    """Rows of the user table with history, ``(U,)``."""
    past: ActiveDays
    """All users, before the cut."""
    horizon: Horizon
    """The whole horizon that the model forecasts, ``K`` periods."""
    actual: Floats
    """Active days in the periods that the log covers wholly, ``(U, scored)``."""

    @property
    def scored(self) -> int:
        return int(self.actual.shape[1])

    @property
    def covered(self) -> Horizon:
        """The periods that are scored."""
        return Horizon(self.horizon.edges[: self.scored + 1])


def activity_after(predictor: Predictor) -> Activity:
    """Count active days around the cut."""
    split, is_target = predictor.split, predictor.dataset.target_kinds
    edges = split.edges(predictor.instant)
    scored = int((edges[1:] <= split.now).sum())
    horizon = Horizon.of(edges)
    everything = active_days(view_all(predictor.dataset.store), is_target)
    actual = everything.by_period(horizon.edges[: scored + 1]) if scored else np.zeros((everything.n_users, 0))
    users = predictor.users
    return Activity(users, active_days(predictor.view, is_target), horizon, actual[users].astype(np.float64))


def categories_after(predictor: Predictor, code: NDArray[np.int64], n_categories: int, horizon: Horizon) -> Floats:
    """Count every user's target events of each category in the horizon, ``(users, C)``.

    Items that nobody could know at the cut are left out: no method can give them a share.
    """
    user, item, _ = _events_between(predictor, int(horizon.edges[0]), int(horizon.edges[-1]))
    known = predictor.position[item] >= 0
    user, item = user[known], item[known]
    cells = np.bincount(user * n_categories + code[item], minlength=predictor.dataset.store.n_users * n_categories)
    return cells.reshape(-1, n_categories).astype(np.float64)


def window_targets(predictor: Predictor, days: int, *, new_only: bool) -> Targets:
    """Return the distinct items that users with history took in the days after the cut.

    Args:
        predictor: At its cut.
        days: Length of the window.
        new_only: Keep what the user never had before, and bar what the user had from the rankings.
    """
    origin = predictor.instant // MICROSECONDS_PER_DAY
    user, item, _ = _events_between(predictor, origin, origin + days)
    known = predictor.view.lengths() > 0
    return _targets(predictor, user[known[user]], item[known[user]], new_only=new_only)


def last_event_targets(predictor: Predictor) -> Targets:
    """Return each user's last event (leave-one-out); what the user had before is barred."""
    store = predictor.dataset.store
    lengths = np.diff(store.offsets)
    users = np.flatnonzero(lengths >= LEAST_EVENTS)
    rows = store.offsets[users + 1] - 1
    wanted = predictor.dataset.target_kinds[np.asarray(store.kind)[rows]]
    return _targets(predictor, users[wanted], np.asarray(store.item)[rows[wanted]].astype(np.int64), new_only=True)


def _events_between(predictor: Predictor, since: int, until: int) -> tuple[NDArray[np.int64], ...]:
    """Return user, item row and time of all target events on the UTC days ``[since, until)``."""
    store = predictor.dataset.store
    user, rows = target_rows(view_all(store), predictor.dataset.target_kinds)
    time = np.asarray(store.time)[rows]
    day = time // MICROSECONDS_PER_DAY
    keep = (day >= since) & (day < until)
    return user[keep], np.asarray(store.item)[rows[keep]].astype(np.int64), time[keep]


def _targets(predictor: Predictor, user: NDArray[np.int64], item: NDArray[np.int64], *, new_only: bool) -> Targets:
    n_items, n_candidates = predictor.dataset.manifest.n_items, len(predictor.candidates)
    had = items_had(predictor.view, n_items) if new_only else None
    pairs = np.unique(user * n_items + item)
    if had is not None:
        pairs = pairs[np.asarray(had[pairs // n_items, pairs % n_items]).ravel() == 0]
    user, item = pairs // n_items, pairs % n_items
    users, row, count = np.unique(user, return_inverse=True, return_counts=True)
    at = predictor.position[item]
    ones = np.ones(int((at >= 0).sum()), np.float32)
    wanted = csr_array((ones, (row[at >= 0], at[at >= 0])), shape=(len(users), n_candidates))
    barred = None if had is None else had[users][:, predictor.candidates]
    return Targets(users.astype(np.intp), wanted, count.astype(np.int64), barred)


def items_had(view: LogView, n_items: int) -> csr_array:
    """Mark what each user had before, by events of any kind, ``(users, items)``."""
    rows = np.flatnonzero(view.rows())
    user = np.searchsorted(view.store.offsets, rows, side="right") - 1
    item = np.asarray(view.store.item)[rows]
    return csr_array((np.ones(len(rows), np.float32), (user, item)), shape=(view.n_users, n_items)).sign()
