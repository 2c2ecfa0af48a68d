from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recviz.data.writer import PARTIAL
from tests.logs import make_dataset

EVENTS = pd.DataFrame(
    {
        "user_id": ["b", "a", "a", "a", "007"],
        "item_id": ["x", "y", "x", "x", "z"],
        "timestamp": ["2024-01-02", "2024-01-03", "2024-01-03", "2024-01-01", "2024-02-01"],
        "kind": ["buy", "view", "buy", "buy", "buy"],
        "value": [1.0, None, 2.0, 3.0, 4.0],
        "title": ["late X", "Y", "", "early X", "Z"],
    }
)


def test_histories_are_in_time_with_ties_in_the_order_of_item_bytes(tmp_path: Path):
    log = make_dataset(tmp_path / "log", EVENTS)

    history = log.store.history(log.user_index("a"))

    assert [log.item_ids[item] for item in history.item] == ["x", "x", "y"]
    assert [log.manifest.kinds[kind].name for kind in history.kind] == ["buy", "buy", "view"]
    assert history.value == pytest.approx([3.0, 2.0, np.nan], nan_ok=True)


def test_the_order_of_rows_changes_nothing_that_is_stored(tmp_path: Path):
    one = make_dataset(tmp_path / "one", EVENTS)
    two = make_dataset(tmp_path / "two", EVENTS.sample(frac=1, random_state=3))

    for name in ("events.parquet", "items.parquet", "users.parquet", "sequences/item.npy", "sequences/value.npy"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()


def test_a_title_is_the_one_of_the_first_row_in_time_that_has_one(tmp_path: Path):
    log = make_dataset(tmp_path / "log", EVENTS)

    assert log.title(log.item_index("x")) == "early X"


def test_items_of_the_item_table_stay_though_nobody_had_them(tmp_path: Path):
    items = pd.DataFrame({"item_id": ["new", "x"], "title": ["New", "Table X"]})

    log = make_dataset(tmp_path / "log", EVENTS, items)

    assert list(log.item_ids) == ["new", "x", "y", "z"]
    assert log.title(log.item_index("x")) == "Table X"
    assert log.title(log.item_index("y")) == "Y"
    assert log.manifest.has_item_table


def test_a_write_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("recviz.data.writer.Manifest.write", full)

    with pytest.raises(OSError, match="No space"):
        make_dataset(tmp_path / "log", EVENTS)

    assert not list(tmp_path.glob(f"{PARTIAL}*"))
    assert not (tmp_path / "log").exists()
