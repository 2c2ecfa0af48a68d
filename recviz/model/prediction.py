"""What the model says of histories at their origins, and every quantity that follows from it (CONTRACT.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# B histories, K periods, I candidate items, M own items, D width, C weighted item sets (categories, topics), G snapshots,
# F facts of an item's popularity


@dataclass(frozen=True, slots=True)
class Prediction:
    """Volume, depth and mark states of ``B`` histories. Index 0 of the mark axis is the next event, k is period k."""

    mu: Tensor
    """Expected active days in each period, ``(B, K)``."""
    shape: Tensor
    """``r`` of the personal gamma factor, ``(B,)``."""
    depth: Tensor
    """Expected target events per active day, ``(B,)``, at least 1."""
    z: Tensor
    """Mark states, ``(B, K + 1, D)``."""
    gate: Tensor
    """Weight of the own part of the mark, ``(B, K + 1)``; 0 where the history is empty."""
    own_item: Tensor
    """Candidate positions of own items, padded with 0, int64 ``(B, M)``."""
    own_weight: Tensor
    """Decayed own counts, normalised (0 on padding), ``(B, M)``."""
    popularity_weight: Tensor
    """What popularity counts for at the next event and in each period, ``(K + 1, F)``."""
    snapshot: Tensor
    """Which snapshot of popularity each history's origin sees, int64 ``(B,)``."""
    popularity: Tensor
    """What each snapshot tells of each candidate, ``(G, F, I)``; the predictor's own, not copied."""
    own_bias: Tensor
    """Constant of each candidate, ``(I,)``."""
    own_value: Tensor
    """What the user's own values add to an item's level, standardised (or log-odds), ``(B,)``."""

    def __len__(self) -> int:
        return len(self.mu)

    def rows(self, index: Tensor | slice) -> "Prediction":
        """Keep some of the histories."""
        return Prediction(
            self.mu[index],
            self.shape[index],
            self.depth[index],
            self.z[index],
            self.gate[index],
            self.own_item[index],
            self.own_weight[index],
            self.popularity_weight,
            self.snapshot[index],
            self.popularity,
            self.own_bias,
            self.own_value[index],
        )

    def item_bias(self, k: int) -> Tensor:
        """Return what each candidate has ahead whoever asks, ``(B, I)``, or ``(1, I)`` for histories of one origin."""
        here, row = self.snapshot.unique(return_inverse=True)
        bias = self.own_bias + self.popularity_weight[k] @ self.popularity[here]  # (snapshots, I)
        return bias if len(here) == 1 else bias[row]

    def logits(self, item_vectors: Tensor, k: int) -> Tensor:
        """Score the candidates for period ``k``, ``(B, I)``; ``item_vectors`` are directions, ``(I, D)``."""
        return torch.addmm(self.item_bias(k), self.z[:, k], item_vectors.T)


def mark_probabilities(prediction: Prediction, item_vectors: Tensor, k: int) -> Tensor:
    """Return p(i | k) over the candidates, ``(B, I)``; ``item_vectors`` are directions, ``(I, D)``."""
    logits = prediction.logits(item_vectors, k)
    return mixed(logits, prediction.gate[:, k], prediction.own_item, prediction.own_weight)


def mixed(logits: Tensor, gate: Tensor, own_item: Tensor, own_weight: Tensor) -> Tensor:
    """Mix what the logits ``(B, I)`` say with own items ``(B, M)``, which weigh ``gate`` ``(B,)``; ``(B, I)``."""
    gate = gate[:, None]
    return ((1 - gate) * torch.softmax(logits, dim=-1)).scatter_add(1, own_item, gate * own_weight)


def set_probabilities(prediction: Prediction, item_vectors: Tensor, weights: Tensor) -> Tensor:
    """Return the chance that a target event of period k falls into each weighted set of items.

    Args:
        prediction: Of ``B`` histories.
        item_vectors: ``(I, D)``.
        weights: ``(I, C)``, from 0 to 1: one-hot categories, a topic, one item.

    Returns:
        ``(B, K, C)`` for periods 1 to K.
    """
    periods = range(1, prediction.z.shape[1])
    return torch.stack([mark_probabilities(prediction, item_vectors, k) @ weights for k in periods], dim=1)


def interest(prediction: Prediction, item_vectors: Tensor, weights: Tensor) -> Tensor:
    """Return expected target events lambda_w(k) in each period and weighted set, ``(B, K, C)``."""
    volume = prediction.mu * prediction.depth[:, None]  # (B, K), expected events
    return volume[..., None] * set_probabilities(prediction, item_vectors, weights)


def chance_active(mu: Tensor, shape: Tensor) -> Tensor:
    """Return P(at least one active day) for expected days ``mu`` (...,) under gamma shape ``r`` (...,)."""
    return -torch.expm1(-shape * torch.log1p(mu / shape))


def join_predictions(predictions: Sequence[Prediction]) -> Prediction:
    """Put batches of predictions of one predictor one after the other, own items padded to the widest."""
    width = max(prediction.own_item.shape[1] for prediction in predictions)
    pad = torch.nn.functional.pad
    return Prediction(
        mu=torch.cat([prediction.mu for prediction in predictions]),
        shape=torch.cat([prediction.shape for prediction in predictions]),
        depth=torch.cat([prediction.depth for prediction in predictions]),
        z=torch.cat([prediction.z for prediction in predictions]),
        gate=torch.cat([prediction.gate for prediction in predictions]),
        own_item=torch.cat([pad(p.own_item, (0, width - p.own_item.shape[1])) for p in predictions]),
        own_weight=torch.cat([pad(p.own_weight, (0, width - p.own_weight.shape[1])) for p in predictions]),
        popularity_weight=predictions[0].popularity_weight,
        snapshot=torch.cat([prediction.snapshot for prediction in predictions]),
        popularity=predictions[0].popularity,
        own_bias=predictions[0].own_bias,
        own_value=torch.cat([prediction.own_value for prediction in predictions]),
    )
