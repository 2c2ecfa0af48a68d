"""End a run: put the weights to keep in place, measure what only the finished model tells, and write it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from recviz.model.assembly import collator_facts
from recviz.model.checkpoint import CHECKPOINTS, fault_of, read_tensors, write_folder
from recviz.model.level import LevelSpread
from recviz.model.predictor import MODEL
from recviz.training.level import level_error, past_origins, spread_of
from recviz.training.preparing import CHOOSING, Preparation
from recviz.training.progress import Progress, Search
from recviz.training.shared import take_off_shared
from recviz.training.stage import Stage

MEASURING, WRITING = "measuring the level", "writing the model"
LITTLE_HIDDEN = "Not trained anew: validation hid less than a fiftieth of the events"


def end_run(run: Preparation, stage: Stage, search: Search, *, early: bool) -> Iterator[Progress]:
    """Put the weights to keep in place, measure the level that all share, and write the model."""
    weights, note = stage.averaged, ""
    if stage.name == CHOOSING and run.config.refit and run.can_validate and not run.refits and not early:
        yield Progress(stage.name, stage.step, stage.step, stage.pass_, note=LITTLE_HIDDEN)
    if stage.name == CHOOSING and search.best_step:
        best = run.folder / CHECKPOINTS / f"step-{search.best_step}"
        fault = fault_of(best)
        if fault is None:
            weights = read_tensors(best, "average")
            note = f"Kept the best weights, of pass {search.best_passes} ({search.best_words})"
        else:
            note = f"The best weights could not be kept ({best.name}: {fault}): those of the last step were"
    elif early:
        note = f"Kept the weights of step {stage.step}: none had been validated"
    stage.load({name: weight.to(run.device) for name, weight in weights.items()})
    stage.texts.refresh()
    take_off_shared(stage)
    errors, origins = [], past_origins(run.dataset, run.split)
    for done, origin in enumerate(origins):
        yield Progress(MEASURING, done, len(origins), stage.pass_)
        errors.append(level_error(run.dataset, run.split, run.items, run.config, origin))
    yield Progress(WRITING, 0, 1, stage.pass_)
    _write_model(run, stage, search, spread_of([error for error in errors if error is not None]))
    yield Progress(WRITING, 1, 1, stage.pass_, note=f"Training ended early, as asked. {note}" if early else note)


def _write_model(run: Preparation, stage: Stage, search: Search, level: LevelSpread) -> None:
    """Write what inference needs."""
    tuned: dict[str, Tensor] = {
        name.removeprefix("text."): w for name, w in stage.weights.items() if name.startswith("text.")
    }
    state: dict[str, Tensor] = stage.network.state_dict()
    tensors: dict[str, dict[str, Tensor]] = {
        "network": state,
        "tables": {
            "rows": torch.from_numpy(run.items.rows),
            "pooled": stage.texts.vectors,
            "pretrained": stage.texts.pretrained,
        },
    }
    if tuned:
        tensors["text"] = tuned
    facts: dict[str, Any] = {
        "collator": collator_facts(stage.rules.collator),
        "level": asdict(level),
        "passes": stage.pass_,
        "steps": stage.step,
        "search": vars(search),
        "backbone": stage.texts.encoder.fingerprint,
        "device": str(run.device),
        "torch": torch.__version__,
    }
    write_folder(run.folder / MODEL, tensors, facts)
