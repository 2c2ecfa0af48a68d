"""Take from what events say of volume what they would say of everybody's alike.

Events tell users apart; the level that all share is what counts and calendar tell (`recviz.training.counts`). States at the
end of the log differ from those that were learnt, all in one direction, and would carry everybody's level with them.
"""

import numpy as np
import torch
from torch import Tensor

from recviz.data.sequences import draw_users
from recviz.training.losses import query_states
from recviz.training.softmax import item_tables
from recviz.training.stage import Stage

USERS = 2_000
"""Their mean is surer than anything that is made of it."""
AT_ONCE = 64

# B histories, K periods


@torch.no_grad()
def take_off_shared(stage: Stage) -> None:
    """Let events move nobody's volume but by how a user differs from all, at the end of what the stage learns from."""
    leave_shared(stage)
    if stage.network.periods and len(stage.view.users()):
        stage.network.eval()
        stage.network.shared_beyond.copy_(_shared(stage))


def leave_shared(stage: Stage) -> None:
    """Take nothing off, as in training."""
    stage.network.shared_beyond.zero_()


def _shared(stage: Stage) -> Tensor:
    """Return the mean of what events add to log rates, weighted by the days that counts expect, ``(K,)``."""
    view, rules, network = stage.view, stage.rules, stage.network
    users = draw_users(view.users(), USERS, 0)
    # histories of like length are read at once, to spare padding
    users = users[np.argsort(view.lengths()[users], kind="stable")]
    tables = item_tables(network, stage.texts.vectors, stage.popularity)
    asked = np.array([rules.end], np.int64)
    told = torch.zeros_like(network.shared_beyond)
    whole = torch.zeros_like(told)
    for start in range(0, len(users), AT_ONCE):
        histories = [view.history(int(user)) for user in users[start : start + AT_ONCE]]
        batch = rules.collator(histories, [asked] * len(histories), [len(history) for history in histories])
        batch = batch.to(stage.device)
        state = query_states(network, batch, tables)[:, 0]
        head = network.head(state, batch.features[:, 0], batch.season[:, 0])
        expected = (batch.rate[:, 0, None].log() + head.log_rate - head.beyond_counts).exp()  # (B, K)
        told += (expected * head.beyond_counts).sum(dim=0)
        whole += expected.sum(dim=0)
    return told / whole.clamp(min=1e-9)
