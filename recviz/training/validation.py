"""How good the weights of the moment are on the validation window."""

from dataclasses import replace

import numpy as np
import torch

from recviz.data.dataset import Dataset
from recviz.data.history import History
from recviz.data.sequences import LogView
from recviz.data.split import Split
from recviz.training.losses import WEIGHTS, step_losses
from recviz.training.softmax import item_tables
from recviz.training.stage import Stage
from recviz.training.steps import flatten_targets
from recviz.training.targets import targets_after

MOST_USERS = 4_000
BATCH = 128
DECIDING = ("volume", "next", "period")
"""Losses that choose the number of passes; those of depth and value are noisier than what they would decide."""


class Validation:
    """Users with history before the validation window, and what they did in it."""

    def __init__(self, dataset: Dataset, split: Split, before: LogView, until: LogView) -> None:
        self.split = split
        users = before.users()
        if split.kind != "time":
            users = users[until.lengths()[users] > before.lengths()[users]]
        if len(users) > MOST_USERS:
            users = np.sort(np.random.default_rng(0).choice(users, MOST_USERS, replace=False))
        self.before, self.until, self.users = before, until, users
        self.dataset = dataset

    @torch.inference_mode()
    def loss(self, stage: Stage) -> dict[str, float]:
        """Return the mean of each loss over users, and the weighted total of those that decide."""
        stage.network.eval()
        pooled = stage.texts.vectors
        network = stage.network
        tables = item_tables(network, pooled, stage.popularity)
        sums: dict[str, float] = {}
        counts: dict[str, int] = {}
        rules = replace(stage.rules, end=self.split.cut)
        for start in range(0, len(self.users), BATCH):
            group = self.users[start : start + BATCH]
            histories = [self.until.history(int(user)) for user in group]
            wanted = [
                targets_after(history, self._origin(int(user)), rules)
                for history, user in zip(histories, group, strict=True)
            ]
            asked = [target.instants for target in wanted]
            batch = rules.collator(histories, asked, [len(history) for history in histories])
            targets = flatten_targets(wanted, batch.instant.shape[1], rules.collator.periods)
            losses = step_losses(network, batch.to(stage.device), targets.to(stage.device), tables)
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + float(loss) * len(group)
                counts[name] = counts.get(name, 0) + len(group)
        means = {name: sums[name] / counts[name] for name in sums}
        return means | {"total": sum(WEIGHTS[name] * means[name] for name in DECIDING if name in means)}

    def _origin(self, user: int) -> int:
        if self.split.kind == "time":
            return self.split.validation
        history: History = self.before.history(user)
        return int(history.time[-1]) + 1
