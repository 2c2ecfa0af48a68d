"""A small log and quick settings for tests that really train."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from recviz.data.dataset import Dataset
from recviz.model.config import RunConfig, preset_config
from recviz.model.predictor import Predictor, load_predictor
from recviz.training.finetune import finetune
from recviz.training.progress import Progress
from tests.logs import make_dataset
from tests.tiny import tiny_log

CUT = "2025-08-25"
QUICK = {"cut": CUT, "horizon": 6, "passes": 2, "width": 16, "layers": 1, "heads": 2, "batch_users": 8, "max_history": 12,
         "max_tokens": 16, "checkpoint_every": 5, "origins": 3, "texts_per_step": 6}  # fmt: skip


def small_frame() -> pd.DataFrame:
    """Return the tiny shop's events in the columns that ``make_dataset`` takes."""
    names = {"customer": "user_id", "product": "item_id", "bought": "timestamp", "amount": "value", "group": "category"}
    frame = tiny_log().rename(columns=names)
    return frame.assign(timestamp=pd.to_datetime(frame.timestamp), value=frame.value.astype(np.float32))


def train(dataset: Dataset, folder: Path, stop_after: int | None = None, **changes: object) -> list[Progress]:
    """Train (or go on) in ``folder``; stop early after so many yields."""
    torch.set_num_threads(1)
    folder.mkdir(exist_ok=True)
    config: RunConfig = preset_config("fast", **{"dataset": dataset.id, **QUICK, **changes})
    config.write(folder)
    seen = []
    for progress in finetune(dataset, config, folder, folder.parent / "cache", torch.device("cpu")):
        seen.append(progress)
        if stop_after is not None and len(seen) >= stop_after:
            break
    return seen


def trained(frame: pd.DataFrame, folder: Path, name: str, **changes: object) -> Predictor:
    """Store a log, train on it, and open the model at the cut."""
    dataset = make_dataset(folder / name, frame)
    train(dataset, folder / f"run-{name}", **changes)
    return load_predictor(dataset, folder / f"run-{name}", "cut", "cpu")
