"""A refit repeats what was validated, on everything before the cut."""

import itertools

import pytest
import torch

from recviz.model.checkpoint import read_facts, read_tensors
from recviz.model.config import RunConfig
from recviz.training.preparing import REFIT, Preparation
from recviz.training.validation import Validation
from tests.logs import make_dataset
from tests.training.small import small_frame, train

PLANNED = 4


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of which the first pass of four was the best, with its log."""
    losses = itertools.count(1.0)
    monkeypatch.setattr(Validation, "loss", lambda *_: {"total": next(losses)})
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=PLANNED, patience=2, refit=True)
    return dataset, tmp_path / "run"


def of_one_pass(dataset, folder, planned):
    """Fit the first pass of so many to everything before the cut."""
    prepared = Preparation(dataset, RunConfig.read(folder), folder, folder.parent / "cache", torch.device("cpu"))
    stage = prepared.stage(REFIT, planned)
    for _ in stage.run_pass():
        pass
    return {name.removeprefix("network."): weight for name, weight in stage.averaged.items()}


def test_the_chosen_passes_are_taken_with_the_rates_that_they_were_validated_with(run):
    dataset, folder = run

    model, facts = read_tensors(folder / "model", "network"), read_facts(folder / "model")

    assert facts["passes"] == facts["search"]["best_passes"] == 1
    same, of_its_own = of_one_pass(dataset, folder, PLANNED), of_one_pass(dataset, folder, 1)
    assert all(torch.equal(model[name], weight) for name, weight in same.items())
    assert not all(torch.equal(model[name], weight) for name, weight in of_its_own.items())
