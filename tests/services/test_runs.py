import pandas as pd
import pytest

from recviz.errors import BusyError, InvalidSettingError, NotFoundError
from recviz.jobs import supervisor
from recviz.jobs.machine import LOOKS
from recviz.model.config import preset_config
from recviz.services import runs
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.jobs import scripted
from tests.logs import make_dataset

EVENTS = pd.DataFrame(
    {
        "user_id": [f"u{at % 5}" for at in range(300)],
        "item_id": [f"i{at % 7}" for at in range(300)],
        "timestamp": pd.date_range("2024-01-01", periods=300, freq="D"),
    }
)
CONFIG = preset_config("fast", dataset="log", horizon=4)


@pytest.fixture
def ws(tmp_path, monkeypatch):
    made = Workspace(Settings(workspace=tmp_path, heartbeat_seconds=0.5, device="cpu"))
    make_dataset(made.settings.datasets / "log", EVENTS)
    monkeypatch.setattr(supervisor, "worker_command", scripted.command)
    yield made
    for thread in supervisor.threads_of(made.settings):
        thread.stop()


def launch(ws, script="{}", **options):
    run_id = runs.launch(ws, CONFIG, **options)
    (ws.settings.runs / run_id / scripted.SCRIPT).write_text(script)
    return run_id


def test_a_run_is_launched_followed_and_found(ws):
    run_id = launch(ws, name="First")
    seen = []

    job = runs.wait(ws, run_id, lambda job: seen.append(job.state))

    assert (job.state, job.name, job.dataset, job.preset) == ("completed", "First", "log", "fast")
    assert seen[-1] == "completed"
    assert runs.runs(ws) == [job]
    assert runs.metrics(ws, run_id)["step"].max() == 10
    assert "pass 1: validation loss" in runs.log_tail(ws, run_id)
    assert runs.history(ws, run_id)[-1].text == "completed"


def test_a_worker_is_started_with_what_its_threads_wait_by(ws, monkeypatch, tmp_path):
    """Catches: a supervisor that leaves its workers to sleep at every wait, so that two threads are slower than one."""
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    seen = tmp_path / "seen"
    looks = 'echo "$GOMP_SPINCOUNT" > "$0"; exec "$@"'
    monkeypatch.setattr(
        supervisor, "worker_command", lambda job: ["sh", "-c", looks, str(seen), *scripted.command(job)]
    )

    job = runs.wait(ws, launch(ws))

    assert (job.state, seen.read_text().strip()) == ("completed", LOOKS)


def test_fault_20_a_double_click_makes_one_run(ws):
    first = launch(ws, key="click")
    second = runs.launch(ws, CONFIG, key="click")

    assert second == first
    assert [path.name for path in ws.settings.runs.iterdir()] == [first]


def test_a_run_that_cannot_work_is_refused_before_it_is_queued(ws):
    with pytest.raises(NotFoundError):
        runs.launch(ws, preset_config("fast", dataset="gone"))
    with pytest.raises(InvalidSettingError, match="shorter than two periods"):
        runs.launch(ws, preset_config("fast", dataset="log", horizon=500))
    with pytest.raises(InvalidSettingError, match="no baseline magic"):
        runs.launch(ws, preset_config("fast", dataset="log", baselines="magic"))

    assert runs.runs(ws) == []
    assert list(ws.settings.runs.iterdir()) == []


def test_a_queued_run_is_cancelled_at_once_and_can_be_resumed(ws):
    run_id = launch(ws)

    assert runs.cancel(ws, run_id).state == "cancelled"
    with pytest.raises(BusyError):
        runs.cancel(ws, run_id)
    assert runs.resume(ws, run_id).state == "queued"
    assert runs.wait(ws, run_id).state == "completed"


def test_a_failed_run_says_why_and_can_be_resumed(ws):
    run_id = launch(ws, '{"error": "NaN loss", "error_at": 7}')

    failed = runs.wait(ws, run_id)
    (ws.settings.runs / run_id / scripted.SCRIPT).write_text("{}")
    runs.resume(ws, run_id)

    assert (failed.state, failed.to_try) == ("failed", "rate=0.0005")
    assert failed.mend.startswith("Set rate to 0.0005 and restart it")
    assert runs.wait(ws, run_id).reason == ""


def test_a_run_at_work_is_protected_and_an_ended_one_frees_its_space(ws):
    run_id = launch(ws, '{"steps": 500, "step_seconds": 0.05}')
    runs.ensure_supervisor(ws)
    while runs.run(ws, run_id).state != "running":
        pass

    with pytest.raises(BusyError, match="Cancel it first"):
        runs.delete(ws, run_id)
    runs.cancel(ws, run_id)
    runs.wait(ws, run_id)
    frees = runs.size_bytes(ws, run_id)

    assert runs.delete(ws, run_id) == frees > 0
    assert runs.runs(ws) == []
    with pytest.raises(NotFoundError):
        runs.log_tail(ws, run_id)


@pytest.mark.parametrize("name", ["", " ", "a" * 81, "two\nlines"])
def test_a_run_keeps_its_name_when_the_new_one_cannot_be_shown(ws, name):
    run_id = launch(ws)
    assert runs.rename(ws, run_id, " For the board ").name == "For the board"

    with pytest.raises(InvalidSettingError, match="cannot be given"):
        runs.rename(ws, run_id, name)

    assert runs.run(ws, run_id).name == "For the board"


def test_the_queue_can_be_reordered(ws):
    first, second = launch(ws), launch(ws)

    runs.move_in_queue(ws, second, "first")

    assert ws.jobs.claim_next().id == second
    assert first != second
