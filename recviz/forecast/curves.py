"""Volume curves: expected active days of each period, with bands and the chance to return."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.evaluate.negative_binomial import quantiles
from recviz.forecast.activity import require_curves
from recviz.forecast.remembered import Remembered
from recviz.model.prediction import Prediction
from recviz.model.predictor import Predictor

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Quantiles of the 95, 80 and 50 % bands and the median."""
QUANTILE_COLUMNS = ("q025", "q10", "q25", "q50", "q75", "q90", "q975")
USERS_PER_BATCH = 4096

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """The volume of many users at one origin, U users and K periods."""

    users: NDArray[np.intp]
    """Rows of the user table, ``(U,)``."""
    mu: Floats
    """Expected active days, ``(U, K)``."""
    shape: Floats
    """``r`` of the personal gamma factor, ``(U,)``."""
    depth: Floats
    """Expected target events per active day, ``(U,)``."""
    days: Floats
    """Days that each period has, ``(K,)``: no count can be above it."""
    states: NDArray[np.float32]
    """The model's state of each user for the next visit, unit length, ``(U, D)``: it comes of the same pass."""

    def __len__(self) -> int:
        return len(self.users)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Volumes":
        """Keep some of the users, by position or mask."""
        return Volumes(
            users=self.users[index], mu=self.mu[index], shape=self.shape[index], depth=self.depth[index], days=self.days,
            states=self.states[index],
        )  # fmt: skip

    def p_active(self) -> Floats:
        """Return the chance of at least one active day in each period, ``(U, K)``."""
        return chance_of_any(self.mu, self.shape[:, None])

    def p_active_horizon(self) -> Floats:
        """Return the chance of any active day in the whole horizon, ``(U,)``; not a product over periods."""
        return chance_of_any(self.mu.sum(1), self.shape)

    def bands(self) -> Floats:
        """Return the quantiles of each period's count at `LEVELS`, ``(U, K, 7)``."""
        counts = quantiles(self.mu, self.shape[:, None], LEVELS)
        return np.minimum(counts, self.days[:, None])

    def total_mean(self) -> Floats:
        """Return the expected active days of the horizon, ``(U,)``."""
        return np.asarray(self.mu.sum(1), np.float64)

    def total_bands(self) -> Floats:
        """Return the quantiles of the horizon's count at `LEVELS`, ``(U, 7)``."""
        return quantiles(self.total_mean(), self.shape, LEVELS, float(self.days.sum()))


def volumes(predictor: Predictor, users: Sequence[int] | NDArray[np.intp] | None = None) -> Volumes:
    """Forecast the volume of these users, or of every user with history, a batch at a time.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    require_curves(predictor)
    index = np.asarray(predictor.users if users is None else users, dtype=np.intp)
    parts = [volumes_of(predictor, batch, predict_users(predictor, batch)) for batch in batches(index, USERS_PER_BATCH)]
    if not parts:
        return Volumes(
            users=index, mu=np.zeros((0, predictor.split.horizon)), shape=np.zeros(0), depth=np.zeros(0),
            days=period_days(predictor), states=np.zeros((0, 1), np.float32),
        )  # fmt: skip
    return Volumes(
        users=index,
        mu=np.concatenate([part.mu for part in parts]),
        shape=np.concatenate([part.shape for part in parts]),
        depth=np.concatenate([part.depth for part in parts]),
        days=period_days(predictor),
        states=np.concatenate([part.states for part in parts]),
    )


def volumes_of(predictor: Predictor, users: NDArray[np.intp], prediction: Prediction) -> Volumes:
    """Read the volume out of a prediction of these users."""
    return Volumes(
        users=users,
        mu=prediction.mu.double().cpu().numpy(),
        shape=prediction.shape.double().cpu().numpy(),
        depth=prediction.depth.double().cpu().numpy(),
        days=period_days(predictor),
        states=torch.nn.functional.normalize(prediction.z[:, 0].float(), dim=1).cpu().numpy(),
    )


def forecast_table(predictor: Predictor) -> pd.DataFrame:
    """Return the forecast of every user with history, one row per user and period.

    Returns:
        Columns ``user_id, week`` (1 to K, the period's number), ``mean, p_active, q025, q10, q25, q50, q75, q90, q975``
        (active days) and ``p_active_horizon``.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    all_volumes = remembered_volumes(predictor)
    n_users, n_periods = all_volumes.mu.shape
    bands = all_volumes.bands().reshape(n_users * n_periods, len(LEVELS))
    columns: dict[str, object] = {
        "user_id": np.repeat(predictor.dataset.user_ids[all_volumes.users], n_periods),
        "week": np.tile(np.arange(1, n_periods + 1), n_users),
        "mean": all_volumes.mu.ravel(),
        "p_active": all_volumes.p_active().ravel(),
    }
    columns |= {name: bands[:, level] for level, name in enumerate(QUANTILE_COLUMNS)}
    columns["p_active_horizon"] = np.repeat(all_volumes.p_active_horizon(), n_periods)
    return pd.DataFrame(columns)


def predict_users(predictor: Predictor, users: Sequence[int] | NDArray[np.intp]) -> Prediction:
    """Predict these users, each from what the origin knows of it."""
    histories = [predictor.history(int(user)) for user in users]
    return predictor.predict(histories, [predictor.instant_of(int(user)) for user in users])


def batches(index: NDArray[np.intp], size: int) -> list[NDArray[np.intp]]:
    """Cut an index into parts of at most ``size``."""
    return [index[start : start + size] for start in range(0, len(index), size)]


def period_days(predictor: Predictor) -> Floats:
    """Return the days of each period of the horizon, ``(K,)``."""
    edges = predictor.split.edges(predictor.instant)
    return np.asarray(np.ceil(np.diff(edges) / MICROSECONDS_PER_DAY), np.float64)


def chance_of_any(mu: Floats, shape: Floats) -> Floats:
    """Return P(at least one day) for expected days ``mu`` under gamma shape ``r``; arrays broadcast."""
    return np.asarray(-np.expm1(-shape * np.log1p(mu / shape)), np.float64)


def _kept_volumes(predictor: Predictor) -> Volumes:
    """Forecast everybody, or read what was forecast with the same weights before."""
    require_curves(predictor)
    kept = predictor.kept.tensors("volumes", lambda: _tensors(volumes(predictor)))
    return Volumes(**{name: value.numpy() for name, value in kept.items()})


def _tensors(found: Volumes) -> dict[str, Tensor]:
    return {field.name: torch.from_numpy(np.ascontiguousarray(getattr(found, field.name))) for field in fields(found)}


remembered_volumes = Remembered(_kept_volumes)
