"""What really happened after the cut, as the tasks ask for it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recviz.baselines.activity import ActiveDays, Horizon, active_days
from recviz.data.dataset import Dataset
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import LogView, target_rows, view_all
from recviz.data.split import Split
from recviz.evaluate.ranking import Targets
from recviz.model.assembly import USUAL_RANGE
from recviz.model.predictor import Predictor
from recviz.model.values import PastValues, past_values

Floats = NDArray[np.float64]
Which = Literal["all", "new", "repeats", "cold", "newcomers"]
"""Items that were taken: all; those new to the user, ranked among what the user never had; those the user had, ranked
among those; those without any event before the cut, ranked among what the user never had; the same ranked among such
items alone."""
RANKING_DAYS = 28
LEAST_EVENTS = 3
"""Of a user in a leave-one-out comparison, as published tables have it."""
MOST_VALUES = 20_000
"""Events whose values are judged: more say nothing more."""


@dataclass(frozen=True, slots=True)
class ValuedPairs:
    """Events after the cut with the value that they brought, ``(n,)`` each."""

    user: NDArray[np.int64]
    position: NDArray[np.int64]
    """Candidate position."""
    actual: Floats
    past: PastValues
    """Before the cut."""
    low: float
    high: float
    """The usual range, in the log's own unit; values beyond count as its ends."""
    is_sample: bool
    """Whether there were more events than are judged."""

    @property
    def can_be_judged(self) -> bool:
        """Whether there are values on both sides of the cut."""
        return bool(len(self.user) and len(self.past.value))


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
    return activity_around(predictor.dataset, predictor.split, predictor.instant, predictor.view)


def activity_around(dataset: Dataset, split: Split, instant: int, view: LogView) -> Activity:
    """Count active days around any instant; ``view`` shows what was before it."""
    is_target, edges = dataset.target_kinds, split.edges(instant)
    scored = int((edges[1:] <= split.now).sum())
    horizon = Horizon.of(edges)
    everything = active_days(view_all(dataset.store), is_target)
    actual = everything.by_period(horizon.edges[: scored + 1]) if scored else np.zeros((everything.n_users, 0))
    users = view.users()
    return Activity(users, active_days(view, is_target), horizon, actual[users].astype(np.float64))


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
    return targets_after(predictor, days, "new" if new_only else "all")


def targets_after(predictor: Predictor, days: int, which: Which) -> Targets:
    """Return the distinct items of one sort that users with history took in the days after the cut; see `Which`."""
    origin = predictor.instant // MICROSECONDS_PER_DAY
    user, item, _ = _events_between(predictor, origin, origin + days)
    known = predictor.view.lengths() > 0
    return _targets(predictor, user[known[user]], item[known[user]], which)


def last_event_targets(predictor: Predictor, which: Which = "new") -> Targets:
    """Return each user's last event (leave-one-out); what the user had before is barred."""
    store = predictor.dataset.store
    users, rows = _last_events(predictor)
    return _targets(predictor, users, np.asarray(store.item)[rows].astype(np.int64), which)


def valued_pairs(predictor: Predictor, days: int) -> ValuedPairs:
    """Return what users with history gave candidates: in the days after the cut, or with the last event (leave-one-out).

    Values count as far as the usual range of those before the cut goes, as in training.
    """
    store = predictor.dataset.store
    if predictor.split.kind == "time":
        user, rows = target_rows(view_all(store), predictor.dataset.target_kinds)
        day, origin = np.asarray(store.time)[rows] // MICROSECONDS_PER_DAY, predictor.instant // MICROSECONDS_PER_DAY
        inside = (day >= origin) & (day < origin + days) & (predictor.view.lengths() > 0)[user]
        user, rows = user[inside], rows[inside]
    else:
        user, rows = _last_events(predictor)
    position, value = predictor.position[np.asarray(store.item)[rows]], np.asarray(store.value)[rows].astype(np.float64)
    keep = np.flatnonzero((position >= 0) & np.isfinite(value))
    drawn = len(keep) > MOST_VALUES
    if drawn:
        keep = np.sort(np.random.default_rng(0).choice(keep, MOST_VALUES, replace=False))
    past = past_values(predictor.view, predictor.dataset.target_kinds, predictor.position, len(predictor.candidates))
    low, high = -np.inf, np.inf
    if predictor.dataset.manifest.value_type == "number" and len(past.value):
        low, high = (float(bound) for bound in np.quantile(past.value, USUAL_RANGE))
    past = replace(past, value=np.clip(past.value, low, high))
    return ValuedPairs(user[keep], position[keep], np.clip(value[keep], low, high), past, low, high, is_sample=drawn)


def _last_events(predictor: Predictor) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return users and store rows of last events that count as interest, of users with enough of them."""
    store = predictor.dataset.store
    users = np.flatnonzero(np.diff(store.offsets) >= LEAST_EVENTS)
    rows = store.offsets[users + 1] - 1
    wanted = predictor.dataset.target_kinds[np.asarray(store.kind)[rows]]
    return users[wanted].astype(np.int64), rows[wanted].astype(np.int64)


def _events_between(predictor: Predictor, since: int, until: int) -> tuple[NDArray[np.int64], ...]:
    """Return user, item row and time of all target events on the UTC days ``[since, until)``."""
    store = predictor.dataset.store
    user, rows = target_rows(view_all(store), predictor.dataset.target_kinds)
    time = np.asarray(store.time)[rows]
    day = time // MICROSECONDS_PER_DAY
    keep = (day >= since) & (day < until)
    return user[keep], np.asarray(store.item)[rows[keep]].astype(np.int64), time[keep]


def _targets(predictor: Predictor, user: NDArray[np.int64], item: NDArray[np.int64], which: Which) -> Targets:
    n_items, n_candidates = predictor.dataset.manifest.n_items, len(predictor.candidates)
    had = None if which == "all" else items_had(predictor.view, n_items)
    pairs = np.unique(user * n_items + item)
    among = None
    if had is not None:
        before = np.asarray(had[pairs // n_items, pairs % n_items]).ravel() > 0
        pairs = pairs[before == (which == "repeats")]
        if which in {"cold", "newcomers"}:
            is_cold = np.asarray(had.sum(axis=0)).ravel() == 0
            pairs = pairs[is_cold[pairs % n_items]]
            among = is_cold[predictor.candidates] if which == "newcomers" else None
    user, item = pairs // n_items, pairs % n_items
    users, row, count = np.unique(user, return_inverse=True, return_counts=True)
    at = predictor.position[item]
    ones = np.ones(int((at >= 0).sum()), np.float32)
    wanted = csr_array((ones, (row[at >= 0], at[at >= 0])), shape=(len(users), n_candidates))
    own = None if had is None else had[users][:, predictor.candidates]
    barred, within = (None, own) if which == "repeats" else (own, None)
    return Targets(users.astype(np.intp), wanted, count.astype(np.int64), barred, within, among)


def items_had(view: LogView, n_items: int) -> csr_array:
    """Mark what each user had before, by events of any kind, ``(users, items)``."""
    rows = np.flatnonzero(view.rows())
    user = np.searchsorted(view.store.offsets, rows, side="right") - 1
    item = np.asarray(view.store.item)[rows]
    return csr_array((np.ones(len(rows), np.float32), (user, item)), shape=(view.n_users, n_items)).sign()
