"""Faults of a real fine-tuning in a real worker, on a tiny log and a tiny language model."""

import fcntl
import os
import signal
import time

import numpy as np
import pandas as pd
import pytest

from recviz.jobs.supervisor import LOCK, threads_of
from recviz.model.config import RunConfig
from recviz.services import runs
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.logs import make_dataset
from tests.tiny_backbones import write_tiny_backbone


@pytest.fixture
def ws(tmp_path):
    made = Workspace(Settings(workspace=tmp_path / "workspace", heartbeat_seconds=0.5, device="cpu", threads=1))
    rng = np.random.default_rng(0)
    events = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in rng.integers(40, size=900)],
            "item_id": [f"i{item}" for item in rng.integers(12, size=900)],
            "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(200, size=900), unit="D"),
        }
    )
    words = ["red", "blue", "tent", "bag", "lamp", "candle"]
    items = pd.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(12)],
            "title": [f"{words[item % 2]} {words[2 + item % 4]} {item}" for item in range(12)],
        }
    )
    make_dataset(made.settings.datasets / "log", events, items)
    return made


@pytest.fixture
def config(tmp_path):
    backbone = write_tiny_backbone(tmp_path / "bert", "bert")
    return RunConfig(
        dataset="log", backbone=str(backbone), tuning="top", horizon=3, width=16, heads=2, layers=1, passes=4,
        patience=4, batch_users=5, checkpoint_every=3, texts_per_step=8, max_history=16, precision="fp32",
    )  # fmt: skip


def model_files(ws, run_id):
    folder = ws.run_folder(run_id) / "model"
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


@pytest.mark.slow
def test_fault_26_a_killed_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(ws, config):
    whole = runs.launch(ws, config, "whole")
    assert runs.wait(ws, whole).state == "completed", runs.log_tail(ws, whole)
    broken = runs.launch(ws, config, "broken")
    steps = len(runs.metrics(ws, whole))

    for share in (0.3, 0.8):
        while len(runs.metrics(ws, broken)) < share * steps:
            time.sleep(0.1)
        os.kill(runs.run(ws, broken).pid, signal.SIGKILL)
        failed = runs.wait(ws, broken)
        assert failed.reason == "the worker died (signal 9)"
        runs.resume(ws, broken)
    ended = runs.wait(ws, broken)

    assert ended.state == "completed"
    assert ended.attempt == 3
    assert any("Resumed from step-" in happening.text for happening in runs.history(ws, broken))
    assert model_files(ws, broken) == model_files(ws, whole)
    pd.testing.assert_frame_equal(runs.metrics(ws, broken), runs.metrics(ws, whole))


@pytest.mark.slow
def test_fault_25_a_damaged_checkpoint_is_passed_over_and_named(ws, config):
    run_id = runs.launch(ws, config)
    runs.ensure_supervisor(ws)
    while len(runs.metrics(ws, run_id)) < 14:
        time.sleep(0.1)
    os.kill(runs.run(ws, run_id).pid, signal.SIGKILL)
    runs.wait(ws, run_id)
    found = sorted((ws.run_folder(run_id) / "checkpoints").glob("step-*"), key=lambda path: int(path.name[5:]))
    (found[-1] / "optimiser.safetensors").unlink()

    runs.resume(ws, run_id)
    ended = runs.wait(ws, run_id)

    assert ended.state == "completed"
    told = [happening.text for happening in runs.history(ws, run_id) if "Resumed" in happening.text]
    newest, older = found[-1].name, found[-2].name
    assert told == [f"Resumed from {older}; newer ones were passed over: {newest}: optimiser.safetensors is missing"]


@pytest.mark.slow
def test_a_detached_run_needs_no_app_and_a_missing_language_model_is_told_plainly(ws, config, tmp_path):
    run_id = runs.launch(ws, config)
    (tmp_path / "bert" / "model.safetensors").unlink()

    runs.detach(ws)
    while not runs.run(ws, run_id).has_ended:
        time.sleep(0.1)
    failed = runs.run(ws, run_id)

    assert failed.state == "failed"
    assert failed.reason.startswith("The folder holds no weights in the safetensors format")
    assert failed.mend
    assert not threads_of(ws.settings)
    with (ws.settings.workspace / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # is had once the detached supervisor has ended
