"""What a run's folder gives out: the model as one file, and what the run used of the machine."""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import IO

import pandas as pd

from recviz.evaluate.backtest import FOLDER as EVALUATION_FOLDER
from recviz.evaluate.result import FILE as EVALUATION_FILE
from recviz.jobs import usage
from recviz.model.checkpoint import read_tensors, require_complete
from recviz.model.config import RunConfig
from recviz.model.predictor import MODEL
from recviz.services.exports import write_whole
from recviz.services.versions import versions
from recviz.services.workspace import Workspace


def pack_model(ws: Workspace, run_id: str, out: Path) -> Path:
    """Write a run's model as a zip: its weights, settings, evaluation, and the ids of its items in their order.

    Args:
        ws: The workspace.
        run_id: The run.
        out: The file to write; one that is there is replaced.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        RunFailedError: If it has no complete model.
        InvalidSettingError: If the folder cannot be written to.
    """
    folder = ws.run_folder(run_id)
    require_complete(folder / MODEL)
    config = RunConfig.read(folder)
    dataset = ws.dataset(config.dataset)
    rows = read_tensors(folder / MODEL, "tables")["rows"].tolist()
    about = {
        "run": run_id,
        "name": ws.jobs.get(run_id).name,
        "log": asdict(dataset.manifest),
        "items": [str(dataset.item_ids[row]) for row in rows],
        "versions": versions(),
    }
    with_name = [
        folder / "config.json",
        *sorted((folder / MODEL).iterdir()),
        folder / EVALUATION_FOLDER / EVALUATION_FILE,
    ]

    def fill(stream: IO[bytes]) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            for path in with_name:
                if path.is_file():
                    archive.write(path, f"{run_id}/{path.relative_to(folder)}")
            archive.writestr(f"{run_id}/about.json", json.dumps(about, indent=1, ensure_ascii=False))

    return write_whole(out, fill)


def model_bytes(ws: Workspace, run_id: str) -> bytes:
    """Return what `pack_model` writes, for a download.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        RunFailedError: If it has no complete model.
    """
    packed = pack_model(ws, run_id, ws.settings.cache / f"{run_id}.zip")
    try:
        return packed.read_bytes()
    finally:
        packed.unlink()


def has_model(ws: Workspace, run_id: str) -> bool:
    """Whether the run has a model to download (its files are checked when it is packed)."""
    return (ws.run_folder(run_id) / MODEL / "complete.json").is_file()


def resources(ws: Workspace, run_id: str) -> pd.DataFrame:
    """Read what the run's worker used of the machine, oldest first; empty before the first sample.

    Returns:
        Columns ``seconds`` (of work on the run, earlier workers included), ``cpu_percent`` (100 is one core),
        ``memory_mb``, and where there is a GPU ``gpu_memory_mb`` and ``gpu_percent`` (empty elsewhere).

    Raises:
        NotFoundError: If there is no such run.
    """
    return usage.read(ws.run_folder(run_id))
