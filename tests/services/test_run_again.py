"""Runs made from other runs, and what they give out."""

import json
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from recviz.data.split import END
from recviz.errors import BusyError, InvalidSettingError, NotFoundError, RunFailedError, UnsupportedError
from recviz.evaluate.backtest import FOLDER as EVALUATION
from recviz.evaluate.result import PERIODS_FILE
from recviz.jobs.costs import speed
from recviz.jobs.job import Job
from recviz.jobs.pace import CHOOSING, EVALUATING, READING, REFIT
from recviz.jobs.store import utc_now
from recviz.jobs.the_run import TheRun
from recviz.model.checkpoint import CHECKPOINTS, read_facts
from recviz.model.config import preset_config
from recviz.services import run_again, run_files, runs
from recviz.services.estimates import estimate
from recviz.services.starts import chooses_passes, refits
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from recviz.training.continuing import START
from recviz.ui.runs_learning import phases_of
from tests.logs import make_dataset
from tests.training.small import CUT, QUICK, small_frame, train

FIRST_CUT = "2025-06-02"


@pytest.fixture
def ws(tmp_path):
    """A workspace with two logs, the later one grown, and a completed run on the earlier one."""
    made = Workspace(Settings(workspace=tmp_path, heartbeat_seconds=0.5, device="cpu"))
    frame = small_frame()
    early = make_dataset(made.settings.datasets / "early", frame[frame.timestamp < CUT])
    make_dataset(made.settings.datasets / "whole", frame)
    train(early, made.settings.runs / "first", cut=FIRST_CUT)
    made.jobs.add(Job(id="first", name="First", dataset="early", preset="fast", created=utc_now(), state="completed"))
    return made


def ended(ws, state, **fields):
    """Launch a run and put it into an end that a worker would have given it."""
    run_id = runs.launch(ws, preset_config("balanced", dataset="early", **QUICK | {"cut": FIRST_CUT}))
    ws.jobs.change(run_id, state=state, **fields)
    return run_id


def with_checkpoint(ws, run_id):
    folder = ws.run_folder(run_id) / CHECKPOINTS / "step-5"
    folder.mkdir(parents=True)
    (folder / "complete.json").write_text("{}")
    (ws.run_folder(run_id) / "metrics.jsonl").write_text("")
    return folder


def judged(ws, folder, periods=6):
    """Write what a backtest writes of each user: everybody was expected to be active half a day a week."""
    users = ws.dataset("early").user_ids[:6]
    rows = [(str(user), k, float(at), 0.5) for at, user in enumerate(users) for k in range(1, periods + 1)]
    (folder / EVALUATION).mkdir(exist_ok=True)
    frame = pd.DataFrame(rows, columns=["user_id", "period", "actual", "model"])
    frame.to_parquet(folder / EVALUATION / PERIODS_FILE)


def test_a_continuation_has_the_settings_of_the_first_run_and_holds_out_the_end_of_the_new_log(ws):
    config = run_again.continuation(ws, "first", "whole")

    first = ws.run_config("first")
    assert run_again.differences(first, config) == {
        "dataset": ("early", "whole"), "cut": (FIRST_CUT, None), "continues": ("", "first"),
    }  # fmt: skip


def test_only_a_completed_run_is_continued(ws):
    with pytest.raises(BusyError, match="cancelled"):
        run_again.continuation(ws, ended(ws, "cancelled"), "whole")
    with pytest.raises(NotFoundError):
        run_again.continuation(ws, "first", "no-log")


def test_the_rest_of_a_log_is_learnt_once_and_needs_a_log_with_a_rest(ws):
    """Catches: a rest that another run would hold out again, or that is offered where there is none."""
    config = run_again.rest_of_log(ws, "first")
    run_id = runs.launch(ws, config)
    train(ws.dataset("early"), ws.run_folder(run_id), continues="first", cut=END)

    assert run_again.differences(ws.run_config("first"), config) == {
        "cut": (FIRST_CUT, END), "continues": ("", "first"),
    }  # fmt: skip
    assert run_again.has_rest(ws, "first")
    assert not chooses_passes(ws, config)
    assert not run_again.has_rest(ws, run_id)
    ws.jobs.change(run_id, state="completed")
    with pytest.raises(UnsupportedError, match="no rest of the log"):
        run_again.rest_of_log(ws, run_id)


def test_a_launched_continuation_carries_its_start_so_the_first_run_may_be_deleted(ws):
    run_id = runs.launch(ws, run_again.continuation(ws, "first", "whole"))
    assert runs.run(ws, run_id).name == "First, continued"
    ws.jobs.change("first", name="F" * 80)
    again = runs.launch(ws, run_again.continuation(ws, "first", "whole"))
    assert runs.run(ws, again).name == "F" * 69 + ", continued", "longer than a name may be"

    runs.delete(ws, "first")

    facts = read_facts(ws.run_folder(run_id) / START)
    assert (facts["run"], ws.run_config(run_id).continues) == ("first", "first")
    assert len(facts["items"]) == 18
    said = train(ws.dataset("whole"), ws.run_folder(run_id), continues="first", cut=None)
    assert any(progress.note.startswith("Continues first: 18 of 18 items") for progress in said)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"width": 32, "tuning": "top"}, "tuning top instead of frozen, width 32 instead of 16"),
        ({"cut": "2025-05-05"}, "events that this run would hold out"),
        ({"error_weight": 0.5}, "no errors of the run to continue"),
    ],
)
def test_what_cannot_be_continued_is_refused_and_leaves_nothing_behind(ws, changes, what):
    before = sorted(path.name for path in ws.settings.runs.iterdir())

    with pytest.raises(InvalidSettingError, match=what):
        runs.launch(ws, replace(run_again.continuation(ws, "first", "whole"), **changes))

    assert sorted(path.name for path in ws.settings.runs.iterdir()) == before
    assert [job.id for job in runs.runs(ws)] == ["first"]


@pytest.mark.parametrize(("cut", "phases"), [("2025-06-16", {REFIT}), ("2025-09-01", {CHOOSING, REFIT})])
def test_a_continued_run_is_estimated_by_the_passes_that_it_will_take(ws, cut, phases):
    config = replace(run_again.continuation(ws, "first", "whole"), cut=cut, passes=6, continued_passes=1, refit=True)
    anew = estimate(ws, replace(config, continues=""))

    cost = estimate(ws, config)
    run_id = runs.launch(ws, config)
    expected = TheRun(ws.settings, config, ws.run_folder(run_id)).phases()

    assert expected.keys() - {READING, EVALUATING} == phases
    assert sum(expected.values()) == pytest.approx(cost.seconds * speed(ws.settings))
    assert (cost.seconds < anew.seconds) == (phases == {REFIT})
    assert chooses_passes(ws, config, ws.run_folder(run_id)) == (CHOOSING in phases)
    assert list(phases_of(chooses=CHOOSING in phases, anew=refits(ws, config), judged=True)) == list(expected)


def test_a_run_without_a_model_is_not_continued(ws):
    (ws.run_folder("first") / "model" / "network.safetensors").unlink()

    with pytest.raises(RunFailedError, match="no complete model"):
        runs.launch(ws, run_again.continuation(ws, "first", "whole"))


@pytest.mark.parametrize(("cut", "usable"), [("2025-08-25", 6), ("2025-06-16", 2)])
def test_errors_come_only_from_periods_that_the_new_run_may_know(ws, cut, usable):
    judged(ws, ws.run_folder("first"))
    path = ws.run_folder("first") / EVALUATION / PERIODS_FILE
    periods = pd.read_parquet(path)
    later = periods["period"] > usable
    periods.assign(actual=periods["actual"].where(~later, 90)).to_parquet(path)

    run_id = runs.launch(ws, replace(run_again.continuation(ws, "first", "whole"), cut=cut, error_weight=1.0))

    errors = list(read_facts(ws.run_folder(run_id) / START)["errors"].values())
    assert len(errors) == 6
    assert max(errors) == errors[5] < 25  # 5 days where half a day was expected, never 90
    assert errors[0] == pytest.approx(1.0)  # 2 * 0.5: nothing where half a day was expected


def test_a_clone_is_a_new_run_with_the_changes(ws):
    changed = replace(ws.run_config("first"), passes=3)

    again = run_again.clone(ws, "first")
    other = run_again.clone(ws, "first", changed, "Longer")

    assert (runs.run(ws, again).name, ws.run_config(again)) == ("Copy of First", ws.run_config("first"))
    assert (runs.run(ws, other).name, ws.run_config(other)) == ("Longer", changed)
    assert runs.run(ws, other).state == "queued"


@pytest.mark.parametrize(
    ("changes", "anew", "kept"),
    [
        ({}, False, True),
        ({"texts_per_step": 3, "rate": 1e-4}, False, True),
        ({"width": 32}, False, False),
        ({"texts_per_step": 3}, True, False),
    ],
)
def test_a_restart_goes_on_from_the_checkpoint_where_the_changes_allow_it(ws, changes, anew, kept):
    run_id = ended(ws, "failed", reason="The loss is no longer a number", mend="Lower the rate", to_try="rate=0.0005")
    folder = with_checkpoint(ws, run_id)
    before = ws.run_config(run_id)

    job = run_again.restart(ws, run_id, replace(before, **changes), anew=anew)

    assert (job.state, job.reason, job.mend, job.to_try) == ("queued", "", "", "")
    assert folder.exists() is kept
    assert (ws.run_folder(run_id) / "metrics.jsonl").exists() is kept
    assert ws.run_config(run_id) == replace(before, **changes)
    told = runs.history(ws, run_id)[-1].text
    assert told.startswith("restarted from the last checkpoint" if kept else "restarted from the beginning")
    assert all(f"{name} {value} instead of {getattr(before, name)}" in told for name, value in changes.items())


def test_what_a_failure_suggests_is_one_call_away(ws):
    run_id = ended(ws, "failed", to_try="texts_per_step=3 accumulate=2")

    config = run_again.suggested(ws, run_id)

    assert run_again.differences(ws.run_config(run_id), config) == {"texts_per_step": (6, 3), "accumulate": (1, 2)}
    assert run_again.suggested(ws, "first") == ws.run_config("first")


def test_a_run_that_has_not_failed_is_not_restarted_and_a_log_is_not_exchanged(ws):
    with pytest.raises(BusyError, match="completed and cannot be restarted"):
        run_again.restart(ws, "first")
    run_id = ended(ws, "failed")
    with pytest.raises(InvalidSettingError, match="keeps its log"):
        run_again.restart(ws, run_id, replace(ws.run_config(run_id), dataset="whole"))
    with pytest.raises(InvalidSettingError, match="shorter than two periods"):
        run_again.restart(ws, run_id, replace(ws.run_config(run_id), cut="1999-01-01"))

    assert runs.run(ws, run_id).state == "failed"
    assert ws.run_config(run_id).dataset == "early"


def test_finishing_is_a_wish_in_the_store_until_a_worker_follows_it_or_the_run_is_cancelled(ws):
    run_id = ended(ws, "running")

    assert runs.finish(ws, run_id).finish_early
    assert not runs.can_finish(ws, runs.run(ws, run_id))
    assert "stop and finish was asked for" in runs.history(ws, run_id)[-1].text
    assert not runs.cancel(ws, run_id).finish_early


@pytest.mark.parametrize("state", ["failed", "cancelled", "queued"])
def test_a_run_that_stands_still_can_be_finished_where_it_has_a_checkpoint(ws, state):
    run_id = ended(ws, state)
    assert not runs.can_finish(ws, runs.run(ws, run_id))
    with pytest.raises(BusyError, match="no training to end early"):
        runs.finish(ws, run_id)

    with_checkpoint(ws, run_id)

    assert runs.can_finish(ws, runs.run(ws, run_id))
    job = runs.finish(ws, run_id)
    assert (job.state, job.finish_early) == ("queued", True)


@pytest.mark.parametrize("state", ["evaluating", "completed", "cancelling"])
def test_where_training_is_over_there_is_nothing_to_finish(ws, state):
    run_id = ended(ws, state)

    with pytest.raises(BusyError, match=state):
        runs.finish(ws, run_id)


def test_the_model_comes_as_one_file_that_says_what_is_in_it(ws, tmp_path):
    packed = run_files.pack_model(ws, "first", tmp_path / "model.zip")

    with zipfile.ZipFile(packed) as archive:
        names = set(archive.namelist())
        about = json.loads(archive.read("first/about.json"))
        assert archive.testzip() is None
    assert {"first/config.json", "first/model/network.safetensors", "first/model/complete.json"} <= names
    assert not any("checkpoints" in name for name in names)
    assert about["items"] == [str(item) for item in ws.dataset("early").item_ids]
    assert run_files.model_bytes(ws, "first")[:2] == b"PK"
    assert run_files.has_model(ws, "first")


def test_a_model_that_is_not_whole_is_not_handed_out(ws, tmp_path):
    (ws.run_folder("first") / "model" / "tables.safetensors").write_bytes(b"")

    with pytest.raises(RunFailedError, match=r"tables\.safetensors is damaged"):
        run_files.pack_model(ws, "first", tmp_path / "model.zip")

    assert not (tmp_path / "model.zip").exists()


def test_resources_of_a_run_that_was_never_at_work_are_an_empty_table(ws):
    assert run_files.resources(ws, "first").empty


def test_ends_since_a_moment_are_told_once_a_run_has_ended(ws):
    moment = utc_now()
    run_id = ended(ws, "queued")
    assert runs.ended_since(ws, moment) == []

    runs.cancel(ws, run_id)

    assert [job.id for job in runs.ended_since(ws, moment)] == [run_id]
    assert runs.ended_since(ws, utc_now()) == []
