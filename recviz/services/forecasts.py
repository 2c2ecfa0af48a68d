"""Forecasts of a run: tables for export, and what the Interest page shows of users, topics and cohorts."""

from collections.abc import Mapping

import pandas as pd

from recviz.forecast import categories as by_category
from recviz.forecast import curves, topic_view, topics
from recviz.forecast.activity import require_curves
from recviz.forecast.cohorts import CohortView, cohort_view
from recviz.forecast.segments import Segment, find_segment, remembered_segments
from recviz.forecast.topic_view import TopicView
from recviz.forecast.user_view import UserView
from recviz.forecast.user_view import user_view as view_of_user
from recviz.forecast.users import UserLists, remembered_user_lists
from recviz.services.beside import beside
from recviz.services.workspace import Origin, Workspace


def forecast_table(ws: Workspace, run_id: str, origin: Origin = "cut") -> pd.DataFrame:
    """Return the forecast of every user with history, one row per user and period.

    Returns:
        Columns ``user_id, week`` (1 to K), ``mean, p_active, q025, q10, q25, q50, q75, q90, q975`` (active days) and
        ``p_active_horizon``.

    Raises:
        NotFoundError: If there is no such run.
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    return curves.forecast_table(ws.predictor(run_id, origin))


def topic_table(
    ws: Workspace, run_id: str, text: str, origin: Origin = "cut", weights: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return every user's interest in a typed topic: the columns of `forecast_table`.

    ``mean`` and quantiles are in events of the topic, ``p_active`` the chance of a day with one. ``weights`` is as in
    `topic`.

    Raises:
        NotFoundError: If there is no such run, or a weight names no item.
        UnsupportedError: If no item matches, or there are no curves.
    """
    predictor = ws.predictor(run_id, origin)
    require_curves(predictor)
    return topic_view.topic_table(predictor, topics.match_topic(predictor, text, weights))


def shares_table(ws: Workspace, run_id: str, categories: pd.DataFrame, origin: Origin = "cut") -> pd.DataFrame:
    """Return each category's share of each user's interest over the horizon.

    Args:
        ws: The workspace.
        run_id: The run.
        categories: Columns ``item_id, category``: any mapping; items that it leaves out count as category "?".
        origin: ``cut`` or ``now``.

    Returns:
        Columns ``user_id, category, share``; shares add up to 1 for each user with history.

    Raises:
        NotFoundError: If there is no such run.
        InvalidLogError: If the mapping lacks a column or names an item twice.
        UnsupportedError: If there are no curves.
    """
    return by_category.shares_table(ws.predictor(run_id, origin), categories)


def user_view(ws: Workspace, run_id: str, user_id: str, origin: Origin = "cut", baseline: str = "") -> UserView:
    """Return everything that the Interest page shows of one user.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        origin: ``cut`` or ``now``.
        baseline: Of activity, to stand beside the model; see `recviz.services.beside.beside`.

    Raises:
        NotFoundError: If there is no such run or baseline, or the log has no such user.
        UnsupportedError: If there are no curves.
    """
    predictor = ws.predictor(run_id, origin)
    user = predictor.dataset.user_index(user_id)
    require_curves(predictor)
    return view_of_user(predictor, user, beside(ws, run_id, origin, baseline))


def topic(
    ws: Workspace,
    run_id: str,
    user_id: str,
    text: str,
    origin: Origin = "cut",
    weights: Mapping[str, float] | None = None,
) -> TopicView:
    """Return one user's curve for typed words, with the items that they matched.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        text: The topic's words.
        origin: ``cut`` or ``now``.
        weights: Item id -> weight from 0 to 1, in place of the matched weight; may add items.

    Raises:
        NotFoundError: If there is no such run, the log has no such user, or a weight names no item.
        InvalidSettingError: If a weight is outside 0 to 1.
        UnsupportedError: If no item matches, or there are no curves.
    """
    predictor = ws.predictor(run_id, origin)
    require_curves(predictor)
    user = predictor.dataset.user_index(user_id)
    match = topics.match_topic(predictor, text, weights)
    return topic_view.topic_view(predictor, user, match, beside(ws, run_id, origin))


def user_lists(ws: Workspace, run_id: str, origin: Origin = "cut") -> UserLists:
    """Return all users with what they did and will do, ready to be listed and searched.

    Raises:
        NotFoundError: If there is no such run.
        UnsupportedError: If there are no curves.
    """
    return remembered_user_lists(ws.predictor(run_id, origin))


def segments(ws: Workspace, run_id: str, origin: Origin = "cut") -> tuple[Segment, ...]:
    """Return the groups of users that a cohort can be drawn from: by rule, and by clusters of user states.

    Raises:
        NotFoundError: If there is no such run.
        UnsupportedError: If there are no curves.
    """
    return remembered_segments(ws.predictor(run_id, origin))


def cohort(ws: Workspace, run_id: str, segment: str, origin: Origin = "cut", baseline: str = "") -> CohortView:
    """Return predicted against actual active days of a segment, named by its key (see `segments`).

    Args:
        ws: The workspace.
        run_id: The run.
        segment: Key of the segment.
        origin: ``cut`` or ``now``.
        baseline: As in `user_view`.

    Raises:
        NotFoundError: If there is no such run, segment or baseline.
        UnsupportedError: If there are no curves.
    """
    predictor = ws.predictor(run_id, origin)
    found = find_segment(predictor, segment)
    return cohort_view(predictor, found, beside(ws, run_id, origin, baseline))
