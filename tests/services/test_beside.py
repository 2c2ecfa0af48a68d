"""The baselines that a run was judged beside: the best first, fitted once, and kept."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recviz.errors import NotFoundError, UnsupportedError
from recviz.evaluate.backtest import FOLDER as EVALUATION
from recviz.evaluate.result import Method
from recviz.forecast import beside as module
from recviz.forecast.beside import count_forecast
from recviz.model.config import RunConfig
from recviz.model.kept import FOLDER as KEPT
from recviz.model.kept import Kept
from recviz.services.beside import beside, best_mix, count_choices
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset
from tests.pages.finished import COMPARISON
from tests.pages.finished import EVALUATION as FOUND

OWN, SHRUNKEN, EVERYONE = "own recent rate", "shrunken own rate", "everyone's recent rate"


def method(name, deviance, **more):
    scores = {} if deviance is None else {"deviance": deviance, "log_loss_user": deviance}
    return Method(name=name, is_model=name == "the model", scores=scores, **more)


def opened(folder, dataset):
    run = folder / "run"
    run.mkdir(exist_ok=True)
    predictors = {origin: FakePredictor(dataset, origin) for origin in ("cut", "now")}
    for origin, predictor in predictors.items():
        predictor.kept = Kept(run / KEPT, origin, predictor.fingerprint)

    def run_folder(name):
        if name != "run":
            raise NotFoundError.of("There is no run", "this workspace", "Pick a run")
        return run

    return SimpleNamespace(
        predictor=lambda _run, origin: predictors[origin],
        run_folder=run_folder,
        run_config=lambda _run: RunConfig(baselines="own-rate,shrunken-rate"),
    )


@pytest.fixture
def ws(tmp_path):
    return opened(tmp_path, shop(tmp_path / "log", users=40, events=400))


@pytest.fixture
def judged(ws):
    """Write a backtest in which the own rate won, one fit failed, and half own, half everyone's mix won."""
    task = replace(
        FOUND.tasks[0],
        methods=(
            method("the model", 0.1), method(SHRUNKEN, 0.5), method("LightGBM on counts", None, failure="Too few users."),
            method(OWN, 0.4), method(EVERYONE, 0.9),
        ),
    )  # fmt: skip
    shares = replace(
        task,
        name="shares",
        measure="log_loss_user",
        methods=(method("the model", 0.1), method("everyone's recent mix", 3.0), method("half own, half everyone's mix", 2.0)),
        comparison=COMPARISON,
    )  # fmt: skip
    (ws.run_folder("run") / EVALUATION).mkdir()
    replace(FOUND, tasks=(task, shares)).write(ws.run_folder("run") / EVALUATION)
    return ws


def test_choices_stand_in_the_order_of_the_backtest_and_failed_ones_are_left_out(judged):
    assert count_choices(judged, "run") == (OWN, SHRUNKEN, EVERYONE)
    assert best_mix(judged, "run").name == "half own, half everyone's mix"


def test_a_run_that_is_not_judged_yet_offers_the_baselines_of_its_settings(ws):
    assert count_choices(ws, "run") == (SHRUNKEN, EVERYONE, OWN)
    assert best_mix(ws, "run") is None


@pytest.mark.parametrize(("asked", "name"), [("", OWN), (SHRUNKEN, SHRUNKEN)])
def test_the_best_is_drawn_unless_another_is_asked_for(judged, asked, name):
    found = beside(judged, "run", "cut", asked)

    predictor = judged.predictor("run", "cut")
    assert found.counts.name == name
    expected = count_forecast(predictor, next(one for one in module.COUNTS.values() if one.name == name))
    assert np.array_equal(found.counts.mean, expected.mean)


def test_a_baseline_is_fitted_once_and_kept_with_the_run(judged, monkeypatch):
    fits = []

    def counted(predictor, baseline):
        fits.append(baseline.name)
        return count_forecast(predictor, baseline)

    monkeypatch.setattr(module, "count_forecast", counted)
    first = beside(judged, "run", "cut").counts.mean
    beside(judged, "run", "cut")
    dataset = judged.predictor("run", "cut").dataset
    again = beside(opened(judged.run_folder("run").parent, dataset), "run", "cut").counts.mean

    assert fits == [OWN]
    assert np.array_equal(first, again)


def test_each_origin_has_a_fit_of_its_own(judged):
    cut, now = (beside(judged, "run", origin).counts.mean for origin in ("cut", "now"))

    assert not np.array_equal(cut, now)
    kept = {path.name for path in (judged.run_folder("run") / KEPT).iterdir()}
    assert kept == {"cut-beside-own-rate.safetensors", "now-beside-own-rate.safetensors"}


def test_a_damaged_file_is_fitted_anew(judged):
    first = beside(judged, "run").counts.mean
    path = judged.run_folder("run") / KEPT / "cut-beside-own-rate.safetensors"
    path.write_bytes(b"half a file")

    again = opened(judged.run_folder("run").parent, judged.predictor("run", "cut").dataset)

    assert np.array_equal(beside(again, "run").counts.mean, first)


def test_what_the_run_was_not_judged_beside_is_told(judged):
    with pytest.raises(NotFoundError, match="not judged beside 'magic'"):
        beside(judged, "run", counts="magic")


def test_a_log_too_small_for_a_baseline_is_shown_without_it(tmp_path):
    rows = [("a", "x", "2024-01-01"), ("b", "x", "2024-01-02"), ("c", "y", "2024-03-20")]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])

    found = beside(opened(tmp_path, make_dataset(tmp_path / "log", frame)), "run")

    with pytest.raises(UnsupportedError):
        count_forecast(FakePredictor(make_dataset(tmp_path / "same", frame)), module.COUNTS["shrunken-rate"])
    assert found.counts is None
