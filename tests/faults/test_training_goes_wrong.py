"""What goes wrong inside a real fine-tuning: memory, the GPU, the numbers, the clock."""

import re

import numpy as np
import pytest

from recviz.errors import InvalidSettingError
from recviz.model.checkpoint import newest_complete
from recviz.services import run_again, runs
from recviz.services.workspace import Workspace
from tests.faults.aftermath import page_of
from tests.faults.planted import Fault
from tests.faults.points import CHOOSING
from tests.faults.workspaces import EARLIER, tiny_log

RUN_SECONDS = 180
STEP = "recviz.training.stage:Stage._take_step"


@pytest.mark.slow_fault
@pytest.mark.fault(22)
@pytest.mark.parametrize(
    ("what", "told"), [("out of memory", ("memory", "batch_users")), ("lost GPU", ("The GPU was lost", "resume it"))]
)
def test_a_step_fails_for(ws, config, supervise_real, until, what, told):
    run_id = runs.launch(ws, config, what)
    Fault(what=what, where=STEP, phase=CHOOSING, step=7).plant(ws.run_folder(run_id))
    supervise_real()

    failed = until(run_id, "failed", seconds=RUN_SECONDS)

    assert told[0] in failed.reason
    assert told[1] in failed.mend
    assert newest_complete(ws.run_folder(run_id) / "checkpoints")[0].name == "step-6"
    runs.resume(ws, run_id)
    until(run_id, "completed", seconds=RUN_SECONDS)


@pytest.mark.fault(22)
def test_a_machine_without_the_gpu_that_is_asked_for_refuses_before_anything_is_made(ws, config, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    asking = Workspace(type(ws.settings)(workspace=ws.settings.workspace, device="cuda"))

    with pytest.raises(InvalidSettingError, match="no GPU"):
        runs.launch(asking, config)

    assert [job.id for job in runs.runs(ws)] == [EARLIER]
    assert [folder.name for folder in ws.settings.runs.iterdir()] == [EARLIER]


@pytest.mark.slow_fault
@pytest.mark.fault(23)
def test_values_beyond_all_bounds_make_a_loss_that_is_no_number(ws, config, supervise_real, until):
    tiny_log(
        ws.settings.datasets / "extreme",
        lambda rng, count: rng.choice([-3e38, 3e38], count, p=[0.9, 0.1]).astype(np.float32),
    )
    run_id = runs.launch(ws, type(config)(**{**config_of(config), "dataset": "extreme"}), "Extreme values")
    supervise_real()

    failed = until(run_id, "failed", seconds=RUN_SECONDS)

    assert "The loss is no longer a number" in failed.reason
    assert "extreme values in the log" in failed.mend
    assert "extreme values in the log" in page_of(ws.settings, run_id)


@pytest.mark.slow_fault
@pytest.mark.fault(23)
def test_a_loss_that_is_no_number_any_more_leaves_the_last_good_checkpoint_and_a_restart_with_what_is_suggested_goes_on(
    ws, config, supervise_real, until
):
    run_id = runs.launch(ws, config, "No number")
    Fault(what="no number", where=STEP, phase=CHOOSING, step=13).plant(ws.run_folder(run_id))
    supervise_real()

    failed = until(run_id, "failed", seconds=RUN_SECONDS)

    assert failed.reason == f"The loss is no longer a number (step 14 of {CHOOSING})"
    assert newest_complete(ws.run_folder(run_id) / "checkpoints")[0].name == "step-12"
    assert runs.metrics(ws, run_id)["loss_total"].dropna().between(-1e6, 1e6).all()
    run_again.restart(ws, run_id, run_again.suggested(ws, run_id))
    until(run_id, "completed", seconds=RUN_SECONDS)
    told = [happening.text for happening in runs.history(ws, run_id)]
    (restarted,) = (line for line in told if line.startswith("restarted from the last checkpoint, with "))
    assert " rate 0.0005 instead of 0.002" in restarted
    assert "Resumed from step-12" in told


def config_of(config):
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


@pytest.mark.slow_fault
@pytest.mark.fault(29)
def test_a_clock_that_jumps_back_a_day_turns_no_duration_negative(ws, config, supervise_real):
    run_id = runs.launch(ws, config, "Yesterday")
    Fault(what="clock back", where=STEP, phase=CHOOSING, step=5).plant(ws.run_folder(run_id))
    supervise_real()
    etas = []

    while not (job := runs.run(ws, run_id)).has_ended:
        etas.append(job.eta_seconds)

    assert job.state == "completed", job.reason
    assert job.ended < job.started, "the clock did not jump"
    assert 0 < job.took_seconds < RUN_SECONDS
    assert all(eta is None or eta >= 0 for eta in etas)
    told = [happening.text for happening in runs.history(ws, run_id)]
    assert told.index("queued") == 0
    assert told[-1] == "completed"
    assert re.search(r"took \d+ s", page_of(ws.settings, run_id))
