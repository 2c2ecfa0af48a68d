"""A refit repeats what was validated, on everything before the cut."""

import numpy as np
import pandas as pd
import pytest
import torch

from recviz.model.assembly import event_counts
from recviz.model.checkpoint import CHECKPOINTS, read_facts, read_tensors
from recviz.model.config import RunConfig
from recviz.training.ending import LITTLE_HIDDEN
from recviz.training.preparing import CHOOSING, REFIT, Preparation
from recviz.training.progress import Search
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


@pytest.mark.parametrize("refit", [True, False])
def test_a_pass_that_validates_best_by_chance_is_kept_but_not_repeated(tmp_path, monkeypatch, refit):
    """Other draws do not come by the same weights again: where validation is low before and after, most are good."""
    losses = [5.0, 1.0, 3.0, 1.2, 1.1, 1.2]
    said = iter(losses)
    monkeypatch.setattr(Validation, "loss", lambda *_: {"total": next(said)})
    dataset = make_dataset(tmp_path / "log", small_frame())

    told = train(dataset, tmp_path / "run", passes=len(losses), patience=len(losses), refit=refit)

    assert ("Training anew up to pass 5, around which validation was best" in {step.note for step in told}) == refit
    facts = read_facts(tmp_path / "run" / "model")
    assert (facts["search"]["best_passes"], facts["search"]["found"]) == (2, losses)
    if refit:
        assert facts["passes"] == 5
    else:
        kept = read_tensors(tmp_path / "run" / CHECKPOINTS / f"step-{facts['search']['best_step']}", "average")
        model = read_tensors(tmp_path / "run" / "model", "network")
        assert all(torch.equal(model[name.removeprefix("network.")], weight) for name, weight in kept.items())


@pytest.mark.parametrize(
    ("found", "passes"),
    [([3.0], 1), ([1, 2], 1), ([9, 4, 3, 2], 4), ([1, 2, 3], 1), ([3, 2, 1.5, 1.6], 4), ([-0.10, -0.15, -0.16], 3)],
)
def test_at_either_end_a_pass_is_judged_by_what_there_is(found, passes):
    assert Search(found=[*map(float, found)]).passes_to_repeat == passes


def test_a_pass_that_was_judged_when_it_was_broken_off_counts_once():
    search = Search()
    for passes, loss in [(1, 5.0), (2, 4.5), (2, 4.0), (3, 3.0), (4, 2.0)]:
        search.see({"total": loss}, passes, 10 * passes)

    assert search.found == [5.0, 4.0, 3.0, 2.0]
    assert search.passes_to_repeat == 4


@pytest.mark.parametrize(("events_each", "anew"), [(12, True), (60, False)])
def test_a_fit_on_everything_follows_only_where_validation_hid_enough_to_learn_from(tmp_path, events_each, anew):
    """Each user's last event but one is a twelfth of what a user of 12 has, and less than a fiftieth with 60."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user_id": np.repeat([f"u{at}" for at in range(8)], events_each),
            "item_id": [f"i{at}" for at in rng.integers(0, 6, 8 * events_each)],
            "seq_pos": np.tile(np.arange(events_each), 8),
        }
    )
    dataset = make_dataset(tmp_path / "log", frame)

    said = train(dataset, tmp_path / "run", split="leave-one-out", cut=None, passes=2, refit=True)

    assert (REFIT in {step.phase for step in said}) == anew
    assert (LITTLE_HIDDEN in {step.note for step in said}) == (not anew)
    assert read_facts(tmp_path / "run" / "model")["passes"] >= 1


def test_how_far_own_vectors_move_is_measured_on_what_a_stage_learns_from(tmp_path):
    """Catches: passes that are chosen by weights which know how often items come in the validation window."""
    dataset = make_dataset(tmp_path / "log", small_frame())
    train(dataset, tmp_path / "run", stop_after=1)
    prepared = Preparation(
        dataset, RunConfig.read(tmp_path / "run"), tmp_path / "run", tmp_path / "cache", torch.device("cpu")
    )

    for name in (CHOOSING, REFIT):
        counts = event_counts(prepared.view(name), dataset.target_kinds, prepared.items)
        gain = prepared.stage(name, 1).network.own_gain
        assert counts.min() > 9
        np.testing.assert_allclose(gain, np.sqrt(counts) / 3, rtol=1e-6)
    assert prepared.view(CHOOSING).rows().sum() < prepared.view(REFIT).rows().sum()
