"""What a run costs in time and memory, from the sizes of its log and its settings.

The constants are seconds and megabytes of a reference machine (one core of a 2.5 GHz server); `speed` relates a machine
to it, and earlier runs put the whole right (see `recviz.services.estimates`).
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from recviz.baselines.choice import SEQUENCE, chosen
from recviz.data.dataset import Dataset
from recviz.data.split import make_split, training_view
from recviz.errors import InvalidSettingError
from recviz.jobs.machine import cores, device_words
from recviz.jobs.pace import CHOOSING, EVALUATING, READING, REFIT
from recviz.model.config import RunConfig
from recviz.model.device import pick_device
from recviz.settings import Settings
from recviz.training.counts import MOST_ORIGINS, ROWS
from recviz.training.level import ORIGINS
from recviz.training.level import ROWS as LEVEL_ROWS
from recviz.training.preparing import refits
from recviz.training.windows import batch_size, make_windows

EVENT_SECONDS = 1.3e-4
"""Of one event in a step, for width 96 and two blocks."""
COMPARISON_SECONDS = 1.0e-8
"""Of one set compared with one item."""
SETS_PER_ORIGIN = 2.0
READ_SECONDS = 1.25e-3
"""Of reading one short text with the default language model."""
TUNE_SECONDS = 5.0e-3
"""Of one text with gradient through the whole default language model."""
USER_SECONDS = 5.0e-3
"""Of evaluating one user, beside the baselines."""
COUNTED_SECONDS = 1.8e-5
"""Of fitting all networks of counts to one origin, for each period ahead."""
START_SECONDS = 8.0
USUAL_PASSES = 8
"""After so many, validation has usually stopped improving."""
DEFAULT_WEIGHT = 12 * 6 * 384**2
"""Weights in the layers of the default language model: cost grows with them."""
SAMPLE_STEP_SECONDS = 0.13
"""Of the step that `speed` times."""
SAMPLE_STEPS = 6
THREAD_GAIN = 0.6
"""n cores are n to this power times as fast as one."""

BASE_MB = 820.0
COMPARISON_MB = 1.3e-4
TEXT_MB = 1.7
"""Of one text with gradient through the whole default language model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What the cost of a run depends on."""

    users: int
    items: int
    windows: int
    events_per_window: float
    layers: int
    """Of the language model."""
    weight: int
    """Weights in its layers."""
    refits: bool
    """Whether a run that chooses its passes is trained anew on everything before the cut."""


def sizes(dataset: Dataset, config: RunConfig) -> Sizes:
    """Measure what a run would have to do.

    Raises:
        InvalidSettingError: If the settings cannot work for this log.
    """
    split = make_split(dataset, config.split, config.cut, config.period, config.horizon)
    view = training_view(dataset, split, with_validation=True)
    windows = make_windows(view, config.max_history)
    if not len(windows):
        raise InvalidSettingError.of("No user has an event before the origin", "origin", "Choose a later origin")
    layers, width = _backbone_shape(config.backbone)
    return Sizes(
        users=len(view.users()),
        items=dataset.manifest.n_items,
        windows=len(windows),
        events_per_window=float(windows.stop.clip(max=config.max_history).mean()),
        layers=layers,
        weight=12 * layers * width**2,
        refits=refits(dataset, split, config),
    )


def phase_seconds(found: Sizes, config: RunConfig, *, chooses: bool = True) -> dict[str, float]:
    """Return the seconds of each phase on the reference machine, in the phases' order.

    Args:
        found: Of the log.
        config: Of the run.
        chooses: Whether validation chooses the number of passes; a run that continues one which has seen the
            validation window takes those that are given, in a single fit.
    """
    size = batch_size(found.windows, config.batch_users)
    steps = math.ceil(found.windows / size)
    passes = config.passes if config.split == "leave-one-out" else min(config.passes, USUAL_PASSES)
    batch = min(size, found.windows)
    network = EVENT_SECONDS * batch * found.events_per_window * (config.width / 96) * (config.layers / 2)
    marks = COMPARISON_SECONDS * batch * config.origins * SETS_PER_ORIGIN * found.items * (config.width / 96)
    heavier, tuned = found.weight / DEFAULT_WEIGHT, _tuned_share(found, config)
    reading = READ_SECONDS * heavier * found.items
    texts = TUNE_SECONDS * heavier * tuned * min(config.texts_per_step, found.items)
    one = steps * (network + marks + texts) + tuned * reading
    counting = _counting(found, config, ROWS)
    if not chooses:
        fits = {REFIT: counting + config.continued_passes * one}
    elif found.refits:
        fits = {CHOOSING: counting + passes * one, REFIT: counting + max(1, passes - config.patience) * one}
    else:
        fits = {CHOOSING: counting + passes * one}
    judging = START_SECONDS + USER_SECONDS * found.users + ORIGINS * _counting(found, config, LEVEL_ROWS)
    if SEQUENCE in chosen(config.baselines):  # the same model without text is fitted, too
        fitted = passes + (max(1, passes - config.patience) if found.refits else 0)
        judging += fitted * steps * (network + marks)
    return {READING: START_SECONDS + reading, **fits, EVALUATING: judging}


def _counting(found: Sizes, config: RunConfig, most: int) -> float:
    """Return the seconds of fitting the networks of counts once, on so many origins at most."""
    periods = config.horizon if config.split == "time" else 0
    return COUNTED_SECONDS * min(MOST_ORIGINS * found.users, most) * periods


def memory_mb(found: Sizes, config: RunConfig) -> float:
    """Return the memory that the run's process will hold, in megabytes."""
    sets = batch_size(found.windows, config.batch_users) * config.origins * SETS_PER_ORIGIN
    heavier = found.weight / DEFAULT_WEIGHT
    gradients = TEXT_MB * math.sqrt(heavier) * _tuned_share(found, config) * min(config.texts_per_step, found.items)
    weights = 4 * 4e-6 * max(0, found.weight - DEFAULT_WEIGHT)
    return BASE_MB + COMPARISON_MB * sets * found.items + gradients + weights


def speed(settings: Settings) -> float:
    """Return how fast this machine is, the reference being 1: measured once in about a second, then remembered."""
    path, device = settings.cache / "machine.json", device_words(settings)
    known: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if device not in known:
        known[device] = _measure(settings)
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(known), encoding="utf-8")
        partial.replace(path)
    return known[device]


def _measure(settings: Settings) -> float:
    device = pick_device(settings.device)
    if device.type == "cuda":
        return SAMPLE_STEP_SECONDS / _sample_step_seconds(device, time.perf_counter)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # time on one core, so that what else the machine does now does not count
    try:
        alone = _sample_step_seconds(device, time.thread_time)
    finally:
        torch.set_num_threads(threads)
    return SAMPLE_STEP_SECONDS / alone * math.pow(cores(settings), THREAD_GAIN)


def _sample_step_seconds(device: torch.device, clock: Callable[[], float]) -> float:
    """Time a training step of two blocks of width 96 over 64 histories of 64 events: the best of a few."""
    layer = torch.nn.TransformerEncoderLayer(96, 4, 384, batch_first=True)
    network = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).to(device)
    histories = torch.zeros(64, 64, 96, device=device)
    best = math.inf
    for _ in range(SAMPLE_STEPS):
        start = clock()
        loss = network(histories).sum()
        loss.backward()
        loss.item()  # waits for a GPU
        best = min(best, clock() - start)
    return best


def _tuned_share(found: Sizes, config: RunConfig) -> float:
    match config.tuning:
        case "frozen":
            return 0.0
        case "top":
            return min(1.0, config.top_layers / found.layers)
        case "lora" | "full":
            return 1.0


def _backbone_shape(name: str) -> tuple[int, int]:
    """Return layers and width of a language model; of one that is not on this machine, those of the default."""
    path = Path(name) / "config.json"
    if not path.is_file():
        return 6, 384
    told = json.loads(path.read_text(encoding="utf-8"))
    layers = told.get("num_hidden_layers", told.get("n_layer", 6))
    return int(layers), int(told.get("hidden_size", told.get("n_embd", 384)))
