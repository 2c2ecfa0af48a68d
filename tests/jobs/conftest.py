import pytest

from recviz.jobs.store import JobStore
from recviz.settings import Settings


@pytest.fixture
def settings(tmp_path):
    made = Settings(workspace=tmp_path / "workspace", heartbeat_seconds=0.5, device="cpu")
    made.runs.mkdir(parents=True)
    return made


@pytest.fixture
def store(settings):
    return JobStore(settings.database)
