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


def test_a_detached_run_is_cancelled_by_its_id(shop):
    settings = [part for setting in (*TINY[1:], "passes=500", "patience=500") for part in ("--set", setting)]
    launched = shop.call("train", shop.dataset, "--preset", "fast", "--horizon", "4", *settings, "--detach")
    run = launched.stdout.splitlines()[-1]
    time.sleep(1)

    result = shop.call("cancel", run)

    assert launched.exit_code == result.exit_code == 0
    assert f"{run} is cancelled" in result.stderr


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
