"""Train the model without text on a stored log and write whom it recommends what, for ``rank_score.py``.

    python -m benchmarks.without_text WORKSPACE DATASET RUN RECS.parquet [--preset fast] [--split leave-one-out] ...

It is what `recviz evaluate --baselines all` trains beside a run, from the same settings, but without the run: the figures
that a run has to beat cost one training, and it can go on by the side of the run's. ``RUN`` is the folder of the training,
which goes on where it was broken off.
"""

import argparse
from pathlib import Path

import torch

from recviz.baselines.sequence import config_without_text, without_text
from recviz.data.dataset import Dataset
from recviz.model.checkpoint import MARKER
from recviz.model.config import preset_config
from recviz.model.predictor import MODEL, load_predictor
from recviz.recommend.ranking import recommend_table
from recviz.training.finetune import finetune


def main() -> None:
    """Train, tell of every validation, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("dataset")
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--split", default="leave-one-out")
    parser.add_argument("--origin", default=None)
    parser.add_argument("--period", default="week")
    parser.add_argument("--horizon", type=int, default=13)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    dataset = without_text(Dataset(asked.workspace / "datasets" / asked.dataset))
    wanted = {name: getattr(asked, name) for name in ("split", "period", "horizon", "seed")}
    config = config_without_text(preset_config(asked.preset, dataset=dataset.id, cut=asked.origin, **wanted))
    if not (asked.run / MODEL / MARKER).is_file():
        asked.run.mkdir(parents=True, exist_ok=True)
        config.write(asked.run)
        for step in finetune(dataset, config, asked.run, asked.run / "cache", torch.device("cpu")):
            if step.validation is not None or step.note:
                print(step.phase, step.pass_, step.validation, step.note, flush=True)
    recommend_table(load_predictor(dataset, asked.run, "cut", "cpu"), 200, exclude_seen=True).to_parquet(asked.out)


if __name__ == "__main__":
    main()
