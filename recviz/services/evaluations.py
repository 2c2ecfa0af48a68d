"""Is the model any good: its backtest beside honest baselines."""

from pathlib import Path

import pandas as pd

from recviz.errors import NotFoundError
from recviz.evaluate.backtest import FOLDER, evaluate_run
from recviz.evaluate.result import PERIODS_FILE, USERS_FILE, Evaluation
from recviz.evaluate.steps import Report
from recviz.forecast.categories import remembered_categories
from recviz.services.workspace import Workspace


def evaluation(workspace: Workspace, run_id: str) -> Evaluation:
    """Return what the backtest of a run found when it ended.

    Raises:
        NotFoundError: If there is no such run, or it was not evaluated.
    """
    return Evaluation.read(workspace.run_folder(run_id) / FOLDER)


def evaluate(
    workspace: Workspace,
    run_id: str,
    progress: Report = lambda _what, _done, _all: None,
    baselines: str | None = None,
) -> Evaluation:
    """Do the backtest of a finished run anew and keep it.

    Args:
        workspace: The workspace.
        run_id: The run.
        progress: Told about each step.
        baselines: What it is judged beside, see `recviz.baselines.choice.chosen`; ``None`` as its own setting says.

    Raises:
        InvalidSettingError: If a baseline is unknown.
        NotFoundError: If there is no such run or its dataset is gone.
        RunFailedError: If the run has no complete model.
        UnsupportedError: If nothing was held out that could be scored.
    """
    predictor = workspace.predictor(run_id, "cut")
    return evaluate_run(
        predictor,
        workspace.run_folder(run_id),
        progress,
        remembered_categories,
        baselines=workspace.run_config(run_id).baselines if baselines is None else baselines,
        later=lambda: workspace.predictor(run_id, "now"),
    )


def user_results(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """Return one row per user: see `recviz.evaluate.result.USERS_FILE`.

    Raises:
        NotFoundError: If the run was not evaluated, or its log has an order only.
    """
    return _read(workspace.run_folder(run_id) / FOLDER / USERS_FILE)


def period_results(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """Return one row per user and period: see `recviz.evaluate.result.PERIODS_FILE`.

    Raises:
        NotFoundError: If the run was not evaluated, or its log has an order only.
    """
    return _read(workspace.run_folder(run_id) / FOLDER / PERIODS_FILE)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise NotFoundError.of(
            "This run has no backtest of its users",
            str(path.parent),
            "Wait for the run to finish, or run recviz evaluate",
        )
    return pd.read_parquet(path)
