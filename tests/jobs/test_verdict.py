import signal
from dataclasses import asdict

import pytest

from recviz.errors import DivergedError, NotFoundError
from recviz.jobs import deaths
from recviz.jobs.deaths import why_dead
from recviz.jobs.job import Job
from recviz.jobs.machine import this_machine
from recviz.jobs.store import utc_now
from recviz.jobs.usage import USAGE
from recviz.jobs.verdict import DISK_FULL_EXIT, verdict
from recviz.model.config import RunConfig, preset_config, with_text_changes

JOB = Job(id="run-1", name="First", dataset="log", preset="fast", created=utc_now(), machine=this_machine())


def tried(config, found):
    """The settings after doing what a verdict suggests, as the store would hand the words on."""
    return with_text_changes(config, dict(word.split("=") for word in found.words_to_try.split()))


def test_fault_22_what_takes_less_memory_is_named_step_by_step_until_nothing_is_left_to_take():
    config, seen = preset_config("balanced", dataset="log"), []

    for _ in range(14):
        found = verdict(MemoryError(), config)
        before, config = config, tried(config, found)
        assert all(f"{name} to {value}" in found.mend for name, value in found.to_try.items())
        seen.append({name for name, value in asdict(config).items() if value != asdict(before)[name]})

    assert seen[:5] == [{"texts_per_step"}] * 4 + [{"batch_users", "accumulate"}]
    assert seen[-1] == set()
    assert "a machine with more memory" in verdict(MemoryError(), config).mend
    assert (config.texts_per_step, config.batch_users, config.max_history) == (12, 4, 16)


@pytest.mark.parametrize(
    "message", ["CUDA out of memory. Tried to allocate 2.00 GiB", "CUDA error: out of memory", "std::bad_alloc"]
)
def test_fault_22_a_device_without_room_is_known_by_its_words(message):
    assert verdict(RuntimeError(message), RunConfig()).to_try == {"texts_per_step": 96}


def test_fault_23_a_loss_that_is_no_number_asks_for_slower_learning_of_what_learns():
    error = DivergedError.of("The loss is no longer a number", "step 7 of refit", "Lower the rate")

    assert verdict(error, preset_config("fast")).to_try == {"rate": 0.0005}
    assert verdict(error, preset_config("balanced")).words_to_try == "rate=0.0005 text_rate=1.25e-05"
    assert verdict(error, preset_config("fast")).reason == "The loss is no longer a number (step 7 of refit)"


def test_a_lost_device_is_no_matter_of_settings():
    found = verdict(RuntimeError("CUDA error: unspecified launch failure"), RunConfig())

    assert found.reason == "The GPU was lost"
    assert "resume it" in found.mend
    assert not found.to_try


def test_an_expected_error_keeps_its_own_words():
    found = verdict(NotFoundError.of("There is no log", "this workspace", "Pick one"), RunConfig())

    assert (found.reason, found.mend, found.to_try) == ("There is no log (this workspace)", "Pick one", {})


@pytest.mark.parametrize(
    ("exit_code", "reason", "mend"),
    [
        (None, "the worker died", "Resume it: it goes on from its last checkpoint"),
        (-signal.SIGKILL, "the worker died (signal 9)", "resume it, and if it dies again: Set texts_per_step to 96"),
        (-signal.SIGSEGV, "the worker died (signal 11)", "Resume it"),
        (DISK_FULL_EXIT, "the disk is full", "Free some space"),
        (3, "the worker ended with code 3", "its log says why"),
    ],
)
def test_fault_17_a_death_is_told_with_what_to_do(tmp_path, exit_code, reason, mend):
    found = why_dead(JOB, exit_code, tmp_path)

    assert found.reason == reason
    assert mend in found.mend


def test_fault_17_a_worker_that_held_most_of_the_memory_was_killed_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(deaths.psutil, "virtual_memory", type("Memory", (), {"total": 10_000_000_000}))
    (tmp_path / USAGE).write_text('{"seconds": 1, "cpu_percent": 90, "memory_mb": 9100}\n')
    preset_config("balanced", texts_per_step=100).write(tmp_path)

    found = why_dead(JOB, -signal.SIGKILL, tmp_path)

    assert found.reason == "the worker died (signal 9): the machine probably ran out of memory, of which it held 91 %"
    assert found.to_try == {"texts_per_step": 50}
