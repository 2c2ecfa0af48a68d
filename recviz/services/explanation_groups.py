"""Explanations of many users: a user beside a cohort, and the words that drive an item, a category or a cohort.

Both are generators that tell how far they are; `recviz.services.background.Background` runs them beside a page.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recviz.explain.choices import Level, Method
from recviz.explain.cohorts import CohortContrast, versus_cohort
from recviz.explain.drivers import Drivers, drivers
from recviz.explain.explainer import How
from recviz.explain.targets import Target
from recviz.forecast.segments import find_segment
from recviz.model.predictor import Predictor
from recviz.services.workspace import Origin, Workspace

COMPARED = 40
"""Users of a cohort that one user is compared with."""
EXPLAINED = 200
"""Users whose explanations are summed."""


def against_cohort(  # noqa: PLR0913 - who, against whom, what
    ws: Workspace,
    run_id: str,
    user_id: str,
    segment: str,
    target: Target,
    *,
    origin: Origin = "cut",
    by: Literal["category", "time"] = "category",
    method: Method = "shapley",
    most: int = COMPARED,
    seed: int = 0,
) -> Iterator[CohortContrast]:
    """Tell why a user's number differs from a cohort's, one more user of the cohort at a time.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        segment: Key of a segment, see `recviz.services.forecasts.segments`.
        target: The number that is compared.
        origin: ``cut`` or ``now``.
        by: What events are summed by.
        method: How events are valued.
        most: Users of the cohort that are looked at; drawn at random where there are more.
        seed: Of that draw.

    Raises:
        NotFoundError: If the log has no such user, or the run no such segment.
        InvalidSettingError: If the cohort has no other user.
    """
    predictor = ws.predictor(run_id, origin)
    user = predictor.dataset.user_index(user_id)
    others = users_of(predictor, segment)
    yield from versus_cohort(predictor, user, _drawn(others[others != user], most, seed), target, by=by, method=method)


def words_that_drive(  # noqa: PLR0913 - of what, of whom, summed how
    ws: Workspace,
    run_id: str,
    target: Target,
    *,
    segment: str | None = None,
    origin: Origin = "cut",
    level: Level = "word",
    most: int = EXPLAINED,
    seed: int = 0,
    how: How | None = None,
) -> Iterator[Drivers]:
    """Sum what drives an item, a category, a topic or activity over many users; a result for each user more.

    Args:
        ws: The workspace.
        run_id: The run.
        target: The number.
        segment: Key of a segment; ``None`` is everybody with history.
        origin: ``cut`` or ``now``.
        level: What values are summed by.
        most: Users that are explained; drawn at random where there are more.
        seed: Of that draw.
        how: Methods and baseline.

    Raises:
        NotFoundError: If the log has no such item, or the run no such category or segment.
    """
    predictor = ws.predictor(run_id, origin)
    users = np.asarray(predictor.users) if segment is None else users_of(predictor, segment)
    yield from drivers(predictor, _drawn(users, most, seed), target, level=level, how=how)


def users_of(predictor: Predictor, segment: str) -> NDArray[np.intp]:
    """Return the users of a segment, as rows of the user table.

    Raises:
        NotFoundError: If there is no such segment.
    """
    return np.asarray(predictor.users)[find_segment(predictor, segment).rows]


def _drawn(users: NDArray[np.intp], most: int, seed: int) -> list[int]:
    if len(users) <= most:
        return [int(user) for user in users]
    return [int(user) for user in np.random.default_rng(seed).choice(users, most, replace=False)]
