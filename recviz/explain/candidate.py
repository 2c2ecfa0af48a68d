"""What in the recommended item's own text spoke for it: a strip of its own, not added to the events."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from recviz.data.history import History
from recviz.explain.explanation import TextAttribution
from recviz.explain.faithfulness import relative_gap
from recviz.explain.parts import NODES, TOKENS_AT_ONCE
from recviz.explain.scalars import MarkLogProbability, candidate_position
from recviz.explain.texts import read_texts
from recviz.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class CandidateText:
    """The recommended item's words, in nats."""

    text: TextAttribution | None
    """``None`` where the item has no text."""
    gap_share: float
    """Error of the integral relative to the larger of the difference and 0.1 nat."""


def candidate_text(
    predictor: Predictor, scalar: MarkLogProbability, history: History, instant: int, nodes: int = NODES
) -> CandidateText:
    """Divide the difference that the item's text makes to its own log-probability over the text's tokens.

    The baseline is that of event texts: the neutral token at every place that stands for text. Where the item stands
    in the history too, its text there stays as it is.
    """
    from captum.attr import IntegratedGradients

    read = read_texts(predictor, [scalar.item])
    with torch.no_grad():
        prediction = predictor.predict([history], [instant])
        own = predictor.item_vectors[candidate_position(predictor, scalar.item)]  # (D,)
        index = torch.zeros(1, dtype=torch.long, device=own.device)
        rest = own - predictor.ready(read.vectors(predictor, read.embeddings, index))[0]  # (D,), all that is not text

    def score(embeddings: Tensor) -> Tensor:
        rows = torch.zeros(len(embeddings), dtype=torch.long, device=own.device)
        vectors = rest + predictor.ready(read.vectors(predictor, embeddings, rows))  # (R, D)
        return scalar.value_for(prediction.rows(rows), predictor, vectors)

    gradients = IntegratedGradients(score).attribute(
        read.embeddings,
        read.baseline,
        n_steps=nodes,
        method="gausslegendre",
        internal_batch_size=max(1, TOKENS_AT_ONCE // read.embeddings.shape[1]),
    )
    values = gradients[0].detach().double().sum(-1).cpu().numpy()
    with torch.no_grad():
        difference = float(score(read.embeddings)[0] - score(read.baseline)[0])
    gap = relative_gap(difference - float(np.sum(values)), difference)
    return CandidateText(read.attribution(0, values), gap)
