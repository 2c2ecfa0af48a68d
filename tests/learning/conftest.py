import json
from pathlib import Path

import pandas as pd
import pytest
import torch

from recviz.model.config import preset_config
from recviz.model.predictor import load_predictor
from recviz.training.finetune import finetune
from tests.logs import make_dataset

SAMPLE = Path(__file__).parents[2] / "sample_data"
NAMES = {"customer": "user_id", "product": "item_id", "bought_at": "timestamp", "quantity": "value"}
CHANGES = {"passes": 8}
"""Fast leaves the text as it is, which keeps the test short; validation is best after four or five passes."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A model that learnt the sample shop up to the cut, opened there."""
    folder = tmp_path_factory.mktemp("shop")
    events = pd.read_csv(SAMPLE / "events.csv.gz").rename(columns=NAMES).drop(columns=["title", "category"])
    items, users = pd.read_csv(SAMPLE / "items.csv"), pd.read_csv(SAMPLE / "users.csv")
    log = make_dataset(folder / "log", events.assign(timestamp=pd.to_datetime(events["timestamp"])), items, users)
    run = folder / "run"
    run.mkdir()
    config = preset_config("fast", dataset=log.id, **CHANGES)
    config.write(run)
    for _ in finetune(log, config, run, folder / "cache", torch.device("cpu")):
        pass
    return load_predictor(log, run, "cut", "cpu")


@pytest.fixture(scope="session")
def planted():
    """What the generator planted, by item."""
    return json.loads((SAMPLE / "causes.json").read_text())
