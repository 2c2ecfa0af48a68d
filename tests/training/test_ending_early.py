"""Stop and finish: training ends at the next step, and the best so far becomes the model."""

import pytest
import torch

from recviz.model.checkpoint import CHECKPOINTS, read_facts, read_tensors
from recviz.model.config import preset_config
from recviz.model.predictor import load_predictor
from recviz.training.finetune import finetune
from tests.logs import make_dataset
from tests.training.small import QUICK, small_frame, train


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("logs") / "log", small_frame())


def ended(dataset, folder, when, **changes):
    """Train until ``when(progress)``, then finish early; return what was reported."""
    torch.set_num_threads(1)  # as `train` does, whose weights are compared bit for bit
    folder.mkdir(exist_ok=True)
    config = preset_config("fast", **{"dataset": dataset.id, **QUICK, "passes": 4, "patience": 4, **changes})
    config.write(folder)
    said = []
    cache, device = folder.parent / "cache", torch.device("cpu")
    steps = finetune(dataset, config, folder, cache, device, lambda: bool(said) and when(said))
    while (progress := next(steps, None)) is not None:
        said.append(progress)
    return said


def steps(said, phase):
    return sum(progress.phase == phase and "total" in progress.losses for progress in said)


def test_while_passes_are_chosen_the_best_by_validation_is_kept_and_there_is_no_refit(dataset, tmp_path):
    said = ended(dataset, tmp_path / "run", lambda said: steps(said, "choosing passes") >= 17, refit=True)

    assert steps(said, "choosing passes") == 17
    assert steps(said, "refit") == 0
    validated = [progress for progress in said if progress.validation is not None]
    best = min(validated, key=lambda progress: progress.validation)
    assert validated[-1].step == 17  # what was begun is judged too
    facts = read_facts(tmp_path / "run" / "model")
    assert facts["search"]["best_step"] == best.step
    kept = read_tensors(tmp_path / "run" / CHECKPOINTS / f"step-{best.step}", "average")
    model = read_tensors(tmp_path / "run" / "model", "network")
    assert all(torch.equal(model[name.removeprefix("network.")], kept[name]) for name in kept)
    assert said[-1].note.startswith("Training ended early, as asked. Kept the best weights, of pass")


def test_during_the_refit_the_validated_weights_of_the_choice_are_kept(dataset, tmp_path):
    said = ended(dataset, tmp_path / "run", lambda said: steps(said, "refit") >= 2, passes=2, refit=True)
    alone = train(dataset, tmp_path / "alone", passes=2, patience=4, refit=False)

    assert steps(said, "refit") == 2
    assert alone[-1].pass_ == said[-1].pass_
    early, chosen = (read_tensors(tmp_path / name / "model", "network") for name in ("run", "alone"))
    assert all(torch.equal(early[name], chosen[name]) for name in chosen)
    assert len(load_predictor(dataset, tmp_path / "run", "cut", "cpu").users) > 0


def test_before_the_first_step_is_done_the_run_still_ends_with_a_model_and_says_so(dataset, tmp_path):
    said = ended(dataset, tmp_path / "run", bool)

    assert steps(said, "choosing passes") == 0
    assert said[-1].note == "Training ended early, as asked. Kept the weights of step 0: none had been validated"
    predictor = load_predictor(dataset, tmp_path / "run", "cut", "cpu")
    assert predictor.predict([predictor.history(int(predictor.users[0]))]).mu.isfinite().all()


def test_a_worker_that_died_and_is_resumed_finishes_early_with_the_best_there_was(dataset, tmp_path):
    train(dataset, tmp_path / "broken", stop_after=24, passes=4, patience=4, refit=True)
    best = read_facts(max((tmp_path / "broken" / CHECKPOINTS).glob("step-*"), key=lambda path: int(path.name[5:])))

    said = ended(dataset, tmp_path / "broken", bool, refit=True)

    kept = read_tensors(tmp_path / "broken" / CHECKPOINTS / f"step-{best['search']['best_step']}", "average")
    model = read_tensors(tmp_path / "broken" / "model", "network")
    assert steps(said, "choosing passes") == steps(said, "refit") == 0
    assert all(torch.equal(model[name.removeprefix("network.")], kept[name]) for name in kept)


def test_a_best_checkpoint_that_was_damaged_is_told_and_the_last_weights_kept(dataset, tmp_path):
    run = tmp_path / "run"

    def damaged(said):
        done = steps(said, "refit") >= 1
        if done:
            best = read_facts(max((run / CHECKPOINTS).glob("step-*"), key=lambda path: int(path.name[5:])))["search"]
            (run / CHECKPOINTS / f"step-{best['best_step']}" / "average.safetensors").write_bytes(b"x")
        return done

    said = ended(dataset, run, damaged, passes=2, refit=True)

    assert "average.safetensors is damaged" in said[-1].note
