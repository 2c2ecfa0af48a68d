"""Everything that a run says, copied out in one go: a folder or a zip that is whole or not there."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from recviz.errors import InvalidSettingError
from recviz.evaluate.backtest import FOLDER as EVALUATION_FOLDER
from recviz.evaluate.result import FILE as EVALUATION_FILE
from recviz.forecast.categories import remembered_categories
from recviz.model.predictor import Predictor
from recviz.services import forecasts, recommendations
from recviz.services.exports import TableFormat, write_table
from recviz.services.versions import versions
from recviz.services.workspace import Origin, Workspace

TOP = 50
"""Recommendations of each user in a bundle; ``recommend_table`` gives any number."""

Told = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1."""


def export_run(
    ws: Workspace,
    run_id: str,
    out: Path,
    form: TableFormat = "parquet",
    origin: Origin = "cut",
    told: Told = lambda _words, _done: None,
) -> Path:
    """Write a run's forecast, shares, recommendations, evaluation and settings, from one opened model.

    Args:
        ws: The workspace.
        run_id: The run.
        out: A new folder, or a new file that ends in ``.zip``.
        form: Of the tables; ``csv`` is made safe for spreadsheets.
        origin: ``cut`` or ``now``.
        told: Told about each step.

    Raises:
        NotFoundError: If there is no such run.
        RunFailedError: If it has no complete model.
        InvalidSettingError: If ``out`` exists or its folder cannot be written to.
    """
    if out.exists():
        raise InvalidSettingError.of(f"{out} exists already", "--out", "Name a new folder or file")
    predictor = ws.predictor(run_id, origin)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:80]}."))
    except OSError as error:
        raise InvalidSettingError.of(
            f"Nothing can be written to {out.parent}: {error.strerror}", str(out), "Name another place"
        ) from error
    try:
        folder = temporary / out.stem
        folder.mkdir()
        _fill(ws, run_id, predictor, folder, form, told)
        if out.suffix.lower() == ".zip":
            told("packing", 0.95)
            archive = shutil.make_archive(str(temporary / "packed"), "zip", temporary, folder.name)
            Path(archive).replace(out)
        else:
            folder.rename(out)
    finally:
        shutil.rmtree(temporary)
    told("done", 1.0)
    return out


def _fill(ws: Workspace, run_id: str, predictor: Predictor, folder: Path, form: TableFormat, told: Told) -> None:
    if predictor.dataset.has_times and predictor.split.kind == "time":
        told("forecast", 0.05)
        write_table(forecasts.forecast_table(ws, run_id, predictor.origin), folder / f"forecast.{form}")
        told("shares", 0.3)
        write_table(
            forecasts.shares_table(ws, run_id, _own_categories(predictor), predictor.origin), folder / f"shares.{form}"
        )
    told("recommendations", 0.6)
    table = recommendations.recommend_table(ws, run_id, TOP, origin=predictor.origin)
    write_table(table, folder / f"recommendations.{form}")
    evaluation = ws.run_folder(run_id) / EVALUATION_FOLDER / EVALUATION_FILE
    if evaluation.is_file():
        shutil.copyfile(evaluation, folder / EVALUATION_FILE)
    about = {
        "run": run_id,
        "model": predictor.fingerprint,
        "origin": predictor.origin,
        "settings": asdict(predictor.config),
        "log": asdict(predictor.dataset.manifest),
        "versions": versions(),
    }
    (folder / "about.json").write_text(json.dumps(about, indent=1, ensure_ascii=False), encoding="utf-8")


def _own_categories(predictor: Predictor) -> pd.DataFrame:
    """Return the log's categories, or the clusters of its texts, as a mapping."""
    categories = remembered_categories(predictor)
    labels = [categories.labels[code] for code in categories.code]
    return pd.DataFrame({"item_id": predictor.dataset.item_ids, "category": labels})
