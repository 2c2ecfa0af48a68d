"""A strong baseline of volume: gradient-boosted trees on recency and frequency, one row per user and step ahead."""

from dataclasses import dataclass

import numpy as np

from recviz.baselines.activity import ActiveDays, Floats, Horizon, features
from recviz.baselines.counts import CountForecast
from recviz.data.sequences import draw_users
from recviz.errors import UnsupportedError

TRAINING_ORIGINS = 10
STEP_PERIODS = 2
"""Between training origins."""
LEAST_HISTORY_PERIODS = 4
"""Before the earliest training origin."""
MAX_ROWS = 2_000_000
PARAMETERS = {
    "objective": "poisson", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 500, "verbose": -1,
    "seed": 0, "deterministic": True, "force_row_wise": True, "num_threads": 1,
}  # fmt: skip
"""One thread: on a busy machine several wait for each other at every split, for minutes instead of seconds."""
ROUNDS = 150


@dataclass(frozen=True, slots=True)
class BoostedCounts:
    """LightGBM with Poisson loss, direct over all steps ahead, trained on origins whose outcome the past holds."""

    name: str = "LightGBM on counts"

    def forecast(self, past: ActiveDays, horizon: Horizon) -> CountForecast:
        """See `recviz.baselines.counts.CountBaseline`."""
        import lightgbm

        rows, target = _training_rows(past, horizon)
        trees = lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, target), ROUNDS)
        table = features(past, horizon.origin, horizon.period_days)
        return CountForecast(
            np.stack([np.asarray(trees.predict(_at_step(table, k))) for k in range(horizon.periods)], axis=1)
        )


def _training_rows(past: ActiveDays, horizon: Horizon) -> tuple[Floats, Floats]:
    """Go back in time from the origin, each time asking what the next horizon then held."""
    rows, targets = [], []
    first_day = int(past.day.min()) if len(past.day) else horizon.origin
    rng = np.random.default_rng(0)
    quota = MAX_ROWS // (TRAINING_ORIGINS * horizon.periods)
    for number in range(TRAINING_ORIGINS):
        then = horizon.moved(horizon.days + round(number * STEP_PERIODS * horizon.period_days))
        if then.origin < first_day + LEAST_HISTORY_PERIODS * horizon.period_days:
            break
        users = draw_users(np.unique(past.before(then.origin).user), quota, rng)
        table = features(past, then.origin, horizon.period_days)[users]
        outcome = past.by_period(then.edges)[users]
        for k in range(horizon.periods):
            rows.append(_at_step(table, k))
            targets.append(outcome[:, k])
    if not rows or not any(target.any() for target in targets):
        raise UnsupportedError.of(
            "The history is too short to train on what a whole horizon held",
            "LightGBM on counts",
            "Compare with the other baselines, or choose a later origin or a shorter horizon",
        )
    return np.concatenate(rows), np.concatenate(targets).astype(np.float64)


def _at_step(table: Floats, step: int) -> Floats:
    return np.column_stack([table, np.full(len(table), float(step))])
