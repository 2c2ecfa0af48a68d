"""The same model without text is really trained, on the same log and cut, and has really read nothing."""

import numpy as np
import pytest
import torch

from recviz.baselines.sequence import config_without_text, train_without_text
from recviz.evaluate.backtest import evaluate_run
from recviz.model.checkpoint import CHECKPOINTS
from recviz.model.predictor import load_predictor
from tests.logs import make_dataset
from tests.training.small import small_frame, train


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    dataset = make_dataset(folder / "log", small_frame())
    train(dataset, folder / "run", refit=True)
    return dataset, folder / "run"


@pytest.fixture(scope="module")
def predictor(run):
    return load_predictor(*run, "cut", "cpu")


@pytest.fixture(scope="module")
def twin(predictor, tmp_path_factory):
    told = []
    made = train_without_text(predictor, tmp_path_factory.mktemp("twin") / "twin", told.append)
    return made, told


def test_it_is_tuned_as_the_run_is(predictor, twin):
    made, told = twin

    config = made.twin.config
    assert config == config_without_text(predictor.config)
    assert (config.passes, config.refit, config.rate, config.width, config.cut) == (
        predictor.config.passes, predictor.config.refit, predictor.config.rate, predictor.config.width,
        predictor.config.cut,
    )  # fmt: skip
    assert told == sorted(told)
    assert told[-1] > 0.5
    assert not (made.twin.folder.parent / CHECKPOINTS).exists()


def test_every_item_text_looks_the_same_to_it(twin):
    text = twin[0].twin.item_text

    assert torch.allclose(text, text[:1].expand_as(text), atol=1e-4)


def test_it_ranks_the_runs_own_candidates(predictor, twin):
    scores = twin[0].scores(predictor.users[:5])

    assert scores.shape == (5, len(predictor.candidates))
    assert scores.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-4)
    assert len(np.unique(scores.argmax(axis=1))) > 1


def test_titles_of_items_change_nothing_that_it_says(predictor, twin, tmp_path):
    renamed = make_dataset(tmp_path / "log", small_frame().assign(title=lambda frame: "thing " + frame.item_id))
    train(renamed, tmp_path / "run", refit=True)

    other = train_without_text(
        load_predictor(renamed, tmp_path / "run", "cut", "cpu"), tmp_path / "twin", lambda _: None
    )

    assert other.scores(predictor.users) == pytest.approx(twin[0].scores(predictor.users), abs=1e-5)


def test_a_training_that_was_broken_off_goes_on_and_what_is_there_is_opened(predictor, twin, tmp_path):
    class Stopped(Exception):  # noqa: N818 - as the worker's own
        pass

    def stop(share):
        if share > 0.6:
            raise Stopped

    with pytest.raises(Stopped):
        train_without_text(predictor, tmp_path / "twin", stop)
    resumed = train_without_text(predictor, tmp_path / "twin", lambda _: None)
    again = []
    opened = train_without_text(predictor, tmp_path / "twin", again.append)

    assert again == []
    assert (opened.scores(predictor.users) == resumed.scores(predictor.users)).all()
    assert (resumed.scores(predictor.users) == twin[0].scores(predictor.users)).all()


def test_it_stands_beside_the_run_where_it_was_asked_for(run, predictor):
    steps = []

    found = evaluate_run(predictor, run[1], lambda *step: steps.append(step), baselines="all")

    for name in ("ranking", "ranking_new", "ranking_repeats"):
        method = found.task(name).method("the same model without text")
        assert method.scores["ndcg@10"] > 0
        assert "same validation window" in method.note
    assert any(what.startswith("training the same model") for what, _, _ in steps)
    assert steps[-1][1] == steps[-1][2]
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
