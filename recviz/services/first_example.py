"""Whom an explanation is shown of where nobody is asked for: a user whose first recommendation has a clear reason."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import EMPTY_HISTORY
from recviz.errors import NotFoundError
from recviz.explain.removal import INDIVIDUAL
from recviz.forecast.remembered import Remembered
from recviz.language import tr
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import Predictor
from recviz.recommend.ranking import rank_users
from recviz.services.explanations import explain_recommendation
from recviz.services.workspace import Origin, Workspace

ASKED = 256
"""Users whose first recommendation is looked at."""
EXPLAINED = 4
"""Of these, users who are explained until one's explanation is faithful."""


def telling_user(ws: Workspace, run_id: str, origin: Origin = "cut") -> str:
    """Return the user whose first new item owes most to the user's own history and is explained faithfully.

    The first item owes p log(p / q) to the history, with p its chance and q that for a user without one: both a likely
    item and a personal one. Where none of the first few is explained faithfully, it is the one that owes most.

    Args:
        ws: The workspace.
        run_id: The run.
        origin: ``cut`` or ``now``.

    Raises:
        NotFoundError: If there is no such run, or nobody has a history at this origin.
    """
    predictor = ws.predictor(run_id, origin)
    if not len(predictor.users):
        raise NotFoundError.of(
            tr("No user has a history before this origin"), tr("the log"), tr("Look ahead from now instead")
        )
    most = _most_owed(predictor)
    for user, item, owed in most:
        if not owed:  # a small catalogue, of which this user and those after had everything
            break
        if explain_recommendation(ws, run_id, user, item, origin).trust.badge == "faithful":
            return user
    return most[0][0]


def _owing_most(predictor: Predictor) -> list[tuple[str, str, float]]:
    """Return the users whose first new item owes most to their history, with the item and what it owes."""
    kept = predictor.kept.tensors("owing-most", lambda: _owing(predictor))
    users, items = predictor.dataset.user_ids, predictor.dataset.item_ids[predictor.candidates]
    rows = zip(kept["user"].tolist(), kept["position"].tolist(), kept["owed"].tolist(), strict=True)
    return [(str(users[user]), str(items[position]), owed) for user, position, owed in rows]


def _owing(predictor: Predictor) -> dict[str, Tensor]:
    users = _with_much_to_tell(predictor)
    position, owed = _owed_to_history(predictor, users)
    most = np.argsort(-owed, kind="stable")[:EXPLAINED]
    found = {"user": users, "position": position, "owed": owed}
    return {name: torch.from_numpy(values[most]) for name, values in found.items()}


_most_owed = Remembered(_owing_most)


def _with_much_to_tell(predictor: Predictor) -> NDArray[np.intp]:
    """Return users with long histories, but none so long that its earlier events count together, if there are such."""
    users = np.asarray(predictor.users, dtype=np.intp)
    lengths = predictor.view.lengths()[users]
    return users[np.argsort(np.where(lengths <= INDIVIDUAL, -lengths, lengths), kind="stable")][:ASKED]


def _owed_to_history(predictor: Predictor, users: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the position of each user's first new item, and what it owes to the history; 0 where there is nothing new."""
    ranked = rank_users(predictor, users, 1)
    chance = ranked.probability[:, 0].double().cpu().numpy()
    position = ranked.position[:, 0].cpu().numpy()
    nothing = predictor.predict([EMPTY_HISTORY], [predictor.instant])
    nobody = mark_probabilities(nothing, predictor.item_vectors, 0)[0].double().cpu().numpy()[position]
    owed = np.zeros(len(users))
    new = chance > 0
    owed[new] = chance[new] * np.log(chance[new] / nobody[new])
    return position, owed
