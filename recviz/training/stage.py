"""One fit: weights, optimiser and everything that must survive an interruption."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recviz.data.sequences import LogView
from recviz.errors import DivergedError
from recviz.model.config import RunConfig
from recviz.model.network import InterestNetwork
from recviz.model.population import HALF_LIVES
from recviz.training.losses import WEIGHTS, step_losses
from recviz.training.softmax import ItemColumns, ItemTables, item_tables, sample_columns
from recviz.training.steps import Targets, make_batch
from recviz.training.targets import TargetRules
from recviz.training.texts import TextTable, texts_of_a_step, with_gradient_times
from recviz.training.windows import Windows, batch_size, make_windows, shuffled_batches

FULL_SOFTMAX = 50_000
"""Largest catalogue that every step compares with in full."""
DEFAULT_NEGATIVES = 8_192
TEXT_DECAY = 0.01
"""Weight decay of the language model, which starts from what it knows and not from zero."""
FULL_SHARE = 0.1
"""Of the language model's rate where every layer learns: at the whole, all texts end in one place within 70 steps."""


@dataclass
class Stage:
    """A model that is being fitted to a view."""

    name: str
    config: RunConfig
    network: InterestNetwork
    texts: TextTable
    view: LogView
    rules: TargetRules
    passes: int
    """Passes that the learning rate is planned for."""
    device: torch.device
    step: int = 0
    pass_: int = 0
    batch: int = 0
    """Batches of the present pass that are done."""
    averaged: dict[str, Tensor] = field(default_factory=dict)
    accumulated: int = 0
    user_weight: NDArray[np.float64] | None = None
    """How much each user counts, ``(users,)``; ``None`` where all count alike."""

    def __post_init__(self) -> None:
        self.windows: Windows = make_windows(self.view, self.config.max_history)
        self.batch_size = batch_size(len(self.windows), self.config.batch_users)
        self.weights: dict[str, nn.Parameter] = {f"network.{name}": w for name, w in self.network.named_parameters()}
        tuned = {f"text.{name}": w for name, w in self.texts.tuned().items()}
        self.weights |= tuned
        groups: list[dict[str, Any]] = [
            {
                "params": list(self.network.parameters()),
                "peak": self.config.rate,
                "weight_decay": self.config.weight_decay,
            },
            {
                "params": list(tuned.values()),
                "peak": self.config.text_rate * (FULL_SHARE if self.config.tuning == "full" else 1),
                "weight_decay": TEXT_DECAY,
            },
        ]
        self.optimiser = torch.optim.AdamW([group for group in groups if group["params"]], lr=0.0)
        self.popularity = torch.from_numpy(self.rules.collator.population.popularity).to(self.device)
        self.share = self.popularity[-1, len(HALF_LIVES) - 1].exp()
        self.averaged = self.averaged or {name: weight.detach().clone() for name, weight in self.weights.items()}

    @property
    def steps_per_pass(self) -> int:
        return math.ceil(len(self.windows) / self.batch_size)

    def run_pass(self) -> Iterator[dict[str, float]]:
        """Train through the rest of the present pass, yielding the losses of every step.

        Raises:
            DivergedError: If a loss or a gradient is not a number.
        """
        rng = np.random.default_rng([self.config.seed, len(self.name), self.pass_])
        weight = None if self.user_weight is None else self.user_weight[self.windows.user]
        batches = shuffled_batches(self.windows, self.batch_size, rng, weight)
        if self.texts.tuning != "frozen" and self.batch == 0:
            self.texts.refresh()
        while self.batch < len(batches):
            draws = np.random.default_rng([self.config.seed, len(self.name), self.pass_, self.batch])
            batch, targets = make_batch(self.view, self.windows, batches[self.batch], self.rules, draws)
            losses = self._take_step(batch.to(self.device), targets.to(self.device), draws)
            self.batch += 1
            yield losses
        self.pass_, self.batch = self.pass_ + 1, 0

    def _take_step(self, batch: Any, targets: Targets, draws: np.random.Generator) -> dict[str, float]:  # noqa: ANN401 - each stage has its own
        self.network.train()
        losses = step_losses(
            self.network, batch, targets, self._tables(targets, batch.item, draws), self._columns(targets, draws)
        )
        if not losses:
            return {}
        total = torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()
        if not torch.isfinite(total):
            raise DivergedError.of(
                "The loss is no longer a number",
                f"step {self.step + 1} of {self.name}",
                "Lower the learning rate (rate, text_rate), or check the log for extreme values",
            )
        (total / self.config.accumulate).backward()
        self.accumulated += 1
        if self.accumulated >= self.config.accumulate:
            self._move()
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()} | {"total": float(total.detach())}

    def _move(self) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * self._schedule()
        norm = nn.utils.clip_grad_norm_(list(self.weights.values()), self.config.clip)
        if not torch.isfinite(norm):  # before the weights move, so that no checkpoint holds what is no number
            raise DivergedError.of(
                "The gradient is no longer a number",
                f"step {self.step + 1} of {self.name}",
                "Lower the learning rate (rate, text_rate), or check the log for extreme values",
            )
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.accumulated = 0
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, weight in self.weights.items():
                self.averaged[name].lerp_(weight, 1 - decay)

    def _schedule(self) -> float:
        total = max(1, self.passes * self.steps_per_pass)
        warm = max(1.0, self.config.warmup * total)
        if self.step < warm:
            return (self.step + 1) / warm
        along = min(1.0, (self.step - warm) / max(1.0, total - warm))
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * along))

    def _tables(self, targets: Targets, history: Tensor, draws: np.random.Generator) -> ItemTables:
        pooled = self.texts.vectors
        if self.texts.tuning != "frozen":
            asked = torch.cat([history.flatten(), targets.pair_item]).unique().cpu()
            items, weight = texts_of_a_step(asked, len(pooled), self.config.texts_per_step, draws)
            encoded = with_gradient_times(self.texts.encode(items), weight.to(self.device))
            pooled = pooled.index_copy(0, items.to(self.device), encoded)
        tables = item_tables(self.network, pooled, self.popularity)
        if not self.config.identity_dropout:
            return tables
        shown = torch.from_numpy(draws.random(len(pooled)) >= self.config.identity_dropout).to(self.device)
        return tables.showing(shown)

    def _columns(self, targets: Targets, draws: np.random.Generator) -> ItemColumns | None:
        wanted = self.config.negatives or (DEFAULT_NEGATIVES if len(self.share) > FULL_SOFTMAX else 0)
        if not wanted or not len(targets.pair_item):
            return None
        generator = torch.Generator().manual_seed(int(draws.integers(2**31)))
        return sample_columns(targets, self.share / self.share.sum(), wanted, generator)

    def swap_in_average(self) -> dict[str, Tensor]:
        """Put the averaged weights in place; returns those that were there."""
        held = {name: weight.detach().clone() for name, weight in self.weights.items()}
        self.load(self.averaged)
        return held

    @torch.no_grad()
    def load(self, values: dict[str, Tensor]) -> None:
        """Set the weights."""
        for name, weight in self.weights.items():
            weight.copy_(values[name])

    def tensors(self) -> dict[str, dict[str, Tensor]]:
        """Return all tensors that a checkpoint needs."""
        order = list(self.weights)
        state = self.optimiser.state
        moments = {
            f"{key}.{name}": torch.as_tensor(state[self.weights[name]][key])
            for name in order
            for key in state.get(self.weights[name], {})
        }
        random = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state()
        gradients = {name: w.grad for name, w in self.weights.items() if self.accumulated and w.grad is not None}
        return {
            "weights": {name: weight.detach() for name, weight in self.weights.items()},
            "average": self.averaged,
            "optimiser": moments,
            "random": random,
            "texts": {"vectors": self.texts.vectors},
            **({"gradients": gradients} if gradients else {}),
        }

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint needs beside tensors: the position in the data, and that of the learning rate.

        The order of the data and the draws of a step come from seeds that pass and batch give, and the learning rate
        from ``step`` of ``passes``: neither has a state of its own.
        """
        return {"stage": self.name, "step": self.step, "pass": self.pass_, "batch": self.batch,
                "passes": self.passes, "accumulated": self.accumulated}  # fmt: skip

    def restore(self, groups: dict[str, dict[str, Tensor]], facts: dict[str, Any]) -> None:
        """Continue exactly where `tensors` and `facts` were taken."""
        self.step, self.pass_, self.batch = facts["step"], facts["pass"], facts["batch"]
        self.accumulated, self.passes = facts["accumulated"], facts["passes"]
        self.load(groups["weights"])
        self.averaged = {name: value.to(self.device) for name, value in groups["average"].items()}
        self.texts.vectors = groups["texts"]["vectors"].to(self.device)
        for name, weight in self.weights.items():
            keys = [key for key in ("step", "exp_avg", "exp_avg_sq") if f"{key}.{name}" in groups["optimiser"]]
            if keys:
                moved = {key: groups["optimiser"][f"{key}.{name}"] for key in keys}
                self.optimiser.state[weight] = {k: v if k == "step" else v.to(self.device) for k, v in moved.items()}
            if name in groups.get("gradients", {}):
                weight.grad = groups["gradients"][name].to(self.device)
        torch.set_rng_state(groups["random"]["cpu"])
        if "cuda" in groups["random"]:
            torch.cuda.set_rng_state(groups["random"]["cuda"])
