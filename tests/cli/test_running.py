import json
import time

import pytest

from tests.cli.conftest import TINY, call


def test_train_prints_the_id_of_a_finished_run_and_keeps_its_settings(shop):
    config = json.loads((shop.workspace / "runs" / shop.run / "config.json").read_text(encoding="utf-8"))

    listed = shop.call("runs")

    row = next(line for line in listed.stdout.splitlines() if line.startswith(shop.run))
    assert "completed" in row
    assert (config["tuning"], config["passes"], config["width"], config["horizon"]) == ("frozen", 1, 16, 4)


def test_a_run_is_renamed_and_shown_with_what_happened_to_it(shop):
    renamed = shop.call("runs", "rename", shop.run, "For the board")
    refused = shop.call("runs", "rename", shop.run, " ")
    unknown = shop.call("runs", "show", "nobody-0")

    shown = shop.call("runs", "show", shop.run)

    assert (renamed.exit_code, shown.exit_code) == (0, 0)
    assert f"{shop.run} is now called For the board" in renamed.stderr
    assert (refused.exit_code, unknown.exit_code) == (2, 2)
    assert "This name cannot be given" in refused.stderr
    lines = [line.split("\t") for line in shown.stdout.splitlines()]
    assert ["Name", "For the board"] in lines
    assert ["State", "completed"] in lines
    assert [line[1] for line in lines if line[1:] and line[1] in {"queued", "completed"}][-2:] == [
        "queued",
        "completed",
    ]


def test_a_detached_run_is_cancelled_by_its_id(shop):
    settings = [part for setting in (*TINY[1:], "passes=500", "patience=500") for part in ("--set", setting)]
    launched = shop.call("train", shop.dataset, "--preset", "fast", "--horizon", "4", *settings, "--detach")
    run = launched.stdout.splitlines()[-1]
    time.sleep(1)

    result = shop.call("cancel", run)

    assert launched.exit_code == result.exit_code == 0
    assert f"{run} is cancelled" in result.stderr


def long_run(shop):
    """Launch a run that would take very long, and wait until it has taken steps."""
    settings = [part for setting in (*TINY[1:], "passes=500", "patience=500") for part in ("--set", setting)]
    run = shop.call("train", shop.dataset, "--preset", "fast", "--horizon", "4", *settings, "--detach").stdout.split()[
        -1
    ]
    metrics = shop.workspace / "runs" / run / "metrics.jsonl"
    deadline = time.monotonic() + 60
    while not (metrics.is_file() and metrics.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return run


def test_a_run_is_stopped_and_finished_then_handed_out_and_deleted(shop, tmp_path):
    run = long_run(shop)

    finished = shop.call("cancel", run, "--finish")
    packed = shop.call("model", run, "--out", tmp_path / "model.zip")
    again = shop.call("resume", run)
    deleted = shop.call("delete", run)

    assert finished.exit_code == 0, finished.stderr
    assert (packed.exit_code, (tmp_path / "model.zip").read_bytes()[:2]) == (0, b"PK")
    assert again.exit_code == 2
    assert f"{run} is deleted" in deleted.stderr
    assert run not in shop.call("runs").stdout


def test_a_cancelled_run_goes_on_with_other_settings(shop):
    run = long_run(shop)
    shop.call("cancel", run)

    resumed = shop.call("resume", run, "--set", "passes=1")

    assert resumed.exit_code == 0, resumed.stderr
    assert resumed.stdout.split()[-1] == run
    config = json.loads((shop.workspace / "runs" / run / "config.json").read_text(encoding="utf-8"))
    assert (config["passes"], config["patience"]) == (1, 500)


def test_a_run_is_continued_with_its_own_settings(shop):
    continued = shop.call("train", shop.dataset, "--continue", shop.run, "--horizon", "4", "--name", "Next week")
    refused = shop.call("train", shop.dataset, "--continue", shop.run, "--preset", "fast")

    assert continued.exit_code == 0, continued.stderr
    run = continued.stdout.split()[-1]
    config = json.loads((shop.workspace / "runs" / run / "config.json").read_text(encoding="utf-8"))
    assert (config["continues"], config["width"], config["tuning"]) == (shop.run, 16, "frozen")
    assert refused.exit_code == 2
    assert "Leave --preset out" in refused.stderr


def test_only_a_waiting_run_has_a_place_in_the_queue(shop):
    result = shop.call("queue", shop.run, "first")

    assert result.exit_code == 2
    assert "does not wait in the queue" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--set", "nonsense=1"), "nonsense"),
        (("--set", "passes=many"), "many"),
        (("--set", "passes"), "key=value"),
        (("--set", "passes=1", "--set", "passes=2"), "twice"),
        (("--set", "width=17"), "width 17"),
        (("--origin", "someday"), "someday"),
        (("--origin", "1999-01-01"), "shorter than two periods"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_a_run_is_made(shop, arguments, what):
    before = list((shop.workspace / "runs").iterdir())

    result = shop.call("train", shop.dataset, *arguments)

    assert result.exit_code == 2
    assert what in result.stderr
    assert result.stdout == ""
    assert list((shop.workspace / "runs").iterdir()) == before


def test_a_log_that_is_not_there_is_told(tmp_path):
    result = call(tmp_path / "w", "train", "no-log")

    assert result.exit_code == 2
    assert "no-log" in result.stderr


def test_evaluate_prints_the_model_beside_baselines(shop, tmp_path):
    result = shop.call("evaluate", shop.run, "--out", tmp_path / "e.json")

    found = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert result.exit_code == 0
    assert "the model" in result.stdout
    for task in found["tasks"]:
        assert task["comparison"]["baseline"] in result.stdout
