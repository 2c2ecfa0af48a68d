"""Every task's main measure, user by user: what a paired comparison of two runs needs, kept beside the evaluation."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from recviz.baselines.shares import past_mix
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.whole import write_whole
from recviz.evaluate.answers import ask_hits, ask_values, ask_volume_and_mix
from recviz.evaluate.backtest import Groups
from recviz.evaluate.held_out import (
    RANKING_DAYS,
    Activity,
    activity_after,
    categories_after,
    last_event_targets,
    targets_after,
    valued_pairs,
)
from recviz.evaluate.judging import LAST_SORTS, SORTS, is_judged
from recviz.evaluate.ranking import Targets, user_ndcg
from recviz.evaluate.result import TaskName
from recviz.evaluate.shares import user_log_loss
from recviz.evaluate.tasks import MAIN_CUT
from recviz.evaluate.value_task import user_value_losses
from recviz.model.predictor import Predictor

SCORES_FILE = "user_scores.parquet"
"""One row per task and user: ``task`` (all but counts), ``user_id, value`` (the task's main measure)."""

Floats = NDArray[np.float64]
TASKS = len(SORTS) + 2
"""Tasks that have scores of single users, at most."""


def user_scores(predictor: Predictor, grouping: Callable[[Predictor], Groups]) -> Iterator[pd.DataFrame]:
    """Ask the model at its cut about shares and next items, and score each user; activity is in other files already.

    Args:
        predictor: A run opened at its cut.
        grouping: Gives the categories whose shares are judged (`recviz.forecast.categories.categories_of`).

    Yields:
        The rows of `SCORES_FILE`, task by task; `TASKS` at most.

    Raises:
        RunFailedError: If the model's answers are not finite.
    """
    asked = _last_events(predictor) if predictor.split.kind != "time" else _after_the_cut(predictor, grouping)
    for task, users, values in asked:
        yield pd.DataFrame({"task": task, "user_id": predictor.dataset.user_ids[users], "value": values})


def write_user_scores(folder: Path, scores: Sequence[pd.DataFrame]) -> None:
    """Write `SCORES_FILE` into the evaluation's folder, whole or not at all."""
    empty = pd.DataFrame(
        {"task": pd.Series(dtype=str), "user_id": pd.Series(dtype=str), "value": pd.Series(dtype=float)}
    )
    table = pd.concat(scores, ignore_index=True) if scores else empty
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), buffer, compression="zstd")
    write_whole(folder / SCORES_FILE, buffer.getvalue())


Answer = tuple[TaskName, NDArray[np.intp], Floats]
"""A task, rows of the user table, and their values."""


def _after_the_cut(predictor: Predictor, grouping: Callable[[Predictor], Groups]) -> Iterator[Answer]:
    activity = activity_after(predictor)
    if activity.scored and len(activity.users):
        yield _shares(predictor, activity, grouping(predictor))
    days = min(RANKING_DAYS, activity.covered.days) if activity.scored else 0
    for name, which in SORTS:
        yield from _ranking(predictor, name, targets_after(predictor, days, which))
    yield from _values(predictor, activity.covered.days if activity.scored else 0)


def _last_events(predictor: Predictor) -> Iterator[Answer]:
    for name, which in LAST_SORTS:
        yield from _ranking(predictor, name, last_event_targets(predictor, which))
    yield from _values(predictor, 0)


def _shares(predictor: Predictor, activity: Activity, groups: Groups) -> Answer:
    """Score the users with target events before and after the cut, as `recviz.evaluate.tasks.share_task` does."""
    count, is_target, users = len(groups.labels), predictor.dataset.target_kinds, activity.users
    since = (activity.horizon.origin - activity.horizon.days) * MICROSECONDS_PER_DAY
    past = past_mix(predictor.view, is_target, groups.code, count, since).own[users]
    actual = categories_after(predictor, groups.code, count, activity.covered)[users]
    both = (past.sum(axis=1) > 0) & (actual.sum(axis=1) > 0)
    if not both.any():
        return "shares", users[:0], np.empty(0)
    weights = np.eye(count)[groups.code[predictor.candidates]]
    _, events = ask_volume_and_mix(predictor, users[both], weights, lambda: None)
    expected = np.zeros((0, count)) if events is None else events[:, : activity.scored].sum(axis=1)
    return "shares", users[both], user_log_loss(actual[both], expected)


def _ranking(predictor: Predictor, name: TaskName, targets: Targets) -> Iterator[Answer]:
    if is_judged(name, targets):
        yield name, targets.users, user_ndcg(ask_hits(predictor, targets), targets.count, MAIN_CUT)


def _values(predictor: Predictor, days: int) -> Iterator[Answer]:
    kind = predictor.dataset.manifest.value_type
    pairs = None if kind == "none" else valued_pairs(predictor, days)
    if pairs is not None and pairs.can_be_judged:
        said = ask_values(predictor, pairs)
        users, losses = user_value_losses(pairs, said, is_chance=kind == "yes_no")
        yield "value", users.astype(np.intp), losses
