"""A refit repeats what was validated, on everything before the cut."""

import pytest
import torch

from recviz.model.checkpoint import read_facts, read_tensors
from recviz.model.config import RunConfig
from recviz.training.preparing import REFIT, Preparation
from recviz.training.validation import Validation
from tests.logs import make_dataset
from tests.training.small import small_frame, train

PLANNED = 4


@pytest.fixture(params=[1, 2, 3])
def run(request, tmp_path, monkeypatch):
    """A run of which that pass of four was the best, with its log."""
    best = request.param
    losses = iter([*range(best, 0, -1), *range(2, 2 + PLANNED)])
    monkeypatch.setattr(Validation, "loss", lambda *_: {"total": float(next(losses))})
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", passes=PLANNED, patience=2, refit=True)
    return dataset, tmp_path / "run", best


def of_so_many(passes, dataset, folder, planned):
    """Fit the first passes of a plan to everything before the cut."""
    prepared = Preparation(dataset, RunConfig.read(folder), folder, folder.parent / "cache", torch.device("cpu"))
    stage = prepared.stage(REFIT, planned)
    for _ in range(passes):
        for _ in stage.run_pass():
            pass
    return {name.removeprefix("network."): weight for name, weight in stage.averaged.items()}


def test_the_chosen_passes_are_taken_with_the_rates_that_they_were_validated_with(run):
    dataset, folder, best = run

    model, facts = read_tensors(folder / "model", "network"), read_facts(folder / "model")

    assert facts["passes"] == facts["search"]["best_passes"] == best
    same, of_its_own = of_so_many(best, dataset, folder, PLANNED), of_so_many(best, dataset, folder, best)
    assert all(torch.equal(model[name], weight) for name, weight in same.items())
    assert not all(torch.equal(model[name], weight) for name, weight in of_its_own.items())
