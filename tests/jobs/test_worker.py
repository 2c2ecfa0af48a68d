import errno
import sqlite3
import threading

import pytest

from recviz.jobs import journal, usage
from recviz.jobs.verdict import verdict
from recviz.jobs.worker import do
from recviz.model.config import RunConfig
from tests.jobs.scripted import ERRORS, ScriptedStep, ScriptedWork, queue


def work_off(settings, store, run_id, **script):
    """Claim the run and do it in this process."""
    attempt = store.claim_next().attempt
    code = do(settings, run_id, attempt, ScriptedWork(settings.runs / run_id, **script))
    return code, store.get(run_id)


def test_a_run_is_trained_evaluated_and_completed(settings, store):
    queue(settings, "run-1")

    code, job = work_off(settings, store, "run-1")

    assert code == 0
    assert (job.state, job.progress, job.versus_baseline) == ("completed", 1.0, "+9 % (5 to 13) against LightGBM")
    assert job.ended >= job.started
    assert [happening.text.split(" (")[0] for happening in store.history("run-1")] == [
        "queued",
        "starting a worker",
        "a worker started",
        "fitting, pass 1: validation loss 0.2000",
        "fitting, pass 1: validation loss 0.1000",
        "evaluating",
        "completed",
    ]
    assert journal.read(settings.runs / "run-1")["step"].tolist() == [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10]


def test_a_phase_of_several_parts_is_told_once_where_it_begins(settings, store):
    class Reading(ScriptedWork):
        def train(self, ends_early):
            yield from (ScriptedStep(part, 2, phase="reading") for part in range(3))
            yield from super().train(ends_early)
            yield from (ScriptedStep(part, 2, phase="writing", note="Kept" if part == 2 else "") for part in range(3))

    queue(settings, "run-1")
    do(settings, "run-1", store.claim_next().attempt, Reading(settings.runs / "run-1"))

    told = [happening.text for happening in store.history("run-1")]
    assert [told.count(word) for word in ("reading", "writing", "Kept")] == [1, 1, 1]


def test_a_worker_that_lost_its_claim_does_nothing(settings, store):
    queue(settings, "run-1")
    late = store.claim_next().attempt
    store.move("run-1", "queued", "queued again")
    store.claim_next()

    code = do(settings, "run-1", late, ScriptedWork(settings.runs / "run-1", error="surprise", error_at=1))

    assert code == 0
    assert store.get("run-1").state == "starting"


@pytest.mark.parametrize(
    ("error", "reason", "mend"),
    [
        (
            "NaN loss",
            "The loss is not a number any more (step 3)",
            "Set rate to 0.0005 and text_rate to 1.25e-05 and restart it",
        ),
        ("out of memory", "The memory of the device was not enough", "Set texts_per_step to 96 and restart it"),
        ("disk full", "The disk is full", "Free some space"),
    ],
)
def test_a_failed_run_says_why_and_what_to_do(settings, store, error, reason, mend):
    queue(settings, "run-1")
    attempt = store.claim_next().attempt
    work = ScriptedWork(settings.runs / "run-1", error=error)

    if isinstance(ERRORS[error], (MemoryError, OSError)):
        with pytest.raises(type(ERRORS[error])):
            do(settings, "run-1", attempt, work)
    else:
        do(settings, "run-1", attempt, work)

    job = store.get("run-1")
    assert (job.state, job.reason) == ("failed", reason)
    assert mend in job.mend


def test_an_unexpected_error_is_told_and_leaves_its_traceback(settings, store):
    queue(settings, "run-1")
    attempt = store.claim_next().attempt

    with pytest.raises(ZeroDivisionError):  # the interpreter prints it into the log
        do(settings, "run-1", attempt, ScriptedWork(settings.runs / "run-1", error="surprise"))

    assert store.get("run-1").reason == "Something unexpected happened: ZeroDivisionError: division by zero"


def test_a_resumed_run_goes_on_from_its_checkpoint_and_its_metrics_have_no_step_twice(settings, store):
    queue(settings, "run-1")
    work_off(settings, store, "run-1", error="NaN loss", error_at=8)
    store.move("run-1", "queued", "queued again")

    _, job = work_off(settings, store, "run-1")

    assert (job.state, job.attempt) == ("completed", 2)
    assert journal.read(settings.runs / "run-1")["step"].tolist() == [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10]


def test_a_run_that_is_to_finish_early_ends_its_training_and_is_evaluated(settings, store):
    queue(settings, "run-1")
    store.change("run-1", finish_early=True)

    _, job = work_off(settings, store, "run-1")

    assert (job.state, job.versus_baseline) == ("completed", "+9 % (5 to 13) against LightGBM")
    assert journal.read(settings.runs / "run-1")["step"].tolist() == [1]


def test_a_worker_hears_of_the_wish_to_finish_while_it_works(settings, store):
    queue(settings, "run-1", steps=200, step_seconds=0.02)
    wish = threading.Timer(0.4, lambda: store.change("run-1", finish_early=True))
    wish.start()

    _, job = work_off(settings, store, "run-1", steps=200, step_seconds=0.02)

    wish.join()
    assert job.state == "completed"
    assert 1 <= journal.read(settings.runs / "run-1")["step"].max() < 150
    assert any("Training ended early" in happening.text for happening in store.history("run-1"))


def test_what_a_worker_uses_is_in_the_runs_folder(settings, store):
    queue(settings, "run-1")
    work_off(settings, store, "run-1", steps=20, step_seconds=0.05)

    assert len(usage.read(settings.runs / "run-1")) >= 1


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EFBIG, "File too large"),
        sqlite3.OperationalError("database or disk is full"),
        RuntimeError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_known_whatever_library_says_it(error):
    assert verdict(error, RunConfig()).reason == "The disk is full"
