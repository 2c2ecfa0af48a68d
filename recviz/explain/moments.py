"""Instants of a log in words."""

import pandas as pd

from recviz.data.dataset import Dataset


def moment(dataset: Dataset, time_or_position: int) -> str:
    """Write an instant of the log: ISO 8601 UTC, or the position in a log that has an order only."""
    if not dataset.has_times:
        return str(time_or_position)
    return pd.Timestamp(time_or_position, unit="us", tz="UTC").isoformat()
