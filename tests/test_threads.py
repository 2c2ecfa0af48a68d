"""Threads that wait must not take the cores that others work on: an app is used while a run is at work."""

import os
import subprocess
import sys

import pytest

POLICY = "OMP_WAIT_POLICY"


def openmp_says(code: str, **asked: str) -> set[str]:
    """Run code in a fresh process, and return what OpenMP tells of itself, in each library that brings it, as it is loaded."""
    known = {name: value for name, value in os.environ.items() if name != POLICY}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**known, "OMP_DISPLAY_ENV": "true", **asked},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return {line.split("'")[1] for line in done.stderr.splitlines() if POLICY in line}


@pytest.mark.parametrize("module", ["recviz.ui.server", "recviz.model.predictor", "recviz.jobs.worker"])
def test_waiting_threads_sleep_in_the_app_and_in_commands(module):
    code = f"import importlib; importlib.import_module({module!r}); import torch"

    assert openmp_says(code) == {"PASSIVE"}


def test_who_asks_for_something_else_gets_it():
    assert openmp_says("import recviz, torch", OMP_WAIT_POLICY="ACTIVE") == {"ACTIVE"}
