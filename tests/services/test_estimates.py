from dataclasses import replace

import pandas as pd
import pytest

from recviz.jobs.job import Job
from recviz.jobs.machine import device_words
from recviz.jobs.store import utc_now
from recviz.model.config import preset_config
from recviz.services.estimates import estimate
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.logs import make_dataset


@pytest.fixture
def ws(tmp_path):
    made = Workspace(Settings(workspace=tmp_path, device="cpu"))
    days = pd.date_range("2024-01-01", periods=200, freq="D")
    events = pd.DataFrame(
        {
            "user_id": [f"u{at % 40}" for at in range(2000)],
            "item_id": [f"i{at % 7}" for at in range(2000)],
            "timestamp": [days[at % 200] for at in range(2000)],
        }
    )
    make_dataset(made.settings.datasets / "log", events)
    return made


CONFIG = preset_config("balanced", dataset="log", horizon=4)


def test_more_work_costs_more_time_and_memory(ws):
    plain = estimate(ws, CONFIG)

    longer = estimate(ws, replace(CONFIG, passes=2 * CONFIG.passes // 3))
    tuned = estimate(ws, replace(CONFIG, tuning="full"))

    judged = estimate(ws, replace(CONFIG, baselines="all"))

    assert plain.seconds > 0
    assert judged.seconds > plain.seconds
    assert longer.seconds <= plain.seconds
    assert tuned.seconds > plain.seconds
    assert tuned.memory_bytes > plain.memory_bytes
    assert plain.device.startswith("CPU, ")


def test_earlier_runs_put_the_estimate_right(ws):
    guess = estimate(ws, CONFIG)
    for number, took in enumerate((3.0, 3.0, 50.0)):
        (ws.settings.runs / f"run-{number}").mkdir()
        CONFIG.write(ws.settings.runs / f"run-{number}")
        ws.jobs.add(
            Job(
                id=f"run-{number}",
                name="",
                dataset="log",
                preset="balanced",
                created=utc_now(),
                state="completed",
                attempt=1,
                took_seconds=took * guess.seconds,
                device=device_words(ws.settings),
            )
        )

    told = estimate(ws, CONFIG)

    assert told.seconds == pytest.approx(3 * guess.seconds)
    assert "3 earlier runs" in told.reason
    assert "measurement" in guess.reason


def test_a_run_whose_log_is_gone_teaches_nothing(ws):
    guess = estimate(ws, CONFIG)
    (ws.settings.runs / "run-0").mkdir()
    replace(CONFIG, dataset="gone").write(ws.settings.runs / "run-0")
    ws.jobs.add(
        Job(id="run-0", name="", dataset="gone", preset="fast", created=utc_now(), state="completed", attempt=1,
            took_seconds=1e6, device=device_words(ws.settings))
    )  # fmt: skip

    assert estimate(ws, CONFIG).seconds == pytest.approx(guess.seconds)
