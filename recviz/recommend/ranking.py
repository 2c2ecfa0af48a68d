"""Ranked items: the most probable next items of many users at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.errors import InvalidSettingError
from recviz.forecast.curves import batches, predict_users
from recviz.language import tr
from recviz.model.prediction import Prediction
from recviz.model.predictor import Predictor

USERS_PER_BATCH = 1024
NEVER = float("-inf")

# B histories, I candidate items, M own items, S excluded items, T shown items


@dataclass(frozen=True, slots=True)
class Ranking:
    """The top candidates of B histories, best first."""

    position: Tensor
    """Candidate positions, int64 ``(B, T)``."""
    probability: Tensor
    """Chance of each for the next event among those that may be shown, ``(B, T)``; 0 where nothing is left to show."""


def rank(
    prediction: Prediction, item_vectors: Tensor, top: int, excluded: Tensor, k: int = 0, blocked: Tensor | None = None
) -> Ranking:
    """Rank the candidates by p(i | k) without the excluded ones; equal items stand in catalogue order.

    Works on log probabilities of the explore part, in which own items are lifted to their mixed probability, so that
    the whole catalogue is passed over only by the product, the normaliser and the selection.

    Args:
        prediction: Of B histories.
        item_vectors: ``(I, D)``.
        top: Most items to return.
        excluded: Candidate positions that may not be shown, int64 ``(B, S)``; -1 on padding.
        k: Period of the mark; 0 is the next event.
        blocked: Candidate positions that nobody may be shown, each once, int64 ``(n,)``.
    """
    gate = prediction.gate[:, k, None].clamp(max=1 - torch.finfo(prediction.gate.dtype).eps)  # (B, 1)
    explore = torch.log_softmax(prediction.logits(item_vectors, k), dim=1)  # (B, I)
    explore_left = torch.ones_like(gate)
    if blocked is not None and len(blocked):
        explore[:, blocked] = NEVER
        # added up, since one less what is blocked would lose digits where little is left
        explore_left = explore.exp().sum(1, keepdim=True)
    row, column = (excluded >= 0).nonzero(as_tuple=True)
    hidden = (row, excluded[row, column])
    explore_left -= torch.zeros_like(gate).index_add_(0, row, explore[hidden].exp()[:, None])  # (B, 1)
    score = _lift_own(explore, prediction, gate)
    score[hidden] = NEVER
    if blocked is not None:
        score[:, blocked] = NEVER
    may_show = score.gather(1, prediction.own_item) > NEVER  # (B, M)
    own_left = (prediction.own_weight * may_show).sum(1, keepdim=True)
    shown = ((1 - gate) * explore_left + gate * own_left).clamp(min=torch.finfo(gate.dtype).tiny)
    value, position = _stable_top(score, min(top, score.shape[1]))
    return Ranking(position, (1 - gate) * torch.exp(value) / shown)


def recommend_table(
    predictor: Predictor, top: int, *, exclude_seen: bool = True, blocked: Sequence[int] | NDArray[np.int64] = ()
) -> pd.DataFrame:
    """Return the top items of every user with history.

    Args:
        predictor: A run opened at an origin.
        top: Most items a user.
        exclude_seen: Leave out what the user had before the origin, by an event of any kind.
        blocked: Rows of the item table that are shown to nobody.

    Returns:
        Columns ``user_id, item_id, rank`` (1 is best) and ``score``: the probability for the next event among the
        items that may be shown. Fewer rows where fewer items are left.

    Raises:
        InvalidSettingError: If ``top`` is below 1.
    """
    tables = recommend_batches(predictor, top, exclude_seen=exclude_seen, blocked=blocked)
    empty = pd.DataFrame({"user_id": [], "item_id": [], "rank": [], "score": []})
    return pd.concat([*tables], ignore_index=True) if len(predictor.users) else empty


def recommend_batches(
    predictor: Predictor, top: int, *, exclude_seen: bool = True, blocked: Sequence[int] | NDArray[np.int64] = ()
) -> Iterator[pd.DataFrame]:
    """Yield `recommend_table` a batch of users at a time, so that many users need little memory."""
    for users in batches(np.asarray(predictor.users, dtype=np.intp), USERS_PER_BATCH):
        ranking = rank_users(predictor, users, top, exclude_seen=exclude_seen, blocked=blocked)
        shown = (ranking.probability > 0).cpu().numpy()  # (B, T)
        row, place = np.nonzero(shown)
        items = predictor.candidates[ranking.position.cpu().numpy()[shown]]
        yield pd.DataFrame(
            {
                "user_id": predictor.dataset.user_ids[users[row]],
                "item_id": predictor.dataset.item_ids[items],
                "rank": place + 1,
                "score": ranking.probability.double().cpu().numpy()[shown],
            }
        )


def rank_users(
    predictor: Predictor,
    users: NDArray[np.intp],
    top: int,
    *,
    exclude_seen: bool = True,
    blocked: Sequence[int] | NDArray[np.int64] = (),
) -> Ranking:
    """Rank the candidates for these users' next event; users without history get the popularity ranking.

    Raises:
        InvalidSettingError: If ``top`` is below 1.
    """
    if top < 1:
        raise InvalidSettingError.of(
            tr("top is {top}").format(top=top), tr("number of recommended items"), tr("Ask for at least 1")
        )
    prediction = predict_users(predictor, users)
    excluded = excluded_positions(predictor, users) if exclude_seen else np.empty((len(users), 0), np.int64)
    vectors = predictor.item_vectors
    barred = np.unique(predictor.position[np.asarray(blocked, dtype=np.int64)])
    everybody = torch.as_tensor(barred[barred >= 0], device=vectors.device)
    with torch.inference_mode():
        return rank(prediction, vectors, top, torch.as_tensor(excluded, device=vectors.device), blocked=everybody)


def excluded_positions(predictor: Predictor, users: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the candidate positions of what each user had, each once, padded with -1, ``(B, S)``."""
    rows = [np.unique(predictor.history(int(user)).item.astype(np.int64)) for user in users]
    excluded = np.full((len(rows), max((len(row) for row in rows), default=0)), -1, np.int64)
    for at, row in enumerate(rows):
        excluded[at, : len(row)] = predictor.position[row]
    return excluded


def _lift_own(explore: Tensor, prediction: Prediction, gate: Tensor) -> Tensor:
    """Raise own items in place to where the explore part alone would have their mixed probability, (B, I)."""
    part = explore.gather(1, prediction.own_item).exp()  # (B, M)
    mixed = torch.log(part + gate / (1 - gate) * prediction.own_weight)
    # padding repeats position 0, which may be an own item too: the highest wins
    lifted = mixed.masked_fill(prediction.own_weight <= 0, NEVER)
    return explore.scatter_reduce_(1, prediction.own_item, lifted, reduce="amax")


def _stable_top(score: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Select the highest, equal ones by position: topk alone leaves the choice among equals open."""
    value, position = torch.topk(score, min(count + 1, score.shape[1]), dim=1)  # one more tells of a tie at the end
    crowded = (value[:, count - 1] == value[:, -1]) & (value[:, -1] > NEVER) & (value.shape[1] > count)
    value, position = value[:, :count], position[:, :count]  # (B, T)
    if crowded.any():
        whole = torch.sort(score[crowded], dim=1, descending=True, stable=True)
        value[crowded], position[crowded] = whole.values[:, :count], whole.indices[:, :count]
    position, order = torch.sort(position, dim=1)
    value, order = torch.sort(value.gather(1, order), dim=1, descending=True, stable=True)
    return value, position.gather(1, order)
