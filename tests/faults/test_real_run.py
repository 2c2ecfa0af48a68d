"""Faults of a real fine-tuning in a real worker, on a tiny log and a tiny language model: once through, in every test run."""

import fcntl
from dataclasses import replace

import pandas as pd
import pytest

from recviz.jobs.supervisor import LOCK, threads_of
from recviz.services import runs
from tests.faults.aftermath import page_of
from tests.faults.planted import Fault
from tests.faults.points import CHOOSING
from tests.faults.workspaces import EARLIER
from tests.tiny_backbones import write_tiny_backbone


@pytest.mark.slow
@pytest.mark.fault(25)
@pytest.mark.fault(26)
def test_a_killed_run_whose_last_checkpoint_is_damaged_goes_on_from_the_one_before_and_ends_as_if_nothing_had_been(
    ws, config, supervise_real, until
):
    run_id = runs.launch(ws, config, "Killed")
    Fault(what="kill", where="recviz.training.stage:Stage._take_step", phase=CHOOSING, step=13).plant(
        ws.run_folder(run_id)
    )
    supervise_real()
    assert until(run_id, "failed").reason == "the worker died (signal 9)"
    found = sorted((ws.run_folder(run_id) / "checkpoints").glob("step-*"), key=lambda path: int(path.name[5:]))
    (found[-1] / "optimiser.safetensors").unlink()

    runs.resume(ws, run_id)
    until(run_id, "running")
    said = _told_when_resumed(ws, run_id)
    until(run_id, "completed")

    newest, older = found[-1].name, found[-2].name
    assert said.startswith(
        f"Resumed from {older}; newer ones were passed over: {newest}: optimiser.safetensors is missing"
    )
    pd.testing.assert_frame_equal(runs.metrics(ws, run_id), runs.metrics(ws, EARLIER))
    model, whole = (ws.run_folder(name) / "model" / "network.safetensors" for name in (run_id, EARLIER))
    assert model.read_bytes() == whole.read_bytes()


def _told_when_resumed(ws, run_id):
    """Wait for the line of the history that says from where the run goes on; the page shows it too."""
    while not (told := [line.text for line in runs.history(ws, run_id) if line.text.startswith("Resumed")]):
        assert not runs.run(ws, run_id).has_ended
    assert "Resumed from" in page_of(ws.settings, run_id)
    return told[-1]


@pytest.mark.slow
@pytest.mark.fault(18)
def test_a_detached_run_needs_no_app_and_a_missing_language_model_is_told_plainly(ws, config, tmp_path, until):
    gone = write_tiny_backbone(tmp_path / "bert", "bert")
    run_id = runs.launch(ws, replace(config, backbone=str(gone)), "Detached")
    (gone / "model.safetensors").unlink()

    runs.detach(ws)
    failed = until(run_id, "failed")

    assert failed.reason.startswith("The folder holds no weights in the safetensors format")
    assert failed.mend
    assert not threads_of(ws.settings)
    with (ws.settings.workspace / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # is had once the detached supervisor has ended
