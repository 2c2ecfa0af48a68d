"""Runs side by side: scores, settings, learning, and the users for whom they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from recviz.data.split import make_split
from recviz.errors import InvalidSettingError, NotFoundError, UnsupportedError
from recviz.evaluate.backtest import FOLDER
from recviz.evaluate.comparison import HeldOut, Judged, RunsCompared, differing_users
from recviz.evaluate.comparison_rows import compare_runs
from recviz.evaluate.result import FILE, PERIODS_FILE, USERS_FILE, Evaluation
from recviz.evaluate.user_scores import SCORES_FILE, TASKS, user_scores, write_user_scores
from recviz.forecast.categories import remembered_categories
from recviz.forecast.user_view import UserView
from recviz.model.config import RunConfig
from recviz.services import forecasts
from recviz.services.workspace import Origin, Workspace

FEWEST = 2


@dataclass(frozen=True, slots=True)
class SettingDifference:
    """A setting that is not the same in all runs."""

    name: str
    """Field of `recviz.model.config.RunConfig`."""
    values: tuple[Any, ...]
    """In the order of the runs."""


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """How far the scores of single users are."""

    run: str
    done: float
    """Share of all runs' work, 0 to 1."""


def compare(ws: Workspace, run_ids: Sequence[str], names: Sequence[str] = ()) -> RunsCompared:
    """Put runs side by side; the first is what the others are compared with.

    Differences of shares and next items have an interval once `work_out` has been drawn for these runs.

    Args:
        ws: The workspace.
        run_ids: Two runs or more.
        names: What to call them; by default what they are called.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        InvalidSettingError: If there are fewer than two runs, or one is named twice.
    """
    if len(run_ids) < FEWEST or len({*run_ids}) < len(run_ids):
        raise InvalidSettingError.of("A comparison needs two different runs or more", "the runs", "Name another run")
    called = names or [ws.jobs.get(run_id).name for run_id in run_ids]
    return compare_runs([_judged(ws, run_id, name) for run_id, name in zip(run_ids, called, strict=True)])


def work_out(ws: Workspace, run_ids: Sequence[str]) -> Iterator[WorkedOut]:
    """Score single users on shares and next items for the runs that lack it, and keep that beside their evaluations.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        RunFailedError: If a run has no complete model.
    """
    lacking = [run_id for run_id in run_ids if _lacks_scores(_folder(ws, run_id))]
    for at, run_id in enumerate(lacking):
        parts: list[pd.DataFrame] = []
        yield WorkedOut(run_id, at / len(lacking))
        for part in user_scores(ws.predictor(run_id, "cut"), remembered_categories):
            parts.append(part)
            yield WorkedOut(run_id, (at + len(parts) / TASKS) / len(lacking))
        write_user_scores(_folder(ws, run_id), parts)
        yield WorkedOut(run_id, (at + 1) / len(lacking))


def setting_differences(ws: Workspace, run_ids: Sequence[str]) -> tuple[SettingDifference, ...]:
    """List the settings that are not the same in all runs, in the settings' own order.

    Raises:
        NotFoundError: If there is no such run.
    """
    configs = [ws.run_config(run_id) for run_id in run_ids]
    told = [
        SettingDifference(spec.name, tuple(getattr(config, spec.name) for config in configs))
        for spec in fields(RunConfig)
        if spec.name != "format"
    ]
    return tuple(one for one in told if len({*map(repr, one.values)}) > 1)


def common_origin(ws: Workspace, run_ids: Sequence[str]) -> Origin:
    """Return where all runs' curves begin on the same day: at the cut where that is the same, else at the log's end.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        UnsupportedError: If their curves never compare: other logs, other lengths of a period, or no weeks.
    """
    held = [held_out(ws, run_id) for run_id in run_ids]
    if len({one.log for one in held}) > 1 or len({one.period for one in held}) > 1:
        raise UnsupportedError.of(
            "The curves of these runs cannot be laid over each other: their logs or their periods differ",
            "the runs",
            "Choose runs of one log and one length of a period",
        )
    if any(one.split != "time" for one in held):
        raise UnsupportedError.of(
            "A run that holds out last events has no curves", "the runs", "Choose runs with a cut in time"
        )
    return "cut" if len({one.instant for one in held}) == 1 else "now"


def user_differences(ws: Workspace, run_ids: Sequence[str], origin: Origin = "cut") -> pd.DataFrame:
    """Order users by how far the runs' expected active days lie apart over the periods that all of them have.

    At the cut this reads what the backtests wrote; at the log's end every model forecasts everybody.

    Returns:
        See `recviz.evaluate.comparison.differing_users`.

    Raises:
        NotFoundError: If there is no such run, or a backtest is missing.
        UnsupportedError: If there are no curves.
    """
    if origin == "cut":
        tables = {run_id: _table(_folder(ws, run_id) / PERIODS_FILE) for run_id in run_ids}
    else:
        tables = {
            run_id: forecasts.forecast_table(ws, run_id, "now")
            .rename(columns={"week": "period", "mean": "model"})
            .filter(["user_id", "period", "model"])
            for run_id in run_ids
        }
    missing = [run_id for run_id, table in tables.items() if table is None]
    if missing:
        raise NotFoundError.of(
            "This run has no backtest of its users", f"run {missing[0]}", "Run recviz evaluate on it, then compare"
        )
    known = {run_id: table for run_id, table in tables.items() if table is not None}
    return differing_users(known, min(int(table["period"].max()) for table in known.values()))


def user_curves(ws: Workspace, run_ids: Sequence[str], user_id: str, origin: Origin) -> tuple[UserView, ...]:
    """Return one user's curve by each run, in the runs' order.

    Raises:
        NotFoundError: If there is no such run, or the log has no such user.
        UnsupportedError: If there are no curves.
        RunFailedError: If a run has no complete model.
    """
    return tuple(forecasts.user_view(ws, run_id, user_id, origin) for run_id in run_ids)


def held_out(ws: Workspace, run_id: str) -> HeldOut:
    """Say what a run is judged on.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
    """
    config = ws.run_config(run_id)
    dataset = ws.dataset(config.dataset)
    split = make_split(dataset, config.split, config.cut, config.period, config.horizon)
    return HeldOut(
        log=config.dataset,
        split=split.kind,
        instant=split.cut,
        period=split.period,
        groups="" if dataset.manifest.has_categories else f"{config.backbone}, {config.max_tokens} tokens",
    )


def _judged(ws: Workspace, run_id: str, name: str) -> Judged:
    folder = _folder(ws, run_id)
    try:
        found = Evaluation.read(folder)
    except NotFoundError:
        found = None
    return Judged(
        run=run_id,
        name=name,
        held_out=held_out(ws, run_id),
        evaluation=found,
        users=_table(folder / USERS_FILE),
        periods=_table(folder / PERIODS_FILE),
        scores=_table(folder / SCORES_FILE) if not _lacks_scores(folder) else None,
    )


def _lacks_scores(folder: Path) -> bool:
    """Whether scores of single users are missing, or older than the evaluation that they belong to."""
    evaluation, scores = folder / FILE, folder / SCORES_FILE
    if not evaluation.is_file():
        return False
    return not scores.is_file() or scores.stat().st_mtime_ns < evaluation.stat().st_mtime_ns


def _folder(ws: Workspace, run_id: str) -> Path:
    return ws.run_folder(run_id) / FOLDER


def _table(path: Path) -> pd.DataFrame | None:
    return pd.read_parquet(path) if path.is_file() else None
