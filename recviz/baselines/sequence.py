"""The same model without text: what a sequence of bare item ids is worth, tuned as the run itself is."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.baselines.ranking import Scores
from recviz.data.dataset import Dataset
from recviz.errors import RunFailedError
from recviz.model.checkpoint import CHECKPOINTS, MARKER
from recviz.model.config import RunConfig
from recviz.model.loading import split_of
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import MODEL, Predictor, load_predictor
from recviz.training.finetune import finetune
from recviz.training.preparing import CHOOSING, REFIT, refits

Told = Callable[[float], None]
"""Called with the share of the training that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class SequenceWithoutText:
    """Ranks by the chance of the next event under a model that has never read a title."""

    twin: Predictor
    name: str = "the same model without text"

    def scores(self, users: NDArray[np.intp]) -> Scores:
        """See `recviz.baselines.ranking.Ranker`."""
        twin = self.twin
        said = twin.predict([twin.history(int(user)) for user in users], [twin.instant_of(int(user)) for user in users])
        with torch.inference_mode():
            return np.asarray(mark_probabilities(said, twin.item_vectors, 0).float().cpu().numpy())


def train_without_text(predictor: Predictor, folder: Path, told: Told) -> SequenceWithoutText:
    """Train the run's own settings on the run's own log and cut, without the texts, or open what was trained before.

    The number of passes is chosen on the same validation window, and the model is fitted anew on everything before the
    cut where the run's is. Every item has a vector of its own, however rare it is, since it has nothing else.

    Args:
        predictor: The run, at its cut.
        folder: Where the model is kept; a training that was broken off goes on.
        told: Told about every step; what it raises stops the training.

    Raises:
        RunFailedError: If it yields no model of the same candidates.
    """
    dataset, config = without_text(predictor.dataset), config_without_text(predictor.config)
    if _config_there(folder) != config:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        config.write(folder)
    if not (folder / MODEL / MARKER).is_file():
        stages = (CHOOSING, REFIT) if refits(dataset, split_of(dataset, config), config) else (CHOOSING,)
        for step in finetune(dataset, config, folder, folder / "cache", predictor.device):
            if step.phase in stages:
                told((step.step / max(step.steps, 1) + stages.index(step.phase)) / len(stages))
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    twin = load_predictor(dataset, folder, "cut", predictor.device.type)
    if not np.array_equal(twin.candidates, predictor.candidates):
        raise RunFailedError.of(
            "The model without text ranks other items than the run", str(folder.name), "Judge the run anew"
        )
    return SequenceWithoutText(twin)


def without_text(dataset: Dataset) -> Dataset:
    """Open the same log with items that have no text."""
    bare = Dataset(dataset.folder)
    bare.manifest = replace(dataset.manifest, text_fields=())
    return bare


def config_without_text(config: RunConfig) -> RunConfig:
    """Return the settings of the twin: nothing of the language model is tuned, and each item has its own vector."""
    return replace(config, tuning="frozen", min_identity_events=1, identity_dropout=0.0, continues="", error_weight=0.0)


def _config_there(folder: Path) -> RunConfig | None:
    try:
        return RunConfig.read(folder)
    except (OSError, TypeError, ValueError):  # none, or one of another version
        return None
