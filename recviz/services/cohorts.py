"""Cohorts: the users of a segment, where they are heading, and what drives that."""

from collections.abc import Iterator

import pandas as pd

from recviz.data.sequences import draw_users
from recviz.errors import InvalidSettingError
from recviz.explain.choices import Level
from recviz.explain.drivers import Drivers, drivers
from recviz.explain.explainer import How
from recviz.explain.targets import Target
from recviz.forecast.cohort_users import cohort_users, for_files, who
from recviz.forecast.directions import Direction
from recviz.forecast.segments import find_segment
from recviz.services.workspace import Origin, Workspace

EXPLAINED = 24
"""Users whose explanations are summed; drawn at random where there are more."""


def users(
    ws: Workspace, run_id: str, segment: str, origin: Origin = "cut", direction: Direction | None = None
) -> pd.DataFrame:
    """List the users of a segment, or those of them who are heading one way.

    Returns:
        See `recviz.forecast.cohort_users.cohort_users`.

    Raises:
        NotFoundError: If there is no such run or segment.
        UnsupportedError: If there are no curves.
    """
    predictor = ws.predictor(run_id, origin)
    table = cohort_users(predictor, find_segment(predictor, segment))
    return table if direction is None else table[table["direction"] == direction].reset_index(drop=True)


def export_users(table: pd.DataFrame) -> pd.DataFrame:
    """Lay a table of `users` out for files: one number a cell."""
    return for_files(table)


def reasons(  # noqa: PLR0913 - of whom, by what
    ws: Workspace,
    run_id: str,
    segment: str,
    direction: Direction | None = None,
    *,
    origin: Origin = "cut",
    level: Level = "category",
    most: int = EXPLAINED,
    seed: int = 0,
    how: How | None = None,
) -> Iterator[Drivers]:
    """Sum what moves the expected activity of a segment's users, or of those heading one way; a result a user more.

    Args:
        ws: The workspace.
        run_id: The run.
        segment: Key of a segment, see `recviz.services.forecasts.segments`.
        direction: Only users heading this way.
        origin: ``cut`` or ``now``.
        level: What is summed by: category, time, word and others.
        most: Users that are explained.
        seed: Of the draw of users.
        how: Methods and baseline.

    Raises:
        NotFoundError: If there is no such run or segment.
        InvalidSettingError: If nobody of the segment is heading this way.
    """
    predictor = ws.predictor(run_id, origin)
    chosen = who(predictor, find_segment(predictor, segment), direction)
    if not len(chosen):
        raise InvalidSettingError.of(
            "Nobody of this segment is heading this way, so there is nothing to explain", "the cohort", "Choose others"
        )
    chosen = draw_users(chosen, most, seed)
    yield from drivers(predictor, [int(user) for user in chosen], Target(what="activity"), level=level, how=how)
