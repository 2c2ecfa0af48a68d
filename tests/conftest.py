"""What every test may use."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before any test imports a library that would ask the network
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture
def real_logs() -> Path:
    """The folder of real logs beside the project; the test is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real logs are not on this machine")
    return folder
