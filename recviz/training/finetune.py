"""Fine-tune a run from beginning to end: choose the number of passes, refit, write the model.

A generator: a page, a command and a test each consume its steps, and to cancel is to stop iterating. It resumes from the
newest complete checkpoint in the run's folder, and then goes on exactly as if it had never stopped.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from recviz.data.dataset import Dataset
from recviz.errors import InvalidLogError
from recviz.model.assembly import collator_facts
from recviz.model.checkpoint import (
    CHECKPOINTS,
    fault_of,
    keep_newest,
    newest_complete,
    read_facts,
    read_tensors,
    sync,
    write_folder,
)
from recviz.model.config import RunConfig
from recviz.model.level import LevelSpread
from recviz.model.predictor import MODEL
from recviz.training.level import level_error, past_origins, spread_of
from recviz.training.preparing import CHOOSING, REFIT, Preparation
from recviz.training.shared import leave_shared, take_off_shared
from recviz.training.stage import Stage
from recviz.training.validation import NDCG, Validation

WRITING = "writing the model"
LITTLE_HIDDEN = "Not trained anew: validation hid less than a fiftieth of the events"
REFIT_FROM = 10_000_000
"""Number of the first checkpoint of the refit, so that it counts as newer than those before it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of training, or one validation."""

    phase: str
    """``reading texts``, ``choosing passes``, ``refit`` or ``writing the model``."""
    step: int
    """Steps done in this phase."""
    steps: int
    """Steps that this phase takes at most."""
    pass_: int
    losses: dict[str, float] = field(default_factory=dict)
    validation: float | None = None
    """Weighted validation loss, at the end of a pass."""
    note: str = ""
    """What the log of the run should say."""


@dataclass
class _Search:
    """The search for the number of passes."""

    best: float = float("inf")
    """What decides, lower is better: the validation loss, or the negative NDCG of a run that ranks one next item."""
    best_passes: int = 0
    best_step: int = 0
    """The checkpoint whose averaged weights were best; 0 before the first validation."""
    worse: int = 0
    best_words: str = ""

    def see(self, loss: dict[str, float], passes: int, step: int) -> None:
        """Note what validation found."""
        found, words = loss["total"], f"validation loss {loss['total']:.4f}"
        if NDCG in loss:
            found, words = -loss[NDCG], f"{NDCG} {loss[NDCG]:.4f}"
        self.worse += 1
        if found < self.best:
            self.best, self.best_words, self.best_passes, self.best_step, self.worse = found, words, passes, step, 0


def _never() -> bool:
    return False


def finetune(
    dataset: Dataset,
    config: RunConfig,
    folder: Path,
    cache: Path,
    device: torch.device,
    ends_early: Callable[[], bool] = _never,
) -> Iterator[Progress]:
    """Fine-tune a model on a dataset, yielding after every optimiser step.

    Args:
        dataset: The log.
        config: All settings of the run.
        folder: The run's folder; checkpoints and the model are written below it.
        cache: Folder for activations that runs share.
        device: Where to train.
        ends_early: Asked after every step; once it says yes, training ends and the best so far becomes the model.

    Raises:
        InvalidLogError: If nothing is left to learn from before the cut.
        DivergedError: If a loss is not a number.
        RunFailedError: If the weights to start from are missing, damaged or do not fit.
        BackboneError: If the language model cannot be had.
    """
    if device.type == "cpu":
        torch.use_deterministic_algorithms(mode=True)
    run = Preparation(dataset, config, folder, cache, device)
    if not len(run.view(REFIT).users()):
        raise InvalidLogError.of("No user has an event before the origin", "the log", "Choose a later origin")
    yield Progress("reading texts", 0, 1, 0)
    name, search = CHOOSING, _Search()
    if not run.chooses:
        name, search.best_passes = REFIT, config.continued_passes
    saved, passed_over = newest_complete(folder / CHECKPOINTS)
    if saved is not None:
        facts = read_facts(saved)
        name, search = facts["stage"], _Search(**facts["search"])
    yield Progress("reading texts", 1, 1, 0, note=_where_from(run, saved, passed_over))
    if name == CHOOSING:
        stage = run.stage(CHOOSING, config.passes)
        yield from _fit(run, stage, search, saved, ends_early)
        if not run.refits or ends_early():
            yield from _end(run, stage, search, early=ends_early())
            return
        saved = None
        del stage
    stage = run.stage(REFIT, config.passes if run.chooses else config.continued_passes)
    yield from _fit(run, stage, search, saved, ends_early)
    early = stage.pass_ < _most_passes(stage, search)
    if early and search.best_step:
        stage = run.stage(CHOOSING, config.passes)  # what was validated, with all that was measured for it
        stage.pass_, stage.step = search.best_passes, search.best_step
    yield from _end(run, stage, search, early=early)


def _most_passes(stage: Stage, search: _Search) -> int:
    """Return how many passes a stage takes at most.

    A refit repeats what was validated: the chosen passes of the same plan, with the same learning rate at each step. A plan
    of its own, in which the rate goes to zero within those passes, would make other weights than those that were chosen.
    """
    return max(1, search.best_passes) if stage.name == REFIT else stage.passes


def _fit(
    run: Preparation, stage: Stage, search: _Search, saved: Path | None, ends_early: Callable[[], bool]
) -> Iterator[Progress]:
    """Train a stage pass by pass."""
    validation = run.validation() if stage.name == CHOOSING else None
    if saved is not None:
        names = [path.stem for path in saved.glob("*.safetensors")]
        stage.restore({name: read_tensors(saved, name) for name in names}, read_facts(saved))
    most = _most_passes(stage, search)
    total = most * stage.steps_per_pass
    if run.carried and saved is None:
        yield Progress(stage.name, stage.step, total, stage.pass_, note=run.carried)
    enough = run.config.patience if stage.name == CHOOSING else math.inf
    while stage.pass_ < most and search.worse < enough and not ends_early():
        for losses in stage.run_pass():
            yield Progress(stage.name, stage.step, total, stage.pass_ + 1, losses)
            if ends_early() and stage.batch < stage.steps_per_pass:
                break
            if stage.step % run.config.checkpoint_every == 0 and stage.batch < stage.steps_per_pass:
                _save(run, stage, search)  # the end of a pass is saved below: no checkpoint is ever written twice
        if validation is not None:
            yield _validate(stage, validation, search, total)
        _save(run, stage, search)


def _validate(stage: Stage, validation: Validation, search: _Search, total: int) -> Progress:
    """Judge the averaged weights; a pass that was broken off counts as one."""
    held = stage.swap_in_average()
    stage.texts.refresh()
    take_off_shared(stage)
    loss = validation.loss(stage)
    leave_shared(stage)
    stage.load(held)
    passes = stage.pass_ + (stage.batch > 0)
    search.see(loss, passes, stage.step)
    losses = {f"validation {name}": value for name, value in loss.items()}
    return Progress(stage.name, stage.step, total, passes, losses, loss["total"])


def _end(run: Preparation, stage: Stage, search: _Search, *, early: bool) -> Iterator[Progress]:
    """Put the weights to keep in place and write the model."""
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
        yield Progress(WRITING, done, len(origins) + 1, stage.pass_)
        errors.append(level_error(run.dataset, run.split, run.items, run.config, origin))
    _write_model(run, stage, search, spread_of([error for error in errors if error is not None]))
    yield Progress(
        WRITING,
        len(origins) + 1,
        len(origins) + 1,
        stage.pass_,
        note=f"Training ended early, as asked. {note}" if early else note,
    )


def _save(run: Preparation, stage: Stage, search: _Search) -> None:
    """Write a checkpoint between optimiser steps, and drop those that are neither new nor the best."""
    number = stage.step + (stage.name == REFIT) * REFIT_FROM
    checkpoints = run.folder / CHECKPOINTS
    for told in run.folder.glob("*.jsonl"):
        sync(told)  # after a loss of power, what led to this checkpoint is on the disk too
    facts = stage.facts() | {"search": vars(search), "made_with": _made_with(run)}
    write_folder(checkpoints / f"step-{number}", stage.tensors(), facts)
    keep_newest(checkpoints, run.config.checkpoints_kept, also=f"step-{search.best_step}")


def _write_model(run: Preparation, stage: Stage, search: _Search, level: LevelSpread) -> None:
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


def _made_with(run: Preparation) -> dict[str, str]:
    """Return what must be the same for a resumed run to equal an uninterrupted one bit for bit."""
    return {"torch": torch.__version__, "threads": str(torch.get_num_threads()), "device": str(run.device)}


def _where_from(run: Preparation, saved: Path | None, passed_over: list[str]) -> str:
    """Say which checkpoint a resumed run goes on from, why not from a newer one, and whether the machine changed."""
    why = "; ".join(passed_over)
    if saved is None:
        return f"Started from the beginning; no checkpoint is complete: {why}" if why else ""
    now, then = _made_with(run), read_facts(saved)["made_with"]
    changed = ", ".join(f"{name} {now[name]} instead of {then[name]}" for name in now if now[name] != then[name])
    told = [f"Resumed from {saved.name}"]
    if why:
        told.append(f"newer ones were passed over: {why}")
    if changed:
        told.append(f"the last digits may differ from an uninterrupted run, with {changed}")
    return "; ".join(told)
