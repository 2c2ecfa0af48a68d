"""Results of single users, for charts: Parquet beside ``evaluation.json``."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from recviz.baselines.counts import CountForecast
from recviz.data.whole import write_whole
from recviz.evaluate.counts import user_deviance
from recviz.evaluate.held_out import Activity
from recviz.evaluate.result import PERIODS_FILE, USERS_FILE
from recviz.evaluate.tasks import STRATA, present_activity, stratum_name

Floats = NDArray[np.float64]


def write_users(
    folder: Path, user_ids: NDArray[np.object_], activity: Activity, model: CountForecast, baseline: Floats
) -> None:
    """Write `USERS_FILE` and `PERIODS_FILE`.

    Args:
        folder: The evaluation's.
        user_ids: Of the users with history, ``(U,)``.
        activity: What happened, over the scored periods.
        model: For the same users and periods, ``(U, scored)``.
        baseline: The best baseline's expected active days, ``(U, scored)``.
    """
    present = present_activity(activity)
    lows = np.array([low for low, _ in STRATA])
    names = np.array([stratum_name(low, high) for low, high in STRATA], dtype=object)
    users = {
        "user_id": user_ids,
        "stratum": names[np.searchsorted(lows, present, side="right") - 1],
        "actual": activity.actual.sum(axis=1),
        "model": model.mean.sum(axis=1),
        "baseline": baseline.sum(axis=1),
        "p_active_horizon": model.chance_active(),
        "deviance_model": user_deviance(activity.actual, model.mean),
        "deviance_baseline": user_deviance(activity.actual, baseline),
    }
    periods = {
        "user_id": np.repeat(user_ids, activity.scored),
        "period": np.tile(np.arange(1, activity.scored + 1), len(user_ids)),
        "actual": activity.actual.ravel(),
        "model": model.mean.ravel(),
        "baseline": baseline.ravel(),
    }
    _write(folder / USERS_FILE, pd.DataFrame(users))
    _write(folder / PERIODS_FILE, pd.DataFrame(periods))


def _write(path: Path, frame: pd.DataFrame) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer, compression="zstd")
    write_whole(path, buffer.getvalue())
