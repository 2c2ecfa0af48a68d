from dataclasses import replace

import pytest

from recviz.errors import NotFoundError
from recviz.model.config import preset_config
from recviz.services import evaluations
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.forecast.fakes import FakePredictor, shop


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with one run whose model is a fake."""
    made = Workspace(Settings(workspace=tmp_path / "workspace"))
    log = shop(made.settings.datasets / "log", users=40, events=900)
    (made.settings.runs / "run-1").mkdir()
    preset_config("fast", dataset="log", horizon=6).write(made.settings.runs / "run-1")
    monkeypatch.setattr(made, "predictor", lambda _run, origin: FakePredictor(log, origin))
    return made


def test_a_run_is_evaluated_anew_and_read_back(workspace):
    steps = []

    found = evaluations.evaluate(workspace, "run-1", lambda *step: steps.append(step))

    assert evaluations.evaluation(workspace, "run-1") == found
    assert found.task("shares") is not None
    assert len(evaluations.user_results(workspace, "run-1")) == found.users
    assert len(evaluations.period_results(workspace, "run-1")) == found.users * found.periods_scored
    assert steps[-1][1] == steps[-1][2]


def test_a_run_is_judged_anew_beside_what_its_own_setting_names(workspace):
    folder = workspace.settings.runs / "run-1"
    replace(workspace.run_config("run-1"), baselines="own-rate").write(folder)

    counts = evaluations.evaluate(workspace, "run-1").task("counts")

    assert {method.name for method in counts.methods if not method.is_model} == {
        "everyone's recent rate",
        "own recent rate",
    }


@pytest.mark.parametrize("read", [evaluations.evaluation, evaluations.user_results, evaluations.period_results])
def test_what_was_not_evaluated_says_so(workspace, read):
    with pytest.raises(NotFoundError, match=r"not been evaluated|no backtest"):
        read(workspace, "run-1")


def test_an_unknown_run_says_so(workspace):
    with pytest.raises(NotFoundError, match="There is no run 'other'"):
        evaluations.evaluation(workspace, "other")
