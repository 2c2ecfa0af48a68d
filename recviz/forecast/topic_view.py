"""Interest in a topic: one user's curve with its items, and every user's for export."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from recviz.evaluate.negative_binomial import quantiles
from recviz.forecast.activity import known_or_missing, require_curves, timeline, weighted_events
from recviz.forecast.beside import NOTHING, Beside
from recviz.forecast.curves import LEVELS, QUANTILE_COLUMNS, batches, chance_of_any, predict_users
from recviz.forecast.topics import MatchedItem, TopicMatch
from recviz.model.prediction import Prediction, set_probabilities
from recviz.model.predictor import Predictor

USERS_PER_BATCH = 256

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicInterest:
    """Interest of U users in a topic over K periods, in events.

    Bands are those of a negative binomial with the mean and variance of: active days with a personal factor, of which
    each has an event of the topic by chance, and then perhaps more than one. They are not calibrated on a backtest.
    """

    mean: Floats
    """Expected events, ``(U, K)``."""
    p_active: Floats
    """Chance of at least one active day with an event of the topic in each period, ``(U, K)``."""
    p_active_horizon: Floats
    """The same in the whole horizon, ``(U,)``."""
    bands: Floats
    """Quantiles of events at `recviz.forecast.curves.LEVELS`, ``(U, K, 7)``."""
    share: Floats
    """Part of all expected events of the horizon, ``(U,)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicView:
    """One user's interest in a topic. Times are microseconds since 1970 UTC, P past periods, K of the horizon."""

    text: str
    items: tuple[MatchedItem, ...]
    """What the words matched, highest weight first."""
    past_edges: NDArray[np.int64]
    past: Floats
    """Past events of the topic (weighted) in each period, ``(P,)``."""
    edges: NDArray[np.int64]
    mean: Floats
    """Expected events, ``(K,)``."""
    bands: Floats
    """Quantiles of events at `recviz.forecast.curves.LEVELS`, ``(K, 7)``."""
    p_active: Floats
    p_active_horizon: float
    share: float
    """Part of all expected events of the horizon."""
    actual: Floats | None
    """What happened (weighted events), NaN where the log ends before; ``None`` at origin ``now``, ``(K,)``."""
    baseline: Floats | None = None
    """The same total divided as the baseline's mix would, ``(K,)``; ``None`` where there is none."""
    mix_name: str = ""
    """Of that baseline."""


@torch.inference_mode()
def topic_interest(predictor: Predictor, prediction: Prediction, match: TopicMatch) -> TopicInterest:
    """Forecast the events of a topic for the histories of a prediction."""
    vectors = predictor.item_vectors
    weights = torch.as_tensor(match.weight[predictor.candidates], dtype=vectors.dtype, device=vectors.device)
    chance = set_probabilities(prediction, vectors, weights[:, None])[..., 0].double().cpu().numpy()  # (U, K)
    mu, depth, shape = (part.double().cpu().numpy() for part in (prediction.mu, prediction.depth, prediction.shape))
    events = mu * depth[:, None] * chance
    days = mu * -np.expm1(depth[:, None] * np.log1p(-np.minimum(chance, 1 - 1e-12)))
    return TopicInterest(
        mean=events,
        p_active=chance_of_any(days, shape[:, None]),
        p_active_horizon=chance_of_any(days.sum(1), shape),
        bands=quantiles(events, clumped_shape(events, days, shape[:, None]), LEVELS),
        share=events.sum(1) / (mu * depth[:, None]).sum(1),
    )


def clumped_shape(events: Floats, days: Floats, shape: Floats) -> Floats:
    """Return the shape of the negative binomial with the variance of events that come in clumps.

    Given a personal factor G ~ Gamma(r, r), days are Poisson(G days) and a day holds 1 + Poisson(s - 1) events with
    s = events / days, so the variance is days (s^2 + s - 1) + events^2 / r.

    Args:
        events: Expected events, above 0.
        days: Expected days with such an event, at most ``events``.
        shape: ``r``.
    """
    clump = np.maximum(events / days, 1.0)
    return np.asarray(events**2 / (days * (clump**2 - 1) + events**2 / shape), np.float64)


def topic_view(predictor: Predictor, user: int, match: TopicMatch, beside: Beside = NOTHING) -> TopicView:
    """Return one user's curve for a topic, and what a baseline's mix would make of the same total.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    require_curves(predictor)
    line = timeline(predictor)
    prediction, history = predict_users(predictor, [user]), predictor.history(user)
    found = topic_interest(predictor, prediction, match)
    dataset = predictor.dataset
    groups = np.stack([match.weight, 1 - match.weight], axis=1)  # the topic and all else
    events = beside.events(predictor, history, groups, _events(prediction))
    actual = None
    if predictor.origin == "cut":
        happened = weighted_events(dataset.store.history(user), dataset.target_kinds, line.future, match.weight)
        actual = known_or_missing(happened, line)
    return TopicView(
        text=match.text,
        items=match.items,
        past_edges=line.past,
        past=weighted_events(history, dataset.target_kinds, line.past, match.weight),
        edges=line.future,
        mean=found.mean[0],
        bands=found.bands[0],
        p_active=found.p_active[0],
        p_active_horizon=float(found.p_active_horizon[0]),
        share=float(found.share[0]),
        actual=actual,
        baseline=None if events is None else events[:, 0],
        mix_name=beside.mix_name,
    )


def _events(prediction: Prediction) -> Floats:
    """Return the expected events of each period, all items together, of the first history, ``(K,)``."""
    return np.asarray((prediction.mu * prediction.depth[:, None])[0].double().cpu().numpy())


def topic_table(predictor: Predictor, match: TopicMatch) -> pd.DataFrame:
    """Return every user's interest in a topic, one row per user and period.

    Returns:
        The columns of `recviz.forecast.curves.forecast_table`; ``mean`` and quantiles are in events of the topic,
        ``p_active`` and ``p_active_horizon`` the chance of at least one active day with such an event.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    require_curves(predictor)
    tables = [_rows(predictor, users, match) for users in batches(np.asarray(predictor.users), USERS_PER_BATCH)]
    return pd.concat(tables, ignore_index=True)


def _rows(predictor: Predictor, users: NDArray[np.intp], match: TopicMatch) -> pd.DataFrame:
    found = topic_interest(predictor, predict_users(predictor, users), match)
    periods = found.mean.shape[1]
    columns: dict[str, object] = {
        "user_id": np.repeat(predictor.dataset.user_ids[users], periods),
        "week": np.tile(np.arange(1, periods + 1), len(users)),
        "mean": found.mean.ravel(),
        "p_active": found.p_active.ravel(),
    }
    columns |= {name: found.bands[..., level].ravel() for level, name in enumerate(QUANTILE_COLUMNS)}
    columns["p_active_horizon"] = np.repeat(found.p_active_horizon, periods)
    return pd.DataFrame(columns)
