"""How good the weights of the moment are on the validation window."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from recviz.data.dataset import Dataset
from recviz.data.history import History
from recviz.data.sequences import LogView, draw_users
from recviz.data.split import Split
from recviz.model.batch import Batch
from recviz.model.network import InterestNetwork
from recviz.model.prediction import mixed
from recviz.training.losses import WEIGHTS, losses_of_states, query_states
from recviz.training.softmax import ItemTables, item_tables
from recviz.training.stage import Stage
from recviz.training.steps import Targets, flatten_targets
from recviz.training.targets import targets_after

MOST_USERS = 4_000
ENOUGH_RANKED, MOST_RANKED = 2_000, 10_000
"""Users by whose next item a leave-one-out run is judged: one rank each says less than a loss, and that of few is chance."""
FIRST = 10
NDCG = f"NDCG@{FIRST}"
BATCH = 128
ALIKE = 32
"""Histories of like length that the encoder reads at once, to spare padding."""
DECIDING = ("volume", "next", "period")
"""Losses that choose the number of passes; those of depth and value are noisier than what they would decide."""


class Validation:
    """Users with history before the validation window, and what they did in it."""

    def __init__(self, dataset: Dataset, split: Split, before: LogView, until: LogView) -> None:
        self.split = split
        users = before.users()
        if split.kind != "time":
            users = users[until.lengths()[users] > before.lengths()[users]]
        most = MOST_USERS if split.kind == "time" else MOST_RANKED
        users = draw_users(users, most, 0)
        if split.kind != "time":  # what stands in the basket of the last known event comes neither before nor after it
            later = [until.history(int(user)).time[-1] > before.history(int(user)).time[-1] for user in users]
            users = users[np.array(later, bool)]
        self.ranks = split.kind != "time" and len(users) >= ENOUGH_RANKED
        self.before, self.until, self.users = before, until, users
        self.dataset = dataset

    @torch.inference_mode()
    def loss(self, stage: Stage) -> dict[str, float]:
        """Return the mean of each loss over users, and the weighted total of those that decide.

        Where the run is to rank one next item of many users, `NDCG` of it stands beside them, and decides: the ranking gets
        better for passes after the loss has begun to rise, since the loss is the price of being too sure.
        """
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
            batch, targets = batch.to(stage.device), targets.to(stage.device)
            states = _states(network, batch, tables)
            losses = losses_of_states(network, states, batch, targets, tables)
            if self.ranks:
                losses[NDCG] = _gains(network, states[:, 0], batch, targets, tables).mean()
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


def _states(network: InterestNetwork, batch: Batch, tables: ItemTables) -> Tensor:
    """Return the state of each query, ``(B, Q, D)``, histories of like length read together."""
    order = torch.argsort(batch.valid.sum(dim=1), stable=True)
    read = [query_states(network, batch.rows(some), tables) for some in order.split(ALIKE)]
    return torch.cat(read)[torch.argsort(order)]


def _gains(network: InterestNetwork, state: Tensor, batch: Batch, targets: Targets, tables: ItemTables) -> Tensor:
    """Return the gain of each history's next item, ``(B,)``, from the state before it, ``(B, D)``."""
    head = network.head(state, batch.features[:, 0], batch.season[:, 0, :1])
    logits = tables.next_logits(head.z[:, 0], batch.snapshot[:, 0])  # (B, I)
    owned = torch.zeros_like(logits).scatter_add(1, batch.own_item, batch.own_weight) > 0
    gate = torch.where(owned.any(dim=1), torch.sigmoid(head.gate[:, 0]), 0)
    chances = mixed(logits, gate, batch.own_item, batch.own_weight)
    wanted = torch.zeros(len(batch), dtype=torch.long, device=logits.device)
    row = targets.set_query[targets.pair_set] // batch.instant.shape[1]
    wanted[row] = targets.pair_item
    return discounted_gains(chances, wanted, owned)


def discounted_gains(chances: Tensor, wanted: Tensor, owned: Tensor) -> Tensor:
    """Return the NDCG of one wanted item among the first, ``(B,)``.

    What the user has had is passed over, unless the wanted item is one of it.

    Args:
        chances: ``(B, I)``.
        wanted: ``(B,)``.
        owned: bool ``(B, I)``.

    References:
        Jarvelin, K. and Kekalainen, J. (2002). Cumulated gain-based evaluation of IR techniques. ACM TOIS 20.
    """
    of_wanted = chances.gather(1, wanted[:, None])
    is_repeat = owned.gather(1, wanted[:, None])
    rank = ((chances > of_wanted) & (is_repeat | ~owned)).sum(dim=1)
    return torch.where(rank < FIRST, 1 / torch.log2(rank + 2.0), 0)
