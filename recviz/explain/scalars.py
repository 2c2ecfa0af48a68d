"""What can be explained: one number about one user, differentiable in everything that the model reads."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recviz.data.history import History
from recviz.errors import UnsupportedError
from recviz.forecast.activity import require_curves
from recviz.language import mark, tr
from recviz.model.prediction import Prediction, mark_probabilities
from recviz.model.predictor import Predictor
from recviz.recommend.effect import remembered_usual_event

# B histories, K periods, I candidate items, D width

_SMALLEST = 1e-37  # keeps the logarithm of a share that is exactly nought finite


class Scalar(ABC):
    """One number about a user. The sign rule everywhere: above zero, the event or word raised this number."""

    n_rows: ClassVar[int] = 1
    """How many histories the number of one history is computed from."""

    @property
    def unit(self) -> str:
        """Of the number, and of every attribution of it: English, as it is kept; translated where it is shown."""
        return mark("nats")

    @property
    def strip_items(self) -> tuple[int, ...]:
        """Items whose own words can be shown as a strip: those that the number compares with all candidates."""
        return ()

    @abstractmethod
    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        """Return the number for each history, ``(B,)``, with gradient.

        Args:
            prediction: Of the rows that `histories` asks for, adjacent for each of the B histories.
            predictor: The model at its origin.
        """

    def histories(self, history: History, instant: int, predictor: Predictor) -> tuple[History, ...]:
        """Return the rows that the number of one history is computed from: here the history alone.

        What a row adds comes after the user's own events, and is never absent.
        """
        del instant, predictor
        return (history,)

    def looks_from(self, instant: int) -> int:
        """Return the moment that those rows are looked ahead from: here the user's origin."""
        return instant

    def value_with(self, prediction: Prediction, predictor: Predictor, item: int, vectors: Tensor) -> Tensor:
        """As `value`, with other vectors for one candidate alone, ``(B, D)``, ready as `item_vectors`."""
        del item, vectors
        return self.value(prediction, predictor)


@dataclass(frozen=True)
class MarkLogProbability(Scalar):
    """log p(item | k): how likely the item is, given an event at the next time (k = 0) or in period k; nats."""

    item: int
    """Row of the item table."""
    k: int = 0

    @property
    def strip_items(self) -> tuple[int, ...]:
        return (self.item,)

    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        return self._log_probability(prediction, predictor, prediction.z[:, self.k] @ predictor.item_vectors.T)

    def value_with(self, prediction: Prediction, predictor: Predictor, item: int, vectors: Tensor) -> Tensor:
        state = prediction.z[:, self.k]  # (B, D)
        likeness = state @ predictor.item_vectors.T  # (B, I)
        column = functional.one_hot(torch.tensor(candidate_position(predictor, item)), likeness.shape[1]).bool()
        moved = torch.where(column.to(likeness.device), (state * vectors).sum(-1)[:, None], likeness)
        return self._log_probability(prediction, predictor, moved)

    def _log_probability(self, prediction: Prediction, predictor: Predictor, likeness: Tensor) -> Tensor:
        position = candidate_position(predictor, self.item)
        logits = likeness + prediction.item_bias(self.k)  # (B, I)
        explore = torch.log_softmax(logits, dim=-1)[:, position]  # (B,), nats
        gate = prediction.gate[:, self.k]  # (B,)
        repeat = (prediction.own_weight * (prediction.own_item == position)).sum(-1)  # (B,)
        # in logarithms, so that a very unlikely item keeps its value and its gradient
        own = torch.where(gate * repeat > 0, torch.log((gate * repeat).clamp_min(_SMALLEST)), -torch.inf)
        return torch.logaddexp(explore + torch.log((1 - gate).clamp_min(_SMALLEST)), own)


@dataclass(frozen=True)
class VolumeLog(Scalar):
    """log E[N_k]: how much activity to expect, as the logarithm of expected active days; nats."""

    k: int | None = None
    """Period 1 to K; ``None`` is the whole horizon."""

    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        check_period(predictor, self.k)
        mu = prediction.mu.sum(-1) if self.k is None else prediction.mu[:, self.k - 1]  # (B,)
        return torch.log(mu.clamp_min(_SMALLEST))


@dataclass(frozen=True, eq=False)
class InterestLog(Scalar):
    """log lambda_w(k): interest in a category, topic or item, as the logarithm of expected events; nats."""

    weights: NDArray[np.float32]
    """How much each candidate belongs, 0 to 1, ``(I,)``."""
    name: str
    """What a person calls this set of items."""
    k: int | None = None
    """Period 1 to K; ``None`` is the whole horizon."""

    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        check_period(predictor, self.k)
        weights = torch.as_tensor(self.weights, dtype=prediction.z.dtype, device=prediction.z.device)  # (I,)
        events = prediction.mu * prediction.depth[:, None]  # (B, K)
        periods = range(1, events.shape[1] + 1) if self.k is None else (self.k,)
        total = torch.stack(
            [events[:, k - 1] * (mark_probabilities(prediction, predictor.item_vectors, k) @ weights) for k in periods]
        ).sum(0)  # (B,)
        return torch.log(total.clamp_min(_SMALLEST))


@dataclass(frozen=True)
class ValueScalar(Scalar):
    """The expected value of an item (rating, quantity, or chance of conversion), in the log's own unit."""

    item: int
    """Row of the item table."""

    @property
    def unit(self) -> str:
        return mark("the log's own unit")

    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        values = predictor.expected_value(prediction, candidate_position(predictor, self.item))  # (B,)
        if values is None:
            raise UnsupportedError.of(
                tr("This log has no values"),
                tr("log {name}").format(name=predictor.dataset.manifest.name),
                tr("Explain the probability instead"),
            )
        return values


@dataclass(frozen=True)
class LongTermEffect(Scalar):
    """Change of the expected active days over the horizon when the item were taken at the origin; in active days.

    An association that the model saw in the log, not a promise of cause.
    """

    item: int
    """Row of the item table."""
    n_rows: ClassVar[int] = 2

    @property
    def unit(self) -> str:
        return mark("active days")

    def histories(self, history: History, instant: int, predictor: Predictor) -> tuple[History, ...]:
        usual = remembered_usual_event(predictor)
        return history, history.plus(self.item, instant, usual.kind, usual.value)

    def looks_from(self, instant: int) -> int:
        return instant + 1  # as the recommendation's own figure: both rows know what happens at the origin

    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        check_period(predictor, None)
        days = prediction.mu.sum(-1).unflatten(0, (-1, 2))  # (B, 2): without, with
        change: Tensor = days[:, 1] - days[:, 0]
        return change


def candidate_position(predictor: Predictor, item: int) -> int:
    """Return the item's place among the candidates.

    Raises:
        UnsupportedError: If the item may not be recommended at this origin.
    """
    position = int(predictor.position[item])
    if position < 0:
        raise UnsupportedError.of(
            tr("“{title}” was not in the log before this origin").format(title=predictor.dataset.title(item)),
            tr("origin {origin}").format(origin=predictor.origin),
            tr("Pick one of the recommended items, or the origin now"),
        )
    return position


def check_period(predictor: Predictor, k: int | None) -> None:
    """Refuse a period that the curves do not have.

    Raises:
        UnsupportedError: If the log has no times, or ``k`` is not from 1 to the horizon.
    """
    require_curves(predictor)
    if k is not None and not 1 <= k <= predictor.config.horizon:
        raise UnsupportedError.of(
            tr("There is no {period} {k}").format(period=tr(predictor.config.period), k=k),
            tr("curves of {horizon} {period}s").format(
                horizon=predictor.config.horizon, period=tr(predictor.config.period)
            ),
            tr("Pick one from 1 to {horizon}").format(horizon=predictor.config.horizon),
        )
