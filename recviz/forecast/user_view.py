"""One user's page: history, curve with bands, what really happened, baseline, interest by category."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recviz.data.split import Period
from recviz.forecast.activity import (
    events_by_group,
    history_active_days,
    known_or_missing,
    require_curves,
    timeline,
)
from recviz.forecast.beside import NOTHING, Beside
from recviz.forecast.categories import Categories, partition_interest, remembered_categories
from recviz.forecast.curves import Volumes, predict_users, remembered_volumes, volumes_of
from recviz.model.prediction import Prediction
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCurve:
    """Interest of one user in one category, in events."""

    label: str
    past: Floats
    """Target events in each past period, ``(P,)``."""
    mean: Floats
    """Expected target events in each period of the horizon, ``(K,)``; categories add up to the user's total."""
    share: float
    """Part of all expected events of the horizon."""
    change: float
    """Expected minus recent events per period; recent is the last horizon's length."""
    actual: Floats | None
    """What happened, NaN where the log ends before; ``None`` at origin ``now``, ``(K,)``."""
    baseline: Floats | None = None
    """The same total divided as the baseline's mix would, ``(K,)``; ``None`` where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """Everything of one user's page. Times are microseconds since 1970 UTC; P past periods, K of the horizon."""

    user_id: str
    origin: Literal["cut", "now"]
    instant: int
    """The origin."""
    fingerprint: str
    """The run and its checkpoint."""
    period: Period
    chance_only: bool
    """Whether only the chance is to be shown: a period is a day, in which a user is active or not."""
    events: int
    """All events before the origin; 0 for a user without history, who gets the population's curve."""
    first_seen: int | None
    last_seen: int | None
    recent_rate: float
    """Active days per period over the last horizon's length."""
    past_edges: NDArray[np.int64]
    past: NDArray[np.int64]
    """Active days in each past period, ``(P,)``."""
    edges: NDArray[np.int64]
    mean: Floats
    """Expected active days, ``(K,)``."""
    p_active: Floats
    bands: Floats
    """Quantiles of active days at `recviz.forecast.curves.LEVELS`, ``(K, 7)``."""
    total_mean: float
    """Expected active days over the horizon: "about 3 days in the next 13 weeks"."""
    total_bands: Floats
    """Quantiles of the horizon's active days at the same levels, ``(7,)``: "(80 %: 1 to 6)" is positions 1 and 5."""
    p_active_horizon: float
    """Chance of any active day; 1 minus it: "12 % may not return"."""
    depth: float
    """Expected events per active day."""
    actual: Floats | None
    """Active days that really were, NaN where the log ends before; ``None`` at origin ``now``, ``(K,)``."""
    baseline: Floats | None
    """Active days that the baseline expects, ``(K,)``; ``None`` where there is none."""
    categories: tuple[CategoryCurve, ...]
    """Largest change first."""
    category_source: Literal["log", "clusters", "given"]
    baseline_name: str = ""
    mix_name: str = ""
    """Of the baseline by whose mix the categories' ``baseline`` is divided."""

    @property
    def total_actual(self) -> float | None:
        """Active days that were over the horizon, where the log covers all of it."""
        return None if self.actual is None or np.isnan(self.actual).any() else float(self.actual.sum())


def user_view(predictor: Predictor, user: int, beside: Beside = NOTHING) -> UserView:
    """Gather one user's page.

    Args:
        predictor: A run opened at an origin.
        user: Row of the user table; a user without history gets the population's curve.
        beside: The baselines that stand beside the curves.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    require_curves(predictor)
    dataset, line, rows = predictor.dataset, timeline(predictor), np.array([user])
    history = predictor.history(user)
    prediction = predict_users(predictor, [user])
    volume = _volume(predictor, user, prediction)
    past = history_active_days(history, dataset.target_kinds, line.past)
    actual = None
    if predictor.origin == "cut":
        happened = history_active_days(dataset.store.history(user), dataset.target_kinds, line.future)
        actual = known_or_missing(happened, line)
    categories = remembered_categories(predictor)
    return UserView(
        user_id=str(dataset.user_ids[user]),
        origin=predictor.origin,
        instant=predictor.instant,
        fingerprint=predictor.fingerprint,
        period=predictor.split.period,
        chance_only=predictor.split.period == "day",
        events=len(history),
        first_seen=int(history.time[0]) if len(history) else None,
        last_seen=int(history.time[-1]) if len(history) else None,
        recent_rate=float(past[-predictor.split.horizon :].mean()),
        past_edges=line.past,
        past=past,
        edges=line.future,
        mean=volume.mu[0],
        p_active=volume.p_active()[0],
        bands=volume.bands()[0],
        total_mean=float(volume.total_mean()[0]),
        total_bands=volume.total_bands()[0],
        p_active_horizon=float(volume.p_active_horizon()[0]),
        depth=float(volume.depth[0]),
        actual=actual,
        baseline=None if (days := beside.days(rows)) is None else days[0],
        categories=_category_curves(predictor, user, prediction, categories, beside),
        category_source=categories.source,
        baseline_name=beside.counts_name,
        mix_name=beside.mix_name,
    )


def _volume(predictor: Predictor, user: int, prediction: Prediction) -> Volumes:
    """Take the user's row of the table that is exported, so that page and export agree to the last digit."""
    everyone = remembered_volumes(predictor)
    at = np.flatnonzero(everyone.users == user)
    return everyone.take(at) if len(at) else volumes_of(predictor, np.array([user]), prediction)


def _category_curves(
    predictor: Predictor, user: int, prediction: Prediction, categories: Categories, beside: Beside
) -> tuple[CategoryCurve, ...]:
    dataset, groups, line = predictor.dataset, (categories.code, len(categories)), timeline(predictor)
    history = predictor.history(user)
    mean = partition_interest(predictor, prediction, categories)[0]  # (K, C)
    past = events_by_group(history, dataset.target_kinds, line.past, *groups).astype(np.float64)  # (P, C)
    actual = None
    if predictor.origin == "cut":
        happened = events_by_group(dataset.store.history(user), dataset.target_kinds, line.future, *groups)
        actual = known_or_missing(happened, line)
    baseline = beside.events(predictor, history, np.eye(len(categories))[categories.code], mean.sum(1))
    share = mean.sum(0) / mean.sum()
    change = mean.mean(0) - past[-len(mean) :].mean(0)
    filled = np.flatnonzero(np.bincount(categories.code, minlength=len(categories)))
    order = filled[np.argsort(-np.abs(change[filled]), kind="stable")]
    return tuple(
        CategoryCurve(
            label=categories.labels[at],
            past=past[:, at],
            mean=mean[:, at],
            share=float(share[at]),
            change=float(change[at]),
            actual=None if actual is None else actual[:, at],
            baseline=None if baseline is None else baseline[:, at],
        )
        for at in order
    )
