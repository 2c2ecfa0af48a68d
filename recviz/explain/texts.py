"""Item texts as the language model reads them, with the embeddings that attribution moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.explain.choices import Baseline
from recviz.explain.explanation import TextAttribution
from recviz.explain.rollup import text_attribution
from recviz.model.predictor import Predictor
from recviz.text.encoder import TextEncoder, TokenBatch
from recviz.text.items import ItemText, item_texts

# N texts, T tokens, H width of the language model, R rows at work, D width of item vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTexts:
    """Texts of N items, tokenised."""

    texts: tuple[ItemText, ...]
    tokens: TokenBatch
    stands: Tensor
    """Whether a token stands for a stretch of the text: no marker, no padding, bool ``(N, T)``."""
    embeddings: Tensor
    """``(N, T, H)``."""
    baseline: Tensor
    """The same with the baseline at every place that stands for text, ``(N, T, H)``."""

    def vectors(self, predictor: Predictor, embeddings: Tensor, index: Tensor) -> Tensor:
        """Return the text part of the item vectors for other embeddings of the texts ``index``, ``(R, D)``."""
        return predictor.project(predictor.text.encode_embeddings(embeddings, self.tokens.mask[index]))

    def attribution(self, row: int, values: NDArray[np.float64]) -> TextAttribution | None:
        """Place token values ``(T,)`` on their text; ``None`` where the item has no text."""
        item = self.texts[row]
        if not item.text.strip():
            return None
        return text_attribution(
            text=item.text,
            spans=item.spans,
            offsets=self.tokens.offsets[row].cpu().numpy(),
            stands=self.stands[row].cpu().numpy(),
            values=values,
            is_truncated=bool(self.tokens.truncated[row]),
        )


def read_texts(predictor: Predictor, items: Sequence[int], baseline: Baseline = "neutral") -> ReadTexts:
    """Tokenise the texts of these items (rows of the item table) and look up their embeddings."""
    encoder = predictor.text
    frame = predictor.dataset.items.iloc[list(items)]
    texts = tuple(item_texts(frame, predictor.dataset.manifest.text_fields))
    device = predictor.item_vectors.device
    read = encoder.tokens([item.text for item in texts])
    tokens = replace(read, ids=read.ids.to(device), mask=read.mask.to(device), special=read.special.to(device))
    has_text = torch.tensor([bool(item.text.strip()) for item in texts], device=device)
    stands = tokens.mask.bool() & ~tokens.special & has_text[:, None]
    with torch.no_grad():
        embeddings = encoder.embed(tokens.ids)
        without = torch.where(stands[..., None], stand_in(encoder, baseline, embeddings), embeddings)
    return ReadTexts(texts=texts, tokens=tokens, stands=stands, embeddings=embeddings, baseline=without)


def stand_in(encoder: TextEncoder, baseline: Baseline, embeddings: Tensor) -> Tensor:
    """Return what stands in place of a word, ``(H,)``, on the device of ``embeddings``."""
    tokenizer = encoder.tokenizer
    match baseline:
        case "neutral":
            return encoder.embed(torch.tensor(neutral_id(encoder), device=embeddings.device))
        case "padding":
            padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else neutral_id(encoder)
            return encoder.embed(torch.tensor(padding, device=embeddings.device))
        case "mean":
            return encoder.embed(torch.arange(len(tokenizer), device=embeddings.device)).mean(dim=0)
        case "zero":
            return torch.zeros_like(embeddings[0, 0])
        case _:
            assert_never(baseline)


def neutral_id(encoder: TextEncoder) -> int:
    """Return the token that stands for "some word" in the baseline: mask, else unknown, else padding."""
    tokenizer = encoder.tokenizer
    known = (tokenizer.mask_token_id, tokenizer.unk_token_id, tokenizer.pad_token_id)
    return int(next(token for token in known if token is not None))
