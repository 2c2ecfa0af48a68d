"""A workspace whose one run is a predictor with answers known by hand; other modules have one of their own."""

from types import SimpleNamespace

import pandas as pd
import pytest

from tests.explain.linear import LinearPredictor
from tests.logs import make_dataset


@pytest.fixture
def predictor(tmp_path) -> LinearPredictor:
    events = [
        {
            "user_id": user,
            "item_id": f"i{(at + shift) % 6}",
            "timestamp": pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * at),
            "kind": "buy",
            "value": 1.0 + at % 3,
            "title": f"{['red', 'blue', 'oak', 'tin', 'wool', 'tea'][(at + shift) % 6]} cup",
            "category": "ab"[(at + shift) % 2],
        }
        for user, shift in (("001", 0), ("1", 3))
        for at in range(7)
    ]
    return LinearPredictor(make_dataset(tmp_path / "shop", pd.DataFrame(events)))


@pytest.fixture
def ws(predictor, tmp_path):
    return SimpleNamespace(
        predictor=lambda run, origin: predictor if (run, origin) == ("r", "now") else None,
        settings=SimpleNamespace(cache=tmp_path / "cache"),
    )
