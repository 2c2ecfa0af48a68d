"""Workspaces for faults to happen in."""

import shutil

import numpy as np
import pandas as pd

from recviz.settings import Settings
from tests.logs import make_dataset

EARLIER = "earlier"
"""Id of the run that every workspace has completed before its fault."""


def make_settings(folder):
    return Settings(workspace=folder, heartbeat_seconds=0.5, device="cpu", threads=1)


def copied(template, folder):
    shutil.copytree(template.workspace, folder)
    return make_settings(folder)


def tiny_log(folder, value=None):
    """Store a log of 900 events of 40 users with 12 items; ``value(rng, count)`` gives the events' values."""
    rng = np.random.default_rng(0)
    events = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in rng.integers(40, size=900)],
            "item_id": [f"i{item}" for item in rng.integers(12, size=900)],
            "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(200, size=900), unit="D"),
        }
    )
    words = ["red", "blue", "tent", "bag", "lamp", "candle"]
    items = pd.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(12)],
            "title": [f"{words[item % 2]} {words[2 + item % 4]} {item}" for item in range(12)],
        }
    )
    make_dataset(folder, events if value is None else events.assign(value=value(rng, len(events))), items)
