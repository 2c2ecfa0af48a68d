"""What explanations are timed against: integrated gradients over every text at once, shap's explainer over flat text."""

import time
import warnings
from dataclasses import dataclass, replace

import numpy as np
import torch
from captum.attr import IntegratedGradients
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.explain.path import take_rows, window_places
from recviz.explain.scalars import Scalar
from recviz.explain.texts import read_texts
from recviz.model.network import EventParts
from recviz.model.predictor import Predictor

STEPS = 50
"""captum's own default number of steps."""

# E events, T tokens of a title, H width of the language model, S rows at work, C masks


@dataclass(frozen=True, slots=True)
class Rival:
    """What another way says of each event, and how long it took."""

    seconds: float
    """Processor time."""
    values: NDArray[np.float64]
    """Sum over each event's words, ``(E,)``."""


class AllTexts:
    """The score of one history as a function of the texts of all its events."""

    def __init__(self, predictor: Predictor, scalar: Scalar, history: History, instant: int) -> None:
        self._predictor, self._scalar = predictor, scalar
        self._batch = predictor.collate([history], [instant])
        self._parts = predictor.parts(self._batch)
        positions = list(range(len(history)))
        self._slots = torch.from_numpy(window_places(predictor, history, positions))
        self.texts = read_texts(predictor, [int(item) for item in history.item])
        self._vectors: dict[bytes, Tensor] = {}

    def score(self, embeddings: Tensor) -> Tensor:
        """Return the score for embeddings of every text, ``(S, E, T, H)`` to ``(S,)``."""
        n_rows, n_events = embeddings.shape[:2]
        index = torch.arange(n_events).repeat(n_rows)
        text = self.texts.vectors(self._predictor, embeddings.flatten(0, 1), index)
        return self._scored(text.view(n_rows, n_events, -1))

    @torch.no_grad()
    def score_ids(self, ids: Tensor) -> NDArray[np.float64]:
        """Return the score for tokens of every text, ``(S, E, T)`` to ``(S,)``."""
        found = [self.score(self._predictor.text.embed(row)[None]).double().numpy() for row in ids]
        return np.concatenate(found)

    @torch.no_grad()
    def score_ids_once(self, ids: Tensor) -> NDArray[np.float64]:
        """As `score_ids`, but no text goes through the model twice."""
        keys = [[row[at].numpy().tobytes() + bytes([at]) for at in range(ids.shape[1])] for row in ids]
        new = {key: (row, at) for row, named in enumerate(keys) for at, key in enumerate(named)}
        new = {key: place for key, place in new.items() if key not in self._vectors}
        if new:
            rows, places = (torch.tensor(part) for part in zip(*new.values(), strict=True))
            embedded = self._predictor.text.embed(ids[rows, places])
            self._vectors.update(zip(new, self.texts.vectors(self._predictor, embedded, places), strict=True))
        text = torch.stack([torch.stack([self._vectors[key] for key in named]) for named in keys])
        return np.asarray(self._scored(text).double().numpy())

    def _scored(self, text: Tensor) -> Tensor:
        batch = take_rows(self._batch, torch.zeros(len(text), dtype=torch.long))
        parts = EventParts(*(
            getattr(self._parts, name).expand(len(text), *[-1] * (getattr(self._parts, name).dim() - 1))
            for name in ("text", "identity", "kind", "value")
        ))  # fmt: skip
        changed = parts.text.clone()
        changed[:, self._slots] = text
        return self._scalar.value(self._predictor.predict_parts(batch, replace(parts, text=changed)), self._predictor)


def gradients_over_all(whole: AllTexts) -> Rival:
    """Integrated gradients from the neutral token, 50 steps, all texts along one path."""
    started = time.process_time()
    found = IntegratedGradients(whole.score).attribute(
        whole.texts.embeddings[None], whole.texts.baseline[None], n_steps=STEPS, internal_batch_size=1
    )
    values = found[0].detach().double().sum(dim=(-1, -2)).numpy()
    return Rival(time.process_time() - started, values)


def partition_over_flat_text(whole: AllTexts, *, remembers: bool) -> Rival:
    """Run shap's partition explainer with its defaults over the titles, one after the other.

    Args:
        whole: The score.
        remembers: Whether a title that was read once is not read again, which the explainer knows nothing of.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap  # noqa: PLC0415 - its import warns

    tokenizer = whole._predictor.text.tokenizer  # noqa: SLF001 - of this benchmark
    ids, stands = whole.texts.tokens.ids, whole.texts.stands
    event_of = stands.nonzero()[:, 0].numpy()  # the event of each flat token
    flat = " ".join(text.text for text in whole.texts.texts)

    def scores(masked: NDArray[np.int64]) -> NDArray[np.float64]:
        kept = torch.from_numpy(np.stack([np.asarray(row)[1:-1] for row in masked]))  # (S, tokens)
        rows = ids.repeat(len(kept), 1, 1)
        rows[stands.expand(len(kept), -1, -1)] = kept.flatten()
        return whole.score_ids_once(rows) if remembers else whole.score_ids(rows)

    started = time.process_time()
    masker = shap.maskers.Text(tokenizer, mask_token=tokenizer.mask_token, output_type="token_ids")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = shap.PartitionExplainer(scores, masker)([flat], silent=True)
    tokens = np.asarray(found.values[0], np.float64)[1:-1]
    return Rival(time.process_time() - started, np.bincount(event_of, tokens, minlength=len(ids)))


def with_long_titles(predictor: Predictor, items: NDArray[np.integer], n_tokens: int) -> None:
    """Make the titles of these items so many tokens long, with words of other titles, as the model reads them."""
    dataset = predictor.dataset
    table = dataset.items.copy()
    words = " ".join(title for title in table["title"].head(400)).lower().split()
    tokenizer = predictor.text.tokenizer
    fields = dataset.manifest.text_fields
    for at, item in enumerate(np.unique(items).tolist()):
        title: list[str] = str(table["title"].iloc[item]).lower().split()
        step = 0
        while len(tokenizer.tokenize(" ".join(title))) < n_tokens:
            title.append(words[(37 * at + step) % len(words)])
            step += 1
        while len(tokenizer.tokenize(" ".join(title))) > n_tokens:
            title.pop()
        while len(tokenizer.tokenize(" ".join(title))) < n_tokens:
            title.append("a")  # one token
        for field in fields:
            table.iloc[item, table.columns.get_loc(field)] = " ".join(title) if field == "title" else ""
    dataset.__dict__["items"] = table
    rows = [int(item) for item in np.unique(items)]
    texts = read_texts(predictor, rows)
    with torch.no_grad():
        vectors = texts.vectors(predictor, texts.embeddings, torch.arange(len(rows)))
        predictor.item_text[predictor.position[rows]] = vectors
        predictor.item_vectors = predictor.ready(predictor.item_text + predictor.item_identity)
