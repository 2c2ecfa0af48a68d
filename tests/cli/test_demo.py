import os

import pandas as pd
import pytest

from recviz.model.config import preset_config
from recviz.services import sample
from tests.cli.conftest import call


class ReplacedError(Exception):
    """Stands for the process that became another."""


@pytest.fixture
def became(monkeypatch):
    """Catch what the process would become, and where."""
    seen = {}

    def become(_program, arguments, environment):
        seen.update(arguments=arguments, environment=environment)
        raise ReplacedError

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.setattr(os, "chdir", lambda folder: seen.update(folder=folder))
    return seen


def test_the_app_is_served_on_this_machine_only_unless_told_otherwise(became, tmp_path):
    with pytest.raises(ReplacedError):
        call(tmp_path / "w", "serve")
    default = became["arguments"]
    with pytest.raises(ReplacedError):
        call(tmp_path / "w", "serve", "--address", "0.0.0.0", "--port", "8600")  # noqa: S104 - told so

    assert {"--server.address=127.0.0.1", "--server.port=8501", "--server.maxUploadSize=1024"} <= set(default)
    assert {"--server.address=0.0.0.0", "--server.port=8600"} <= set(became["arguments"])
    assert became["environment"]["RECVIZ_WORKSPACE"] == str((tmp_path / "w").resolve())
    assert (became["folder"] / "app.py").is_file()


@pytest.mark.slow
def test_the_demo_tells_the_whole_story_and_then_serves_it(became, tmp_path, monkeypatch):
    tiny = {"tuning": "frozen", "passes": 1, "width": 16, "heads": 2, "layers": 1, "refit": False, "origins": 2}
    monkeypatch.setattr(sample, "sample_config", lambda dataset: preset_config("balanced", dataset=dataset, **tiny))
    workspace, report = tmp_path / "w", tmp_path / "report.html"

    told = call(workspace, "demo", "--no-serve", "--out", report)

    run = next((workspace / "runs").iterdir()).name
    assert told.exit_code == 0, told.output
    assert became == {}
    assert f"the run {run}" in told.stdout
    for finding in (
        "The log\t49,308 events of 1,482 users with 480 items",
        "Activity per period\t",
        "Why\t",
        "Trust\t",
    ):
        assert finding in told.stdout
    assert run in report.read_text(encoding="utf-8")
    forecast = pd.read_parquet(workspace / "demo" / "forecast.parquet")
    assert forecast["user_id"].nunique() == 1482
