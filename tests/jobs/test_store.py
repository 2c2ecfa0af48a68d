import sqlite3
import threading
from dataclasses import replace
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
