"""A predictor whose every answer is known by hand: the logarithm of activity is a sum over events and their parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from recviz.data.dataset import Dataset
from recviz.data.history import History
from recviz.data.sequences import view_all
from recviz.data.split import make_split
from recviz.model.config import RunConfig
from recviz.model.network import EventParts
from recviz.model.prediction import Prediction
from recviz.text.encoder import TokenBatch
from recviz.text.items import item_texts
from tests.unkept import Unkept

WIDTH, TEXT_WIDTH, VOCABULARY = 6, 5, 50
START, END, MASK = 1, 2, 3


@dataclass(frozen=True)
class LinearBatch:
    """Right-padded histories; ``count`` counts all events, dropped too."""

    count: Tensor
    item: Tensor
    kind: Tensor
    value: Tensor
    valid: Tensor
    dropped: Tensor
    instant: Tensor
    own_item: Tensor
    own_weight: Tensor
    own_value: Tensor


class LinearTokenizer:
    """What the baselines ask of a tokenizer."""

    mask_token_id, unk_token_id, pad_token_id = MASK, 0, 0

    def __len__(self) -> int:
        return VOCABULARY


class LinearEncoder:
    """Words as tokens between two markers; the vector of a text is the mean of its embeddings."""

    def __init__(self, generator: torch.Generator) -> None:
        self.table = torch.randn(VOCABULARY, TEXT_WIDTH, generator=generator)
        self.tokenizer = LinearTokenizer()
        self.max_tokens = 6

    def tokens(self, texts: Sequence[str]) -> TokenBatch:
        rows = [self._row(text) for text in texts]
        length = max(len(row) for row in rows)
        padded = torch.tensor([row + [(0, 0, 0, 0, 0)] * (length - len(row)) for row in rows])
        cut = [len(re.findall(r"\w+", text)) > self.max_tokens - 2 for text in texts]
        return TokenBatch(
            ids=padded[..., 0],
            mask=padded[..., 1],
            offsets=padded[..., 2:4],
            special=padded[..., 4].bool(),
            truncated=torch.tensor(cut),
        )

    def _row(self, text: str) -> list[tuple[int, int, int, int, int]]:
        words = list(re.finditer(r"\w+", text))[: self.max_tokens - 2]
        inside = [(10 + sum(map(ord, word[0])) % 40, 1, *word.span(), 0) for word in words]
        return [(START, 1, 0, 0, 1), *inside, (END, 1, 0, 0, 1)]

    def embed(self, ids: Tensor) -> Tensor:
        return self.table[ids]

    def encode_embeddings(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        weight = mask[..., None].float()
        return (embeddings * weight).sum(1) / weight.sum(1)


class LinearPredictor:
    """log mu = 0.1 + sum over events of (w . parts + 0.3 * time + habit + curve * events)."""

    def __init__(self, dataset: Dataset, *, habit: float = 0.2, interaction: float = 0.0, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.dataset = dataset
        self.config = RunConfig(horizon=2, max_history=100)
        self.split = make_split(dataset, "time" if dataset.has_times else "leave-one-out", None, "week", 2)
        self.origin, self.instant, self.fingerprint = "now", self.split.now, "linear@0"
        self.kept = Unkept()
        n_items = dataset.manifest.n_items
        self.candidates, self.position = np.arange(n_items), np.arange(n_items)
        self.users = np.arange(dataset.manifest.n_users)
        self.view = view_all(dataset.store)
        self.text = LinearEncoder(generator)
        self.projection = torch.randn(TEXT_WIDTH, WIDTH, generator=generator)
        self.identity = torch.randn(n_items, WIDTH, generator=generator)
        self.kind = torch.randn(len(dataset.manifest.kinds), WIDTH, generator=generator)
        self.value_weight = torch.randn(WIDTH, generator=generator)
        self.w = torch.randn(WIDTH, generator=generator) * 0.1
        self.habit, self.interaction = habit, interaction
        texts = [text.text for text in item_texts(dataset.items, dataset.manifest.text_fields)]
        tokens = self.text.tokens(texts)
        pooled = self.text.encode_embeddings(self.text.embed(tokens.ids), tokens.mask)
        self.text_vectors = self.project(pooled)
        self.item_vectors = self.text_vectors + self.identity
        self.item_text, self.item_identity = self.text_vectors, self.identity

    def project(self, pooled: Tensor) -> Tensor:
        return pooled @ self.projection

    def history(self, user: int) -> History:
        return self.dataset.store.history(user)

    def instant_of(self, user: int) -> int:
        del user
        return self.instant

    def latest(self, history: History, count: int) -> np.ndarray:
        order = np.lexsort((history.value, -history.item, history.time))
        return order[max(0, len(order) - count) :]

    def collate(self, histories: Sequence[History], instants: Sequence[int]) -> LinearBatch:
        histories = [history.before(instant) for history, instant in zip(histories, instants, strict=True)]
        kept = [history.take(np.sort(self.latest(history, self.config.max_history))) for history in histories]
        length = max(1, *(len(history) for history in kept))

        def padded(name: str) -> Tensor:
            rows = [np.pad(np.nan_to_num(getattr(row, name)), (0, length - len(row))) for row in kept]
            return torch.tensor(np.stack(rows))

        valid = torch.tensor([[at < len(row) for at in range(length)] for row in kept])
        return LinearBatch(
            count=torch.tensor([float(len(history)) for history in histories]),
            item=padded("item").long(),
            kind=padded("kind").long(),
            value=padded("value").float(),
            valid=valid,
            dropped=torch.tensor([len(full) - len(row) for full, row in zip(histories, kept, strict=True)]),
            instant=torch.tensor(list(instants))[:, None],
            own_item=padded("item").long(),
            own_weight=valid / valid.sum(1, keepdim=True).clamp_min(1),
            own_value=torch.zeros(len(kept), 1),
        )

    def parts(self, batch: LinearBatch) -> EventParts:
        return EventParts(
            self.text_vectors[batch.item],
            self.identity[batch.item],
            self.kind[batch.kind],
            batch.value[..., None] * self.value_weight,
        )

    def predict(self, histories: Sequence[History], instants: Sequence[int] | None = None) -> Prediction:
        batch = self.collate(histories, instants or [self.instant + 1] * len(histories))
        with torch.no_grad():
            return self.predict_parts(batch, self.parts(batch))

    def predict_subsets(self, history: History, instant: int, present: np.ndarray) -> Prediction:
        return self.predict([history.take(row) for row in present], [instant] * len(present))

    def predict_parts(self, batch: LinearBatch, parts: EventParts) -> Prediction:
        valid = batch.valid[..., None].float()  # (B, L, 1)
        events = (parts.text + parts.identity + parts.kind + parts.value) * valid  # (B, L, D)
        count = batch.count  # (B,), all events, dropped too
        time = torch.ones(batch.item.shape) if parts.time is None else parts.time
        log_mu = 0.1 + (events @ self.w).sum(1) + 0.3 * (time * batch.valid).sum(1) + self.habit * count
        log_mu = log_mu + self.interaction * count**2
        n_rows = len(count)
        return Prediction(
            mu=log_mu.exp()[:, None] * torch.tensor([1.0, 2.0]),
            shape=torch.ones(n_rows),
            depth=torch.full((n_rows,), 1.5),
            z=(events * (0.2 + 0.1 * time[..., None])).sum(1)[:, None, :].expand(-1, 3, -1),
            gate=torch.full((n_rows, 3), 0.2) * (count > 0)[:, None],
            own_item=batch.own_item,
            own_weight=batch.own_weight,
            popularity_weight=torch.zeros(3, 1),
            snapshot=torch.zeros(n_rows, dtype=torch.int64),
            popularity=torch.zeros(1, 1, len(self.candidates)),
            own_bias=torch.zeros(len(self.candidates)),
            own_value=torch.zeros(n_rows),
        )

    def expected_value(self, prediction: Prediction, position: int) -> Tensor:
        return prediction.z[:, 0] @ self.item_vectors[position]

    def ready(self, vectors: Tensor) -> Tensor:
        return vectors

    def with_window(self, max_history: int) -> "LinearPredictor":
        self.config = replace(self.config, max_history=max_history)
        return self
