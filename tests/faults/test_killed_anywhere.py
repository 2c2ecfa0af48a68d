"""One real fine-tuning, killed at twenty points, one after the other; in the end nothing tells it from a whole one."""

import pandas as pd
import pytest

from recviz.jobs import journal
from recviz.model.checkpoint import newest_complete
from recviz.services import runs
from recviz.services.workspace import Workspace
from tests.faults.planted import REACHED
from tests.faults.points import CHOOSING, REFIT, draw_points
from tests.faults.workspaces import EARLIER, copied

RUN_SECONDS = 180
POINTS = draw_points()
pytestmark = pytest.mark.slow_fault


@pytest.fixture(scope="module")
def settings(template, tmp_path_factory):
    return copied(template, tmp_path_factory.mktemp("killed") / "workspace")


@pytest.fixture(scope="module")
def broken(settings, config):
    """The run that is killed again and again; the one that was done before it, in one go, has the same settings."""
    return runs.launch(Workspace(settings), config, "Killed again and again")


@pytest.fixture(scope="module")
def steps(settings):
    told = journal.read(settings.runs / EARLIER)
    return {phase: int(told.loc[told["phase"] == phase, "steps"].max()) for phase in (CHOOSING, REFIT)}


@pytest.mark.fault(17)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_the_worker_is_killed_in(ws, broken, steps, point, supervise_real, until):
    folder = ws.run_folder(broken)
    point.fault(steps).plant(folder)
    if runs.run(ws, broken).has_ended:
        runs.resume(ws, broken)

    supervise_real()
    failed = until(broken, "failed", seconds=RUN_SECONDS)

    assert (folder / REACHED).exists(), "it ended before the point was reached"
    assert failed.reason == "the worker died (signal 9)"
    assert "resume it" in failed.mend
    assert point.part == "loading" or newest_complete(folder / "checkpoints")[0] is not None or point.along * 32 < 3


@pytest.mark.fault(26)
def test_what_was_killed_at_every_point_equals_an_uninterrupted_run_bit_for_bit(ws, broken, supervise_real, until):
    if runs.run(ws, broken).has_ended:
        runs.resume(ws, broken)
    supervise_real()

    until(broken, "completed", seconds=RUN_SECONDS)

    assert model_files(ws, broken) == model_files(ws, EARLIER)
    told = runs.metrics(ws, broken)
    pd.testing.assert_frame_equal(told, runs.metrics(ws, EARLIER))
    taken = told[told["validation"].isna()]
    for phase, lines in taken.groupby("phase", sort=False):
        assert lines["step"].tolist() == list(range(1, len(lines) + 1)), f"a step of {phase} is missing or there twice"


def model_files(ws, run_id):
    folder = ws.run_folder(run_id) / "model"
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
