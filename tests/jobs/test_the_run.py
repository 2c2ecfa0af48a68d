"""What a worker does once the weights stand: judge them, and keep what the pages open with."""

import numpy as np
import pytest

from recviz.data.dataset import open_dataset
from recviz.data.split import END
from recviz.forecast import beside
from recviz.forecast.beside import counts_beside
from recviz.forecast.curves import remembered_volumes, volumes
from recviz.jobs.the_run import TheRun
from recviz.model.config import RunConfig
from recviz.model.predictor import Predictor, load_predictor
from recviz.settings import Settings
from tests.logs import make_dataset
from tests.training.small import CUT, small_frame, train


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run whose last items are new since the cut, with no evaluation yet."""
    settings = Settings(workspace=tmp_path_factory.mktemp("the-run"), device="cpu", threads=1)
    frame = small_frame()
    late = frame["timestamp"] >= CUT
    assert late.any()
    frame.loc[late & (frame["item_id"] == frame["item_id"].iloc[-1]), ["item_id", "title"]] = ["fresh", "blue lamp"]
    dataset = make_dataset(settings.datasets / "log", frame)
    settings.datasets.joinpath("log").rename(settings.datasets / dataset.id)
    settings.runs.mkdir()
    folder = settings.runs / "run"
    train(open_dataset(settings.datasets, dataset.id), folder)
    return settings, folder


def test_an_evaluated_run_has_everybodys_curves_ready_for_whoever_opens_it(trained, monkeypatch):
    settings, folder = trained
    told = []
    work = TheRun(settings, RunConfig.read(folder), folder)

    said = work.evaluate(lambda part, at, of: told.append((part, at / of)))

    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert [part for part, _ in told][-2:] == ["working out everybody's curves"] * 2
    dataset = open_dataset(settings.datasets, RunConfig.read(folder).dataset)
    asked_anew = {origin: volumes(load_predictor(dataset, folder, origin, "cpu")) for origin in ("cut", "now")}
    with monkeypatch.context() as patch:
        patch.setattr(Predictor, "predict", lambda *_: pytest.fail("the model was asked again"))
        patch.setattr(beside, "count_forecast", lambda *_: pytest.fail("the baseline was fitted again"))
        patch.setattr(Predictor, "text", property(lambda _: pytest.fail("texts were read again")))
        for origin, anew in asked_anew.items():
            opened = load_predictor(dataset, folder, origin, "cpu")
            assert (len(opened.candidates) > len(opened.trained_items.rows)) == (origin == "now")
            kept = remembered_volumes(opened)
            assert counts_beside(opened, said.partition(" against ")[2]) is not None
            for name in ("users", "mu", "shape", "depth", "days", "states"):
                np.testing.assert_array_equal(getattr(kept, name), getattr(anew, name), err_msg=name)


def test_a_run_that_holds_out_nothing_is_no_failure_to_judge(trained, caplog):
    """Catches: advice to choose another origin, for a choice that was made on purpose."""
    settings, first = trained
    folder = settings.runs / "everything"
    dataset = open_dataset(settings.datasets, RunConfig.read(first).dataset)
    train(dataset, folder, cut=END)

    with caplog.at_level("INFO"):
        said = TheRun(settings, RunConfig.read(folder), folder).evaluate(lambda *_: None)

    assert not said
    assert "Nothing is held out" in caplog.text
    assert "Choose another origin" not in caplog.text
    assert not (folder / "evaluation" / "evaluation.json").exists()


def test_a_run_that_has_no_curves_is_judged_all_the_same(trained):
    settings, timed = trained
    folder = settings.runs / "last-events"
    dataset = open_dataset(settings.datasets, RunConfig.read(timed).dataset)
    train(dataset, folder, split="leave-one-out", cut=None)

    said = TheRun(settings, RunConfig.read(folder), folder).evaluate(lambda *_: None)

    assert "against" in said
    assert not (folder / "kept").exists()
