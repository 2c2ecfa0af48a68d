"""Fine-tune a run from beginning to end: choose the number of passes, refit, write the model.

A generator: a page, a command and a test each consume its steps, and to cancel is to stop iterating. It resumes from the
newest complete checkpoint in the run's folder, and then goes on exactly as if it had never stopped.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from recviz.data.dataset import Dataset
from recviz.data.sequences import LogView
from recviz.data.split import Split, training_view
from recviz.errors import InvalidLogError
from recviz.model.assembly import RunItems, candidate_items, collator_facts, event_counts, fit_collator
from recviz.model.checkpoint import newest_complete, read_facts, read_tensors, write_folder
from recviz.model.config import RunConfig
from recviz.model.loading import build_network, split_of
from recviz.model.predictor import MODEL
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder
from recviz.text.items import item_texts
from recviz.training.stage import Stage
from recviz.training.targets import TargetRules
from recviz.training.texts import TextTable
from recviz.training.validation import Validation

CHECKPOINTS = "checkpoints"
KEPT_CHECKPOINTS = 2
CHOOSING, REFIT = "choosing passes", "refit"


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

    best_loss: float = float("inf")
    best_passes: int = 0
    worse: int = 0
    losses: list[float] = field(default_factory=list)

    def see(self, loss: float, passes: int) -> bool:
        """Note a validation loss; return whether it is the best so far."""
        self.losses.append(loss)
        if loss < self.best_loss:
            self.best_loss, self.best_passes, self.worse = loss, passes, 0
            return True
        self.worse += 1
        return False


class _Run:
    """What stays the same from stage to stage."""

    def __init__(self, dataset: Dataset, config: RunConfig, folder: Path, cache: Path, device: torch.device) -> None:
        self.dataset, self.config, self.folder, self.cache, self.device = dataset, config, folder, cache, device
        self.split: Split = split_of(dataset, config)
        self.items: RunItems = candidate_items(dataset, self.split)
        chosen = dataset.items.iloc[self.items.rows]
        self.texts = [text.text for text in item_texts(chosen, dataset.manifest.text_fields)]

    def view(self, name: str) -> LogView:
        return training_view(self.dataset, self.split, with_validation=name == REFIT or not self.can_validate)

    @property
    def can_validate(self) -> bool:
        """Whether history is left when the validation window is hidden too."""
        return len(training_view(self.dataset, self.split, with_validation=False).users()) > 0

    def stage(self, name: str, passes: int) -> Stage:
        torch.manual_seed(self.config.seed)
        view = self.view(name)
        end = self.split.validation if name == CHOOSING and self.can_validate else self.split.cut
        collator = fit_collator(view, end, self.dataset, self.split, self.items, self.config)
        encoder = TextEncoder(load_backbone(self.config.backbone), self.config.max_tokens)
        texts = TextTable(encoder, self.texts, self.config, self.cache, self.device)
        network = build_network(self.config, self.dataset, collator, (len(self.items.rows), encoder.width))
        known = torch.from_numpy(
            event_counts(view, self.dataset.target_kinds, self.items) >= self.config.min_identity_events
        )
        network.describe_items(texts.pretrained.cpu(), known)
        rules = TargetRules(collator=collator, split=self.split, end=end, origins=self.config.origins)
        return Stage(name, self.config, network.to(self.device), texts, view, rules, passes, self.device)

    def validation(self) -> Validation | None:
        if not self.can_validate:
            return None
        before = training_view(self.dataset, self.split, with_validation=False)
        return Validation(
            self.dataset, self.split, before, training_view(self.dataset, self.split, with_validation=True)
        )


def finetune(
    dataset: Dataset, config: RunConfig, folder: Path, cache: Path, device: torch.device
) -> Iterator[Progress]:
    """Fine-tune a model on a dataset, yielding after every optimiser step.

    Args:
        dataset: The log.
        config: All settings of the run.
        folder: The run's folder; checkpoints and the model are written below it.
        cache: Folder for activations that runs share.
        device: Where to train.

    Raises:
        InvalidLogError: If nothing is left to learn from before the cut.
        RunFailedError: If a loss is not a number.
        BackboneError: If the language model cannot be had.
    """
    if device.type == "cpu":
        torch.use_deterministic_algorithms(mode=True)
    run = _Run(dataset, config, folder, cache, device)
    if not len(run.view(REFIT).users()):
        raise InvalidLogError.of("No user has an event before the origin", "the log", "Choose a later origin")
    yield Progress("reading texts", 0, 1, 0)
    name, search = CHOOSING, _Search()
    saved, passed_over = newest_complete(folder / CHECKPOINTS)
    if saved is not None:
        facts = read_facts(saved)
        name, search = facts["stage"], _Search(**facts["search"])
        yield Progress("reading texts", 1, 1, 0, note=_resumed(saved, passed_over))
    if name == CHOOSING:
        stage = run.stage(CHOOSING, config.passes)
        yield from _fit(run, stage, search, saved)
        saved = None
        if not config.refit or run.validation() is None:
            _write_model(run, stage, search)
            yield Progress("writing the model", 1, 1, stage.pass_)
            return
        del stage
    stage = run.stage(REFIT, max(1, search.best_passes))
    yield from _fit(run, stage, search, saved)
    _write_model(run, stage, search)
    yield Progress("writing the model", 1, 1, stage.pass_)


def _fit(run: _Run, stage: Stage, search: _Search, saved: Path | None) -> Iterator[Progress]:
    """Train a stage pass by pass; at its end the stage holds the weights to keep."""
    validation = run.validation() if stage.name == CHOOSING else None
    best = run.folder / CHECKPOINTS / "best"
    if saved is not None:
        names = [path.stem for path in saved.glob("*.safetensors")]
        stage.restore({name: read_tensors(saved, name) for name in names}, read_facts(saved))
    total = stage.passes * stage.steps_per_pass
    while stage.pass_ < stage.passes and search.worse < run.config.patience + (stage.name == REFIT) * stage.passes:
        for losses in stage.run_pass():
            yield Progress(stage.name, stage.step, total, stage.pass_ + 1, losses)
            if stage.step % run.config.checkpoint_every == 0:
                _save(run, stage, search)
        if validation is not None:
            held = stage.swap_in_average()
            stage.texts.refresh()
            loss = validation.loss(stage)
            if search.see(loss["total"], stage.pass_):
                write_folder(best, {"weights": stage.averaged}, {"pass": stage.pass_})
            stage.load(held)
            yield Progress(
                stage.name,
                stage.step,
                total,
                stage.pass_,
                {f"validation {k}": v for k, v in loss.items()},
                loss["total"],
            )
        _save(run, stage, search)
    stage.load(
        {k: v.to(run.device) for k, v in read_tensors(best, "weights").items()} if validation else stage.averaged
    )
    stage.texts.refresh()


def _save(run: _Run, stage: Stage, search: _Search) -> None:
    """Write a checkpoint between optimiser steps, and drop the oldest."""
    number = stage.step + (stage.name == REFIT) * 10_000_000
    folder = run.folder / CHECKPOINTS / f"step-{number}"
    write_folder(folder, stage.tensors(), stage.facts() | {"search": vars(search)})
    kept = sorted((run.folder / CHECKPOINTS).glob("step-*"), key=lambda path: int(path.name.split("-")[1]))
    for old in kept[:-KEPT_CHECKPOINTS]:
        shutil.rmtree(old)


def _write_model(run: _Run, stage: Stage, search: _Search) -> None:
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
        "passes": stage.pass_,
        "steps": stage.step,
        "search": vars(search),
        "backbone": stage.texts.encoder.fingerprint,
        "device": str(run.device),
        "torch": torch.__version__,
    }
    write_folder(run.folder / MODEL, tensors, facts)


def _resumed(saved: Path, passed_over: list[str]) -> str:
    note = f"Resumed from {saved.name}"
    return f"{note}; newer ones were passed over: {'; '.join(passed_over)}" if passed_over else note
