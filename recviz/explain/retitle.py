"""A candidate under another title: how likely the item would be if it were called otherwise."""

import copy
from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor

from recviz.errors import UnsupportedError
from recviz.explain.scalars import candidate_position
from recviz.language import tr
from recviz.model.predictor import Predictor
from recviz.text.items import ItemText, item_texts

TITLE = "title"


def retitled(predictor: Predictor, titles: Mapping[int, str]) -> Predictor:
    """Return the model with other titles of some candidates; the model itself where none is given.

    Only the candidate is renamed: events of the item keep the text that the model learnt from, and so does everything
    else that the model knows of the item (identity, popularity).

    Args:
        predictor: The model at its origin.
        titles: Row of the item table -> title.

    Raises:
        UnsupportedError: If an item is no candidate at this origin, or the run does not read titles.
    """
    if not titles:
        return predictor
    if TITLE not in predictor.dataset.manifest.text_fields:
        raise UnsupportedError.of(
            tr("This run does not read titles"),
            tr("log {name}").format(name=predictor.dataset.manifest.name),
            tr("Change the history instead"),
        )
    vectors = predictor.item_vectors.clone()
    for item, title in titles.items():
        row = predictor.dataset.items.iloc[[item]]
        rows = pd.concat([row, row.assign(**{TITLE: title})])
        old, new = _text_parts(predictor, item_texts(rows, predictor.dataset.manifest.text_fields))
        at = candidate_position(predictor, item)
        vectors[at] = predictor.ready(predictor.item_text[at] + predictor.item_identity[at] + new - old)
    twin = copy.copy(predictor)
    twin.item_vectors = vectors
    return twin


@torch.no_grad()
def _text_parts(predictor: Predictor, texts: list[ItemText]) -> Tensor:
    """Return the text parts of item vectors, ``(N, D)``."""
    device = predictor.item_vectors.device
    tokens = predictor.text.tokens([text.text for text in texts])
    embeddings = predictor.text.embed(tokens.ids.to(device))
    return predictor.project(predictor.text.encode_embeddings(embeddings, tokens.mask.to(device)))
