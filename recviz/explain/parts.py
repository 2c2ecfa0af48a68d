"""What inside an event moved the score: integrated gradients through the language model, the other events present.

Each part goes in a straight line from its baseline to what it is, all parts of the event together:

* text: the embeddings of the title's tokens, from the embedding of the tokenizer's neutral token (mask, else unknown,
  else padding) at every place that stands for text; the model's own markers stay;
* identity, kind, value: from the zero vector;
* time: the weight of the attention bias by time, from 0 (how long ago counts for nothing) to 1.

References:
    Sundararajan, M., Taly, A., Yan, Q. (2017). Axiomatic attribution for deep networks. ICML.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.errors import InvalidSettingError
from recviz.explain.scalars import Scalar
from recviz.explain.texts import ReadTexts, read_texts
from recviz.model.batch import Batch
from recviz.model.network import EventParts
from recviz.model.predictor import Predictor

NODES = 32
"""Gauss-Legendre nodes of the integral."""
TOKENS_AT_ONCE = 2048
"""Tokens that go through the language model with gradient together: bounds the memory."""

# E events looked into, V rows of the scalar for one history, R rows at work (E times nodes), L events, T tokens, D width


@dataclass(frozen=True, slots=True, kw_only=True)
class PartValues:
    """Integrated gradients of E events, in the scalar's unit."""

    texts: ReadTexts
    tokens: NDArray[np.float64]
    """``(E, T)``; 0 on padding."""
    identity: NDArray[np.float64]
    """``(E,)``."""
    kind: NDArray[np.float64]
    """``(E,)``."""
    value: NDArray[np.float64]
    """``(E,)``."""
    time: NDArray[np.float64]
    """``(E,)``."""
    difference: NDArray[np.float64]
    """What the parts should sum to: score as it is, less score with the event's parts at their baselines, ``(E,)``."""

    @property
    def explained(self) -> NDArray[np.float64]:
        """Sum of the parts, ``(E,)``."""
        total: NDArray[np.float64] = self.tokens.sum(axis=1) + self.identity + self.kind + self.value + self.time
        return total


def part_values(
    predictor: Predictor,
    scalar: Scalar,
    history: History,
    instant: int,
    positions: Sequence[int],
    nodes: int = NODES,
) -> PartValues:
    """Divide the effect of what these events are over their parts.

    Args:
        predictor: The model at its origin.
        scalar: What is explained.
        history: All events that count.
        instant: The moment that the model looks ahead from.
        positions: Places of the events in the history; each within the encoder's window.
        nodes: Of the integral.

    Raises:
        InvalidSettingError: If an event is too old for the window.
    """
    from captum.attr import IntegratedGradients

    path = _Path(predictor, scalar, history, instant, positions)
    inputs, baselines = path.inputs(), path.baselines()
    at_once = max(len(positions), TOKENS_AT_ONCE // inputs[0].shape[1])
    index = torch.arange(len(positions), device=inputs[0].device)
    gradients = IntegratedGradients(path.score).attribute(
        inputs,
        baselines,
        additional_forward_args=(index,),
        n_steps=nodes,
        method="gausslegendre",
        internal_batch_size=at_once,
    )
    with torch.no_grad():
        difference = path.score(*inputs, index).double() - path.score(*baselines, index).double()
    tokens, *others = (part.detach().double().sum(-1).cpu().numpy() for part in gradients)
    identity, kind, value, time = others
    return PartValues(
        texts=path.texts,
        tokens=tokens,
        identity=identity,
        kind=kind,
        value=value,
        time=time,
        difference=difference.cpu().numpy(),
    )


def window_places(predictor: Predictor, history: History, positions: Sequence[int]) -> NDArray[np.intp]:
    """Return where events of a history stand in the encoder's window, which drops the oldest, ``(E,)``.

    Raises:
        InvalidSettingError: If an event is too old for the window.
    """
    window = np.sort(predictor.latest(history, predictor.config.max_history))
    places = np.searchsorted(window, positions)
    if np.any(window[np.minimum(places, len(window) - 1)] != positions):
        raise InvalidSettingError.of(
            "The event is older than those that the model attends to", "explanation", "Pick a later event"
        )
    return places


class _Path:
    """The score as a function of the parts of one event at a time."""

    def __init__(
        self, predictor: Predictor, scalar: Scalar, history: History, instant: int, positions: Sequence[int]
    ) -> None:
        self._predictor, self._scalar, self._instant = predictor, scalar, scalar.looks_from(instant)
        self._variants = scalar.histories(history, instant, predictor)
        with torch.no_grad():
            batch = predictor.collate(self._variants, [self._instant] * len(self._variants))
            parts = predictor.parts(batch)
        self._old = (parts.text, parts.identity, parts.kind, parts.value, parts.time)
        slots = [window_places(predictor, row.before(self._instant), positions) for row in self._variants]
        self._slots = torch.tensor(np.stack(slots), device=batch.dropped.device)  # (V, E)
        self._batches: dict[int, Batch] = {}
        self.texts = read_texts(predictor, [int(history.item[position]) for position in positions])

    def inputs(self) -> tuple[Tensor, ...]:
        """The parts as they are: ``(E, T, H)``, three times ``(E, D)``, ``(E, 1)``."""
        _, *others, time = (part[0, self._slots[0]] for part in self._old)
        return self.texts.embeddings, *others, time[:, None]

    def baselines(self) -> tuple[Tensor, ...]:
        """The parts at their baselines, shaped as `inputs`."""
        _, *others = self.inputs()
        return self.texts.baseline, *(torch.zeros_like(part) for part in others)

    def score(self, *given: Tensor) -> Tensor:
        """Return the score of each row, ``(R,)``; row r replaces the parts of event ``index[r]``.

        Args:
            *given: The five parts as `inputs` has them, for R rows; last ``index``, ``(R,)``.
        """
        embeddings, *parts, time, index = given
        n_rows, n_variants = len(index), len(self._variants)
        text = self.texts.vectors(self._predictor, embeddings, index)  # (R, D)
        slot = self._slots[:, index].T.flatten()  # (R * V,)
        row = torch.arange(len(slot), device=slot.device)
        changed = EventParts(*(
            old.repeat(n_rows, *[1] * (old.dim() - 1)).index_put((row, slot), new[row // n_variants])
            for old, new in zip(self._old, (text, *parts, time[:, 0]), strict=True)
        ))  # fmt: skip
        prediction = self._predictor.predict_parts(self._batch(n_rows), changed)
        return self._scalar.value(prediction, self._predictor)

    def _batch(self, n_rows: int) -> Batch:
        if n_rows not in self._batches:
            histories = [*self._variants] * n_rows
            self._batches[n_rows] = self._predictor.collate(histories, [self._instant] * len(histories))
        return self._batches[n_rows]
