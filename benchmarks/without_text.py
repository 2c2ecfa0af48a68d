"""Train the model without text on a stored log and write whom it recommends what, for ``rank_score.py``.

    python -m benchmarks.without_text WORKSPACE DATASET FOLDER RECS.parquet [--preset fast] [--origin DAY] [--keep-seen]

It is the model that `recviz evaluate --baselines all` trains beside a run of a preset with nothing else set, but without
that run, and may be trained while the run is. Without an origin each user's last event is held out. ``FOLDER`` holds the
training, which goes on where it was broken off; with other settings than it was begun with it is refused.
"""

import argparse
from pathlib import Path
from typing import get_args

import torch

from recviz.baselines.sequence import config_without_text, without_text
from recviz.data.dataset import Dataset
from recviz.data.split import Period
from recviz.model.checkpoint import MARKER
from recviz.model.config import Preset, RunConfig, preset_config
from recviz.model.predictor import MODEL, load_predictor
from recviz.recommend.ranking import recommend_table
from recviz.training.finetune import finetune


def main() -> None:
    """Train, tell of every validation, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("dataset")
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--preset", choices=get_args(Preset), default="fast")
    parser.add_argument("--origin", help="first day held out, such as 2013-08-01")
    parser.add_argument("--period", choices=get_args(Period), default="week")
    parser.add_argument("--horizon", type=int, default=13)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep-seen", action="store_true", help="rank what users have had before, too")
    asked = parser.parse_args()
    dataset = without_text(Dataset(asked.workspace / "datasets" / asked.dataset))
    wanted = {name: getattr(asked, name) for name in ("period", "horizon", "seed")}
    split = "time" if asked.origin else "leave-one-out"
    config = preset_config(asked.preset, dataset=dataset.id, split=split, cut=asked.origin, **wanted)
    train(dataset, config_without_text(config), asked.folder)
    predictor = load_predictor(dataset, asked.folder, "cut", "cpu")
    recommend_table(predictor, 200, exclude_seen=not asked.keep_seen).to_parquet(asked.out)


def train(dataset: Dataset, config: RunConfig, folder: Path) -> None:
    """Train, or go on, or leave a model that is there as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "config.json").is_file() and RunConfig.read(folder) != config:
        raise SystemExit(f"{folder} holds a training with other settings: choose another folder")
    config.write(folder)
    if not (folder / MODEL / MARKER).is_file():
        for step in finetune(dataset, config, folder, folder / "cache", torch.device("cpu")):
            if step.validation is not None or step.note:
                print(step.phase, step.pass_, step.validation, step.note, flush=True)


if __name__ == "__main__":
    main()
