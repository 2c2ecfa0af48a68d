"""A predictor whose answers are random but fixed by the history, so that what stands on it can be tested alone."""

import zlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch

from recviz.data.split import make_split, origin_view
from recviz.model.assembly import candidate_items, index_items
from recviz.model.level import LevelSpread
from recviz.model.prediction import Prediction
from recviz.text.items import item_texts
from tests.logs import make_dataset
from tests.unkept import Unkept

WIDTH = 8


def shop(folder, users=12, items=9, events=160, seed=0, **columns):
    """Store a random year of a small shop in three categories."""
    rng = np.random.default_rng(seed)
    item = rng.integers(0, items, events)
    frame = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in rng.integers(0, users, events)],
            "item_id": [f"i{each}" for each in item],
            "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365 * 24, events), unit="h"),
            "title": [("red tea cup", "garden spade", "wool scarf")[each % 3] + f" {each}" for each in item],
            "category": [("kitchen", "garden", "clothes")[each % 3] for each in item],
        }
    )
    return make_dataset(folder, frame.assign(**columns))


class FakePredictor:
    """What `recviz.model.predictor.Predictor` promises, without a model."""

    def __init__(self, dataset, origin="cut", *, split="time", period="week", horizon=6, seed=0):
        self.dataset, self.origin, self.seed = dataset, origin, seed
        self.split = make_split(dataset, split, None, period, horizon)
        self.instant = self.split.cut if origin == "cut" else self.split.now
        self.view = origin_view(dataset, self.split, origin)
        self.users = self.view.users()
        self.trained_items = candidate_items(dataset, self.split)
        seen = np.zeros(dataset.manifest.n_items, dtype=bool)
        seen[np.asarray(self.view.store.item)[self.view.rows()]] = True
        seen[self.trained_items.rows] = False
        rows = np.concatenate([self.trained_items.rows, np.flatnonzero(seen)])
        found = index_items(rows, dataset.manifest.n_items)
        self.candidates, self.position = found.rows, found.position
        self.item_texts = item_texts(dataset.items.iloc[rows], dataset.manifest.text_fields)
        self.item_vectors = torch.stack([_vector(text.text) for text in self.item_texts])
        self.pretrained_vectors = torch.nn.functional.normalize(self.item_vectors, dim=1).numpy()
        self.fingerprint = f"fake:{seed}:{origin}"
        self.kept = Unkept()
        self.level = LevelSpread()
        self.collator = SimpleNamespace(is_target=dataset.target_kinds)

    def history(self, user):
        return self.view.history(user)

    def instant_of(self, user):  # noqa: ARG002 - as the real one
        return self.instant

    def embed_topic(self, text):
        return torch.nn.functional.normalize(_vector(text), dim=0).numpy()

    def expected_values(self, prediction):
        if self.dataset.manifest.value_type == "none":
            return None
        return prediction.z[:, 0] @ self.item_vectors.T

    def expected_value(self, prediction, position):
        values = self.expected_values(prediction)
        return None if values is None else values[:, position]

    def predict(self, histories, instants=None):  # noqa: ARG002 - as the real one
        rows = [self._row(history) for history in histories]
        width = max(1, *(len(row["own_item"]) for row in rows))
        for row in rows:
            row["own_item"] = torch.nn.functional.pad(row["own_item"], (0, width - len(row["own_item"])))
            row["own_weight"] = torch.nn.functional.pad(row["own_weight"], (0, width - len(row["own_weight"])))
        stacked = {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
        rows, items = len(histories), len(self.candidates)
        return Prediction(
            **stacked,
            popularity_weight=torch.zeros(self.split.horizon + 1, 1),
            snapshot=torch.zeros(rows, dtype=torch.int64),
            popularity=torch.zeros(1, 1, items),
            own_bias=torch.linspace(0, 1, items),
        )

    def _row(self, history):
        draw = torch.Generator().manual_seed(zlib.crc32(history.item.tobytes() + history.time.tobytes()) + self.seed)
        periods = self.split.horizon
        own, counts = np.unique(self.position[history.item], return_counts=True)
        gate = torch.rand(periods + 1, generator=draw) * float(len(own) > 0)
        return {
            "mu": torch.rand(periods, generator=draw) + 0.01,
            "shape": torch.rand((), generator=draw) + 0.3,
            "depth": 1 + torch.rand((), generator=draw),
            "z": torch.randn(periods + 1, WIDTH, generator=draw),
            "gate": gate,
            "own_item": torch.from_numpy(own),
            "own_weight": torch.from_numpy(counts / max(counts.sum(), 1)).float(),
            "own_value": torch.zeros(()),
        }


def _vector(text):
    """Add up one fixed random vector a word, so that texts that share words are alike."""
    seeds = [zlib.crc32(word.encode()) for word in text.lower().split()] or [0]
    return sum(torch.randn(WIDTH, generator=torch.Generator().manual_seed(seed)) for seed in seeds)
