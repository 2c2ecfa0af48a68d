"""Cancel, in every phase of a real fine-tuning."""

import os
import subprocess
import sys
import time

import pytest

from recviz.model.checkpoint import newest_complete
from recviz.services import runs
from tests.faults.aftermath import page_of, processes_of
from tests.faults.planted import REACHED, Fault
from tests.faults.points import CHOOSING, REFIT

WITHIN = 10
"""Seconds after which a cancelled run has ended, and its process with it."""
BUSY = 3
"""So many other programs want each core, when the machine is busy."""
START_SECONDS = 180
STEP = "recviz.training.stage:Stage._take_step"
PHASES = {
    "tokenising": Fault(what="pause", where="recviz.text.encoder:TextEncoder.tokens"),
    "the first step": Fault(what="pause", where=STEP),
    "mid-checkpoint": Fault(what="pause", where="recviz.model.checkpoint:sync", phase=CHOOSING, step=6),
    "validating": Fault(what="pause", where="recviz.training.validation:Validation.loss"),
    "refit": Fault(what="pause", where=STEP, phase=REFIT, step=5),
    "evaluating": Fault(what="pause", where="recviz.evaluate.backtest:count_task"),
}
pytestmark = [pytest.mark.fault(21)]


def test_cancelled_while_queued(ws, config, supervise_real):
    run_id = runs.launch(ws, config, "Never starts")

    runs.cancel(ws, run_id)
    supervise_real()
    time.sleep(1)

    assert runs.run(ws, run_id).state == "cancelled"
    assert not processes_of(ws.settings.workspace)
    assert runs.run(ws, run_id).attempt == 0


@pytest.mark.slow_fault
@pytest.mark.parametrize("phase", PHASES)
def test_cancelled_in(ws, config, supervise_real, until, phase):
    run_id = runs.launch(ws, config, f"Cancelled in {phase}")
    PHASES[phase].plant(ws.run_folder(run_id))
    supervise_real()
    wait_for(ws.run_folder(run_id) / REACHED)
    checkpoints = ws.run_folder(run_id) / "checkpoints"
    before, _ = newest_complete(checkpoints)

    asked = time.monotonic()
    runs.cancel(ws, run_id)
    until(run_id, "cancelled", seconds=WITHIN)
    while processes_of(ws.settings.workspace):
        assert time.monotonic() < asked + WITHIN, "its process outlived the cancelled run"
        time.sleep(0.05)

    assert newest_complete(checkpoints) == (before, []), "its last complete checkpoint is not kept"
    assert "was cancelled" in page_of(ws.settings, run_id)


@pytest.mark.slow_fault
@pytest.mark.parametrize("phase", ["tokenising", "mid-checkpoint", "evaluating"])
def test_cancelled_on_a_machine_that_others_keep_busy_in(ws, config, supervise_real, until, phase):
    run_id = runs.launch(ws, config, "On a busy machine")
    PHASES[phase].plant(ws.run_folder(run_id))
    supervise_real()
    wait_for(ws.run_folder(run_id) / REACHED)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY * os.cpu_count())]

    try:
        asked = time.monotonic()
        runs.cancel(ws, run_id)
        until(run_id, "cancelled", seconds=WITHIN)
        while processes_of(ws.settings.workspace):
            assert time.monotonic() < asked + WITHIN, "its process outlived the cancelled run"
            time.sleep(0.05)
    finally:
        for one in busy:
            one.kill()
            one.wait()


@pytest.mark.slow_fault
def test_what_was_cancelled_in_the_middle_of_a_checkpoint_goes_on_from_the_one_before(
    ws, config, supervise_real, until
):
    run_id = runs.launch(ws, config, "Goes on")
    PHASES["mid-checkpoint"].plant(ws.run_folder(run_id))
    supervise_real()
    wait_for(ws.run_folder(run_id) / REACHED)
    runs.cancel(ws, run_id)
    until(run_id, "cancelled", seconds=WITHIN)

    runs.resume(ws, run_id)
    until(run_id, "completed", seconds=START_SECONDS)

    assert "Resumed from step-3" in [happening.text for happening in runs.history(ws, run_id)]


def wait_for(path):
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, "the run never came to the point"
        time.sleep(0.05)
