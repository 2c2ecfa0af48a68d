"""A log with a table of items, some of which nobody had before the end."""

import pandas as pd

from recviz.data.dataset import Dataset
from tests.forecast.fakes import shop
from tests.logs import make_dataset

NEWCOMERS = ("z sold", "a sold", "m never sold")


def shop_with_newcomers(tmp_path, **columns) -> Dataset:
    """Every second of the last events of the last two weeks is of a newcomer; events have values."""
    events = pd.read_parquet(shop(tmp_path / "before", users=40, items=20, events=1200).folder / "events.parquet")
    last = events.sort_values("timestamp", kind="stable").drop_duplicates("user_id", keep="last")
    late = last.index[last["timestamp"] >= last["timestamp"].max() - pd.Timedelta(days=14)]
    events.loc[late[::2], "item_id"] = NEWCOMERS[0]
    events.loc[late[::4], "item_id"] = NEWCOMERS[1]
    named = [*sorted({*events["item_id"]} - {*NEWCOMERS}), *NEWCOMERS]
    kinds = ("red tea cup", "garden spade", "wool scarf")
    items = pd.DataFrame(
        {
            "item_id": named,
            "title": [f"{kinds[at % 3]} {at}" for at in range(len(named))],
            "category": ["kitchen" if at % 2 else "garden" for at in range(len(named))],
        }
    )
    kept = events[["user_id", "item_id", "timestamp"]].assign(
        value=[float(at % 5) for at in range(len(events))], **columns
    )
    return make_dataset(tmp_path / "log", kept, items=items)
