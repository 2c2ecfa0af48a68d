from pathlib import Path

import pandas as pd
import pytest

from recviz.data.dataset import Dataset
from recviz.model.predictor import Predictor
from recviz.services.workspace import Workspace
from tests.explain.linear import LinearPredictor
from tests.logs import make_dataset
from tests.tiny import make_ready_workspace

WORDS = [
    "red",
    "blue",
    "tent",
    "warm",
    "cup",
    "tea",
    "lamp",
    "oak",
    "glass",
    "bag",
    "rope",
    "hat",
    "pan",
    "kettle",
    "stove",
    "candle",
]


def shop_events(user: str, count: int) -> list[dict[str, object]]:
    """A history with a title of two to five words, two kinds, and values on every other event."""
    return [
        {
            "user_id": user,
            "item_id": f"i{(at * 5) % 16:02d}",
            "timestamp": pd.Timestamp("2024-01-01") + pd.Timedelta(days=at),
            "kind": "buy" if at % 3 else "view",
            "value": float(at) if at % 2 else None,
            "title": " ".join(WORDS[((at * 5) % 16 + step) % 16] for step in range(2 + at % 4)),
            "category": "abc"[(at * 5) % 3],
        }
        for at in range(count)
    ]


@pytest.fixture
def log(tmp_path: Path) -> Dataset:
    events = [*shop_events("short", 5), *shop_events("middle", 12), *shop_events("long", 60)]
    return make_dataset(tmp_path / "shop", pd.DataFrame(events))


@pytest.fixture
def predictor(log: Dataset) -> LinearPredictor:
    return LinearPredictor(log)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """A model that really learnt something, of a tiny shop, opened at its cut."""
    settings, _, run = make_ready_workspace(tmp_path_factory.mktemp("explained"))
    return Workspace(settings).predictor(run, "cut")
