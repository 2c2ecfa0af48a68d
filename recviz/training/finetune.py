"""Fine-tune a run from beginning to end: choose the number of passes, refit, write the model.

A generator: a page, a command and a test each consume its steps, and to cancel is to stop iterating. It resumes from the
newest complete checkpoint in the run's folder, and then goes on exactly as if it had never stopped.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from recviz.data.dataset import Dataset
from recviz.errors import InvalidLogError
from recviz.model.checkpoint import (
    CHECKPOINTS,
    drop_newer,
    keep_newest,
    newest_complete,
    read_facts,
    read_tensors,
    sync,
    write_folder,
)
from recviz.model.config import RunConfig
from recviz.training.ending import end_run
from recviz.training.preparing import CHOOSING, REFIT, Preparation
from recviz.training.progress import Progress, Search
from recviz.training.shared import leave_shared, take_off_shared
from recviz.training.stage import Stage
from recviz.training.validation import Validation

REFIT_FROM = 10_000_000
"""Number of the first checkpoint of the refit, so that it counts as newer than those before it."""


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
    name, search = CHOOSING, Search()
    if not run.chooses:
        name, search.best_passes = REFIT, config.continued_passes
    saved, passed_over = newest_complete(folder / CHECKPOINTS)
    if saved is not None:
        facts = read_facts(saved)
        name, search = facts["stage"], Search(**facts["search"])
    yield Progress("reading texts", 1, 1, 0, note=_where_from(run, saved, passed_over))
    if name == CHOOSING:
        stage = run.stage(CHOOSING, config.passes)
        yield from _fit(run, stage, search, saved, ends_early)
        if not run.refits or ends_early():
            yield from end_run(run, stage, search, early=ends_early())
            return
        anew = f"Training anew up to pass {search.passes_to_repeat}, around which validation was best"
        yield Progress(CHOOSING, stage.step, stage.step, stage.pass_, note=anew)
        saved = None
        del stage
    stage = run.stage(REFIT, config.passes if run.chooses else config.continued_passes)
    yield from _fit(run, stage, search, saved, ends_early)
    early = stage.pass_ < _most_passes(stage, search)
    if early and search.best_step:
        stage = run.stage(CHOOSING, config.passes)  # what was validated, with all that was measured for it
        stage.pass_, stage.step = search.best_passes, search.best_step
    yield from end_run(run, stage, search, early=early)


def _most_passes(stage: Stage, search: Search) -> int:
    """Return how many passes a stage takes at most.

    A refit repeats what was validated: the chosen passes of the same plan, with the same learning rate at each step. A plan
    of its own, in which the rate goes to zero within those passes, would make weights of another kind than was validated.
    """
    return max(1, search.passes_to_repeat) if stage.name == REFIT else stage.passes


def _fit(
    run: Preparation, stage: Stage, search: Search, saved: Path | None, ends_early: Callable[[], bool]
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


def _validate(stage: Stage, validation: Validation, search: Search, total: int) -> Progress:
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


def _save(run: Preparation, stage: Stage, search: Search) -> None:
    """Write a checkpoint between optimiser steps, and drop those that are neither new nor the best."""
    number = stage.step + (stage.name == REFIT) * REFIT_FROM
    checkpoints = run.folder / CHECKPOINTS
    for told in run.folder.glob("*.jsonl"):
        sync(told)  # after a loss of power, what led to this checkpoint is on the disk too
    facts = stage.facts() | {"search": vars(search), "made_with": _made_with(run)}
    write_folder(checkpoints / f"step-{number}", stage.tensors(), facts)
    drop_newer(checkpoints, number)  # what could not be resumed from; not before something stands in for it
    keep_newest(checkpoints, run.config.checkpoints_kept, also=f"step-{search.best_step}")


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
