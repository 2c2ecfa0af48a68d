"""What a worker is given of the machine."""

import pytest

from recviz.jobs.machine import LOOKS, worker_environment
from recviz.settings import Settings


def test_threads_of_a_run_alone_on_the_processor_look_before_they_sleep(monkeypatch):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")  # as `recviz` sets it

    assert worker_environment(Settings(), "cpu") == {"GOMP_SPINCOUNT": LOOKS}
    assert worker_environment(Settings(slots=2), "cpu") == {}, "they would take the cores from each other"


@pytest.mark.parametrize(("name", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "ACTIVE")])
def test_what_somebody_asked_for_stays(monkeypatch, name, value):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv(name, value)

    assert worker_environment(Settings(), "cpu") == {}


@pytest.mark.parametrize(("visible", "seen"), [("", "1"), ("4,6", "6")])
def test_a_run_sees_the_gpu_of_its_slot_alone(monkeypatch, visible, seen):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    assert worker_environment(Settings(), "cuda:1") == {"CUDA_VISIBLE_DEVICES": seen}
