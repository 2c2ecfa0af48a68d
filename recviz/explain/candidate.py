"""What in the recommended item's own text spoke for it: a strip of its own, not added to the events."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.explain.choices import Baseline
from recviz.explain.explanation import TextAttribution
from recviz.explain.faithfulness import relative_gap
from recviz.explain.part_methods import NODES
from recviz.explain.parts import FINER, LARGEST_ERROR
from recviz.explain.path import TOKENS_AT_ONCE
from recviz.explain.scalars import Scalar, candidate_position
from recviz.explain.texts import read_texts
from recviz.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class CandidateText:
    """The recommended item's words, in nats."""

    text: TextAttribution | None
    """``None`` where the item has no text."""
    gap_share: float
    """Error of the integral relative to the larger of the difference and 0.1 nat."""


def candidate_text(  # noqa: PLR0913, PLR0917 - who, when, which item, from what
    predictor: Predictor,
    scalar: Scalar,
    history: History,
    instant: int,
    item: int,
    baseline: Baseline = "neutral",
    nodes: int = NODES,
) -> CandidateText:
    """Divide the difference that a candidate's text makes over the text's tokens, by integrated gradients.

    Args:
        predictor: The model at its origin.
        scalar: What is explained; the item is one of its `Scalar.strip_items`.
        history: All events that count. Where the item stands there too, its text there stays as it is.
        instant: The moment that the model looks ahead from.
        item: Row of the item table.
        baseline: What stands in place of a word, as for events.
        nodes: Of the integral; `FINER` times as many where its error is beyond `LARGEST_ERROR`.
    """
    from captum.attr import IntegratedGradients

    read = read_texts(predictor, [item], baseline)
    with torch.no_grad():
        prediction = predictor.predict([history], [scalar.looks_from(instant)])
        own = predictor.item_identity[candidate_position(predictor, item)]  # (D,), all that is not text

    def score(embeddings: Tensor) -> Tensor:
        rows = torch.zeros(len(embeddings), dtype=torch.long, device=own.device)
        vectors = predictor.ready(own + read.vectors(predictor, embeddings, rows))  # (R, D)
        return scalar.value_with(prediction.rows(rows), predictor, item, vectors)

    def divided(nodes: int) -> NDArray[np.float64]:
        gradients = IntegratedGradients(score).attribute(
            read.embeddings,
            read.baseline,
            n_steps=nodes,
            method="gausslegendre",
            internal_batch_size=max(1, TOKENS_AT_ONCE // read.embeddings.shape[1]),
        )
        values: NDArray[np.float64] = gradients[0].detach().double().sum(-1).cpu().numpy()
        return values

    with torch.no_grad():
        difference = float(score(read.embeddings)[0] - score(read.baseline)[0])
    values = divided(nodes)
    gap = relative_gap(difference - float(values.sum()), difference)
    if gap > LARGEST_ERROR:
        values = divided(FINER * nodes)
        gap = relative_gap(difference - float(values.sum()), difference)
    return CandidateText(read.attribution(0, values), gap)
