import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import get_args

import pytest

from recviz.errors import BusyError, NotFoundError, UnsupportedError
from recviz.jobs import database
from recviz.jobs.job import FOLLOWERS, Job, State
from recviz.jobs.store import JobStore, utc_now

JOB = Job(id="run-1", name="First", dataset="log", preset="fast", created=utc_now())


def test_a_job_is_read_back_as_it_was_written(store):
    job = replace(JOB, device="CPU, 2 cores", progress=0.25, eta_seconds=12.5, started=utc_now(), pid=7)

    store.add(job)

    assert store.get("run-1") == job


def test_two_launches_with_one_key_are_one_run(store):
    first = store.add(replace(JOB, key="click"))
    second = store.add(replace(JOB, id="run-2", key="click"))

    assert second == first
    assert [job.id for job in store.all()] == ["run-1"]


@pytest.mark.parametrize(("before", "after"), list(product(get_args(State), get_args(State))))
def test_only_the_listed_states_may_follow(store, before, after):
    store.add(replace(JOB, state=before))

    if after in FOLLOWERS[before]:
        assert store.move("run-1", after, "moved").state == after
        assert store.history("run-1")[-1].text == "moved"
    else:
        with pytest.raises(BusyError, match="cannot become"):
            store.move("run-1", after, "moved")
        assert store.get("run-1").state == before
        assert [happening.text for happening in store.history("run-1")] == ["queued"]


@pytest.mark.parametrize("change", ["move", "change", "reorder", "delete"])
def test_a_change_that_breaks_off_in_the_middle_has_changed_nothing(settings, store, change):
    for number in range(2):
        store.add(replace(JOB, id=f"run-{number}"))
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as db:
        for what in ("INSERT", "DELETE"):  # the history is the last to be written, and to go
            db.execute(f"CREATE TRIGGER no_{what} BEFORE {what} ON happening BEGIN SELECT RAISE(ABORT, 'no'); END")
    before = store.all(), [job.id for job in store.queue()]
    changes = {
        "move": lambda: store.move("run-1", "cancelled", "cancelled"),
        "change": lambda: store.change("run-1", words="renamed", name="Second"),
        "reorder": lambda: store.reorder("run-1", "first"),
        "delete": lambda: store.delete("run-1"),
    }

    with pytest.raises(sqlite3.IntegrityError, match="no"):
        changes[change]()

    assert (store.all(), [job.id for job in store.queue()]) == before
    assert len(store.history("run-1")) == 1


def test_readers_need_not_wait_for_a_writer(settings, store):
    store.add(JOB)
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.execute("BEGIN EXCLUSIVE")
        db.execute("DELETE FROM job")

        assert store.get("run-1") == JOB


def test_every_state_but_the_completed_one_leads_to_an_end():
    reachable = {"completed", "cancelled", "failed"}
    for _ in FOLLOWERS:
        reachable |= {state for state, after in FOLLOWERS.items() if reachable & set(after)}

    assert reachable == set(get_args(State))


def test_a_worker_of_an_earlier_start_may_no_longer_write(store):
    store.add(JOB)
    first = store.claim_next()
    store.move("run-1", "queued", "queued again", attempt=first.attempt)
    second = store.claim_next()

    assert store.change("run-1", attempt=first.attempt, progress=0.9) is None
    with pytest.raises(BusyError, match="taken this run over"):
        store.move("run-1", "running", "late", attempt=first.attempt)
    assert store.get("run-1") == second


def test_the_queue_is_first_come_first_served_with_one_slot(store):
    for number in range(3):
        store.add(replace(JOB, id=f"run-{number}"))
    store.reorder("run-2", "first")

    claimed = store.claim_next()

    assert claimed.id == "run-2"
    assert store.claim_next() is None
    store.move("run-2", "failed", "failed")
    assert store.claim_next().id == "run-0"


@pytest.mark.parametrize(
    ("to", "order"),
    [("first", "2013"), ("up", "0213"), ("down", "0132"), ("last", "0132")],
)
def test_the_order_of_the_queue_can_be_changed(store, to, order):
    for number in range(4):
        store.add(replace(JOB, id=f"run-{number}"))

    store.reorder("run-2", to)

    assert [job.id for job in store.queue()] == [f"run-{number}" for number in order]
    assert store.history("run-2")[-1].text == f"moved to place {order.index('2') + 1} of 4 in the queue"


def test_a_job_at_the_end_of_the_queue_stays_there_and_one_that_does_not_wait_has_no_place(store):
    for number in range(2):
        store.add(replace(JOB, id=f"run-{number}"))
    store.add(replace(JOB, id="run-2", state="failed"))

    store.reorder("run-1", "down")
    store.reorder("run-0", "up")

    assert [job.id for job in store.queue()] == ["run-0", "run-1"]
    assert len(store.history("run-1")) == 1
    with pytest.raises(BusyError, match="does not wait"):
        store.reorder("run-2", "first")


def test_a_job_that_is_queued_again_goes_behind_those_that_wait(store):
    store.add(replace(JOB, id="early", state="failed"))
    store.add(replace(JOB, id="late"))

    store.move("early", "queued", "queued again")

    assert [job.id for job in store.queue()] == ["late", "early"]


def test_each_device_takes_one_job_and_a_freed_device_takes_the_next(store):
    for number in range(4):
        store.add(replace(JOB, id=f"run-{number}"))
    slots = ["cuda:0", "cuda:1"]

    taken = [store.claim_next(slots) for _ in range(3)]
    store.move("run-0", "failed", "failed")
    after = store.claim_next(slots)

    assert [(job.id, job.slot) for job in taken[:2]] == [("run-0", "cuda:0"), ("run-1", "cuda:1")]
    assert taken[2] is None
    assert (after.id, after.slot) == ("run-2", "cuda:0")


@pytest.mark.parametrize(
    "end", [("running", "evaluating", "completed"), ("cancelling", "cancelled"), ("running", "failed"), ("queued",)]
)
def test_whichever_way_a_job_ends_its_place_is_free_for_the_next(store, end):
    store.add(JOB)
    store.add(replace(JOB, id="run-2"))
    store.claim_next(["cpu"])
    assert store.claim_next(["cpu"]) is None

    for state in end:
        store.move("run-1", state, state)

    assert store.claim_next(["cpu"]).id == ("run-2" if end != ("queued",) else "run-1")


def test_a_job_in_a_slot_of_other_settings_still_keeps_a_device_busy(store):
    store.add(replace(JOB, id="old", state="running", slot="cuda:7"))
    store.add(replace(JOB, id="new"))

    assert store.claim_next(["cpu"]) is None
    assert store.claim_next(["cpu", "cpu"]).id == "new"


def test_the_jobs_that_ended_since_a_moment_are_told_in_order(store):
    moment = utc_now()
    ends = {"before": -1, "later": 20, "soon": 10, "gone on": 5}
    for name, seconds in ends.items():
        store.add(replace(JOB, id=name, state="completed", ended=moment + timedelta(seconds=seconds)))
    store.add(replace(JOB, id="waiting"))
    store.change("gone on", state="queued", ended=None)

    assert [job.id for job in store.ended_since(moment)] == ["soon", "later"]


def test_many_claims_at_once_give_each_job_to_one(settings, store):
    for number in range(8):
        store.add(replace(JOB, id=f"run-{number}"))
    taken = []

    def claim():
        while (job := JobStore(settings.database).claim_next(["cpu"] * 8)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [f"run-{number}" for number in range(8)]


def test_a_deleted_job_is_gone_with_its_history_and_a_busy_one_stays(store):
    store.add(JOB)
    store.add(replace(JOB, id="run-2", state="running"))

    store.delete("run-1")

    with pytest.raises(NotFoundError):
        store.get("run-1")
    assert store.history("run-1") == []
    with pytest.raises(BusyError, match="still at work"):
        store.delete("run-2")


def test_a_store_of_a_newer_recviz_is_refused(settings):
    JobStore(settings.database)
    db = sqlite3.connect(settings.database)
    db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(UnsupportedError, match="version 99"):
        JobStore(settings.database)


def test_an_older_store_is_upgraded_and_a_backup_kept(settings, store, monkeypatch):
    store.add(JOB)
    more = ("ALTER TABLE job ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",)
    monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, more))

    upgraded = JobStore(settings.database)

    assert upgraded.get("run-1") == JOB
    backup = sqlite3.connect(settings.database.with_name("recviz.db.version-2"))
    assert backup.execute("SELECT id FROM job").fetchall() == [("run-1",)]
    backup.close()
