"""Runs side by side in a workspace whose models are fakes."""

from dataclasses import replace

import pytest

from recviz.errors import InvalidSettingError, NotFoundError, UnsupportedError
from recviz.jobs.job import Job
from recviz.jobs.store import utc_now
from recviz.model.config import preset_config
from recviz.services import comparisons, evaluations, forecasts
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.forecast.fakes import FakePredictor, shop

RUNS = {"one": {}, "two": {"seed": 1}, "short": {"horizon": 4}}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with three runs on one log; the third looks less far ahead, so from another day."""
    made = Workspace(Settings(workspace=tmp_path / "workspace"))
    log = shop(made.settings.datasets / "log", users=40, events=900)
    models = {}
    for run, changes in RUNS.items():
        horizon = changes.get("horizon", 6)
        config = preset_config("fast", dataset="log", horizon=horizon, seed=changes.get("seed", 0))
        (made.settings.runs / run).mkdir()
        config.write(made.settings.runs / run)
        made.jobs.add(Job(id=run, name=run.capitalize(), dataset="log", preset="fast", created=utc_now()))
        for origin in ("cut", "now"):
            models[run, origin] = FakePredictor(log, origin, horizon=horizon, seed=config.seed)
    monkeypatch.setattr(made, "predictor", lambda run, origin: models[run, origin])
    for run in RUNS:
        evaluations.evaluate(made, run)
    return made


def test_a_comparison_is_whole_once_single_users_are_worked_out(workspace):
    before = comparisons.compare(workspace, ["one", "two"])

    told = [*comparisons.work_out(workspace, ["one", "two"])]

    after = comparisons.compare(workspace, ["one", "two"])
    assert before.is_pending
    assert not after.is_pending
    assert [row.values for row in after.rows] == [pytest.approx(row.values, abs=1e-6) for row in before.rows]
    assert told[-1].done == 1
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert not [*comparisons.work_out(workspace, ["one", "two"])]


def test_an_evaluation_made_anew_makes_the_users_scores_old(workspace):
    [*comparisons.work_out(workspace, ["one", "two"])]

    evaluations.evaluate(workspace, "two")

    assert comparisons.compare(workspace, ["one", "two"]).is_pending


def test_runs_from_different_days_meet_at_the_end_of_the_log(workspace):
    found = comparisons.compare(workspace, ["one", "short"])

    assert "look ahead from different days" in found.obstacles[0]
    assert comparisons.common_origin(workspace, ["one", "two"]) == "cut"
    assert comparisons.common_origin(workspace, ["one", "short"]) == "now"
    table = comparisons.user_differences(workspace, ["one", "short"], "now")
    ours = forecasts.forecast_table(workspace, "one", "now")
    first = table.iloc[0]
    mine = ours[(ours["user_id"] == first["user_id"]) & (ours["week"] <= 4)]
    assert first["expected_one"] == pytest.approx(mine["mean"].sum())
    assert table["actual"].isna().all()


def test_the_users_for_whom_runs_differ_have_the_backtests_numbers(workspace):
    table = comparisons.user_differences(workspace, ["one", "two"])

    results = evaluations.user_results(workspace, "two").set_index("user_id")
    first = table.iloc[0]
    assert first["expected_two"] == pytest.approx(results.loc[first["user_id"], "model"])
    assert first["actual"] == results.loc[first["user_id"], "actual"]
    assert len(table) == len(results)


def test_both_curves_of_a_user_start_on_the_same_day(workspace):
    user = str(comparisons.user_differences(workspace, ["one", "two"])["user_id"][0])

    ours, theirs = comparisons.user_curves(workspace, ["one", "two"], user, "cut")

    assert ours.instant == theirs.instant
    assert ours.user_id == theirs.user_id == user
    assert ours.mean != pytest.approx(theirs.mean)


def test_only_settings_that_differ_are_told(workspace):
    told = comparisons.setting_differences(workspace, ["one", "two", "short"])

    assert {one.name: one.values for one in told} == {"horizon": (6, 6, 4), "seed": (0, 1, 0)}


@pytest.mark.parametrize("runs", [[], ["one"], ["one", "one"]])
def test_a_comparison_needs_two_runs(workspace, runs):
    with pytest.raises(InvalidSettingError, match="two different runs"):
        comparisons.compare(workspace, runs)


def test_an_unknown_run_says_so(workspace):
    with pytest.raises(NotFoundError, match="nope"):
        comparisons.compare(workspace, ["one", "nope"])


def test_a_run_without_a_backtest_is_told_how_to_get_one(workspace):
    for file in (workspace.run_folder("two") / "evaluation").iterdir():
        file.unlink()

    found = comparisons.compare(workspace, ["one", "two"])

    assert found.obstacles == ("Two has no backtest, so it has no scores to compare.",)
    with pytest.raises(NotFoundError, match="backtest"):
        comparisons.user_differences(workspace, ["one", "two"])


@pytest.mark.parametrize("changes", [{"split": "leave-one-out"}, {"period": "month", "horizon": 2}])
def test_curves_that_cannot_be_laid_over_each_other_are_refused(workspace, changes):
    replace(workspace.run_config("two"), **changes).write(workspace.run_folder("two"))

    with pytest.raises(UnsupportedError, match=r"curves"):
        comparisons.common_origin(workspace, ["one", "two"])
