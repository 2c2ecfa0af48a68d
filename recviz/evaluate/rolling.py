"""The same weights asked again from later origins: does what was found at the cut hold a month on?"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from recviz.baselines.counts import CountBaseline, CountForecast
from recviz.data.sequences import view_before
from recviz.evaluate.answers import ask_volume
from recviz.evaluate.calibration import chance_gap, coverage, randomised_pit, reliability
from recviz.evaluate.held_out import Activity, activity_around
from recviz.evaluate.result import LaterOrigin, Task
from recviz.evaluate.tasks import count_task
from recviz.model.predictor import Predictor

ORIGINS = 3


def origin_steps(scored: int) -> tuple[int, ...]:
    """Return after how many periods the origins lie, the cut first; all leave at least one period to be judged."""
    return tuple(sorted({number * scored // ORIGINS for number in range(ORIGINS)})) if scored else ()


def later_origins(
    predictor: Predictor, cut: int, scored: int, baselines: Sequence[CountBaseline], told: Callable[[], None]
) -> tuple[LaterOrigin, ...]:
    """Forecast volume from each later origin and judge it on the periods that are left.

    Args:
        predictor: The run opened at the log's end, so that it knows the events and items after the cut.
        cut: Microseconds since 1970 UTC.
        scored: Periods after the cut that the log covers wholly.
        baselines: Fitted anew before each origin.
        told: Called after each origin.
    """
    edges, found = predictor.split.edges(cut), []
    for step in origin_steps(scored)[1:]:
        instant = int(edges[step])
        view = view_before(predictor.dataset.store, instant)
        activity = activity_around(predictor.dataset, predictor.split, instant, view)
        volume = ask_volume(predictor, view, instant)
        said = CountForecast(volume.mean[:, : activity.scored], volume.shape)
        task = count_task(activity, said, baselines).task
        found.append(judged(activity, said, task, instant, predictor.level.horizon))
        told()
    return tuple(found)


def judged(activity: Activity, said: CountForecast, task: Task, instant: int, level: float) -> LaterOrigin:
    """Sum up one origin.

    Args:
        activity: Around the origin.
        said: For the users with history and the scored periods.
        task: The comparison of volume there.
        instant: The origin, microseconds since 1970 UTC.
        level: Standard deviation of the factor that all users share.
    """
    shape = np.ones(len(activity.users)) if said.shape is None else said.shape
    total, days = activity.actual.sum(axis=1), np.diff(activity.covered.edges).astype(np.float64)
    tenths = np.array(randomised_pit(activity.actual, said.mean, shape, days))
    measure = task.measure
    return LaterOrigin(
        day=f"{pd.Timestamp(instant, unit='us'):%Y-%m-%d}",
        periods=activity.scored,
        users=len(activity.users),
        model=float(task.model.scores[measure] or 0.0),
        baseline=float(task.method(task.comparison.baseline).scores[measure] or 0.0),
        comparison=task.comparison,
        chance_gap=chance_gap(reliability(said.chance_active(), total > 0)),
        coverage=coverage(total, said.mean.sum(axis=1), shape, float(days.sum()), level),
        pit=tuple(tenths.mean(axis=0).tolist()),
    )
