"""Why this and not that: the difference of two numbers about one user, explained as one number."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recviz.data.history import History
from recviz.errors import UnsupportedError
from recviz.explain.scalars import Scalar
from recviz.language import tr
from recviz.model.prediction import Prediction
from recviz.model.predictor import Predictor

# B histories, V rows of a scalar for one history


@dataclass(frozen=True)
class Difference(Scalar):
    """The first number less the second: item A against item B, week 6 against week 1.

    Event values and parts of a difference are the differences of those of the two numbers, since both are linear in
    the number that is explained.
    """

    first: Scalar
    second: Scalar

    def __post_init__(self) -> None:
        if self.first.unit != self.second.unit or self.first.looks_from(0) != self.second.looks_from(0):
            raise UnsupportedError.of(
                tr("These two numbers have nothing in common to compare"),
                tr("one in {first}, one in {second}").format(first=tr(self.first.unit), second=tr(self.second.unit)),
                tr("Compare two items, or two points of curves"),
            )

    @property
    def unit(self) -> str:
        return self.first.unit

    @property
    def n_rows(self) -> int:  # type: ignore[override]  # of the two that it compares
        return 1 if self._shares_rows else self.first.n_rows + self.second.n_rows

    @property
    def strip_items(self) -> tuple[int, ...]:
        return (*self.first.strip_items, *self.second.strip_items)

    @property
    def _shares_rows(self) -> bool:
        return self.first.n_rows == self.second.n_rows == 1

    def histories(self, history: History, instant: int, predictor: Predictor) -> tuple[History, ...]:
        rows = self.first.histories(history, instant, predictor)
        return rows if self._shares_rows else (*rows, *self.second.histories(history, instant, predictor))

    def looks_from(self, instant: int) -> int:
        return self.first.looks_from(instant)

    def value(self, prediction: Prediction, predictor: Predictor) -> Tensor:
        one, other = self._halves(prediction)
        return self.first.value(one, predictor) - self.second.value(other, predictor)

    def value_with(self, prediction: Prediction, predictor: Predictor, item: int, vectors: Tensor) -> Tensor:
        one, other = self._halves(prediction)
        first = self.first.value_with(one, predictor, item, vectors)
        return first - self.second.value_with(other, predictor, item, vectors)

    def _halves(self, prediction: Prediction) -> tuple[Prediction, Prediction]:
        if self._shares_rows:
            return prediction, prediction
        place = torch.arange(len(prediction), device=prediction.mu.device) % self.n_rows  # (B * V,)
        is_first = place < self.first.n_rows
        return prediction.rows(is_first.nonzero()[:, 0]), prediction.rows((~is_first).nonzero()[:, 0])
