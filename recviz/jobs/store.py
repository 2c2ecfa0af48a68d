"""The job store: one SQLite file in the workspace, shared by every app, command and worker."""

import sqlite3
import weakref
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from recviz.errors import BusyError, NotFoundError
from recviz.jobs.database import connect, keep_open, migrate, write
from recviz.jobs.job import ACTIVE, ENDED, FOLLOWERS, Happening, Job, State
from recviz.language import mark

Place = Literal["first", "up", "down", "last"]
"""Where to in the queue."""
_DATES = ("created", "started", "ended")
_YES_NO = ("finish_early", "announced")

_COLUMNS = tuple(spec.name for spec in fields(Job))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM job"  # noqa: S608 - names of our own dataclass
_QUEUE = f"{_SELECT} WHERE state = 'queued' ORDER BY place, rowid"
_IS_ACTIVE = f"state IN ({', '.join('?' for _ in ACTIVE)})"
_INSERT = (
    f"INSERT INTO job ({', '.join(_COLUMNS)}, place) VALUES ({', '.join(':' + name for name in _COLUMNS)}, "  # noqa: S608 - our own column names
    "(SELECT coalesce(max(place), 0) + 1 FROM job))"
)
_UPDATE = f"UPDATE job SET {', '.join(f'{name} = :{name}' for name in _COLUMNS)} WHERE id = :id"  # noqa: S608 - our own column names


class JobStore:
    """Reads and changes jobs. Every change is one transaction; many processes may use one file."""

    def __init__(self, path: Path) -> None:
        """Open the store, making or upgrading it where needed.

        Raises:
            UnsupportedError: If a newer recviz made the file.
            StoreError: If it cannot be opened now.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        migrate(path)
        weakref.finalize(self, keep_open(path).close)

    def add(self, job: Job) -> Job:
        """Queue a job, or return the job that has its key already."""
        with self._transaction() as db:
            if job.key is not None:
                known = db.execute(f"{_SELECT} WHERE key = ?", (job.key,)).fetchone()
                if known is not None:
                    return _job(known)
            db.execute(_INSERT, _row(job))
            _note(db, job.id, mark("queued"))
        return job

    def get(self, run_id: str) -> Job:
        """Read a job.

        Raises:
            NotFoundError: If there is none of this id.
        """
        with closing(connect(self.path)) as db:
            return _get(db, run_id)

    def all(self) -> list[Job]:
        """Read every job: newest first."""
        with closing(connect(self.path)) as db:
            return [_job(row) for row in db.execute(f"{_SELECT} ORDER BY created DESC, rowid DESC")]

    def active(self) -> list[Job]:
        """Read the jobs that have, or should have, a worker."""
        with closing(connect(self.path)) as db:
            return [_job(row) for row in db.execute(f"{_SELECT} WHERE {_IS_ACTIVE}", ACTIVE)]

    def queue(self) -> list[Job]:
        """Read the jobs that wait: the next one first."""
        with closing(connect(self.path)) as db:
            return [_job(row) for row in db.execute(_QUEUE)]

    def ended_since(self, moment: datetime) -> list[Job]:
        """Read the jobs that ended after a moment: the last to end last."""
        with closing(connect(self.path)) as db:
            ended = [_job(row) for row in db.execute(f"{_SELECT} WHERE ended IS NOT NULL")]
        late = [(job.ended, job.id, job) for job in ended if job.ended is not None and job.ended > moment]
        return [job for _, _, job in sorted(late, key=lambda row: row[:2])]

    def unannounced(self) -> list[Job]:
        """Read the ended jobs whose end nobody has announced."""
        with closing(connect(self.path)) as db:
            rows = db.execute(f"{_SELECT} WHERE announced = 0 AND ended IS NOT NULL")
            return [job for row in rows if (job := _job(row)).has_ended]

    def claim_announcement(self, run_id: str) -> bool:
        """Mark a job's end as announced; ``False`` if another process did before, or it has not ended."""
        with self._transaction() as db:
            job = _get(db, run_id)
            if job.announced or not job.has_ended:
                return False
            db.execute(_UPDATE, _row(replace(job, announced=True)))
            return True

    def history(self, run_id: str) -> list[Happening]:
        """Read what happened to a job, oldest first."""
        with closing(connect(self.path)) as db:
            rows = db.execute("SELECT at, words FROM happening WHERE job = ? ORDER BY number", (run_id,))
            return [Happening(datetime.fromisoformat(at), words) for at, words in rows]

    def claim_next(self, slots: Sequence[str] = ("",)) -> Job | None:
        """Move the first queued job to ``starting`` if a slot is free, and return it.

        Args:
            slots: A name for each run that may work at once: one or more of a device carry its name.
        """
        with self._transaction() as db:
            free = list(slots)
            for row in db.execute(f"{_SELECT} WHERE {_IS_ACTIVE}", ACTIVE):
                if free:  # a slot that is not among these still keeps some device busy
                    free.remove(row["slot"] if row["slot"] in free else free[0])
            row = db.execute(f"{_QUEUE} LIMIT 1").fetchone()
            if not free or row is None:
                return None
            job = _job(row)
            return _move(
                db, job, "starting", mark("starting a worker"), attempt=job.attempt + 1, phase="starting", slot=free[0]
            )

    def move(self, run_id: str, to: State, words: str, *, attempt: int | None = None, **changes: Any) -> Job:  # noqa: ANN401 - columns of any type
        """Bring a job into another state and write that into its history.

        Args:
            run_id: The job.
            to: The new state.
            words: What happened, for the history.
            attempt: If given, the start that the caller belongs to.
            **changes: Other fields of `Job` to set in the same transaction.

        Raises:
            NotFoundError: If there is no such job.
            BusyError: If the new state may not follow the present one, or a later start has taken over.
        """
        with self._transaction() as db:
            job = _get(db, run_id)
            if attempt is not None and attempt != job.attempt:
                raise BusyError.of(
                    "Another worker has taken this run over", f"run {run_id}", "Nothing needs to be done"
                )
            return _move(db, job, to, words, **changes)

    def change(
        self,
        run_id: str,
        *,
        attempt: int | None = None,
        only_in: Container[State] | None = None,
        words: str = "",
        **changes: Any,  # noqa: ANN401 - columns of any type
    ) -> Job | None:
        """Set fields that are no transition.

        Args:
            run_id: The job.
            attempt: If given, the start that the caller belongs to.
            only_in: If given, the states in which the change is still wanted.
            words: A line for the history; "" for none.
            **changes: Fields of `Job`.

        Returns:
            The changed job; ``None``, and nothing changed, if another start owns it or it is in another state.

        Raises:
            NotFoundError: If there is no such job.
        """
        with self._transaction() as db:
            job = _get(db, run_id)
            if attempt is not None and (attempt != job.attempt or not job.is_active):
                return None
            if only_in is not None and job.state not in only_in:
                return None
            job = replace(job, **changes)
            db.execute(_UPDATE, _row(job))
            if words:
                _note(db, run_id, words)
            return job

    def note(self, run_id: str, words: str) -> None:
        """Add a line to a job's history."""
        with self._transaction() as db:
            _note(db, _get(db, run_id).id, words)

    def reorder(self, run_id: str, to: Place) -> None:
        """Move a queued job within the queue; one that is there already stays.

        Raises:
            NotFoundError: If there is no such job.
            BusyError: If it is not waiting.
        """
        with self._transaction() as db:
            if _get(db, run_id).state != "queued":
                raise BusyError.of("This run does not wait in the queue", f"run {run_id}", "Look at its state anew")
            waiting = [row["id"] for row in db.execute(_QUEUE)]
            before = waiting.index(run_id)
            after = {"first": 0, "up": max(0, before - 1), "down": before + 1, "last": len(waiting)}[to]
            waiting.insert(after, waiting.pop(before))
            if waiting.index(run_id) == before:
                return
            for place, each in enumerate(waiting):
                db.execute("UPDATE job SET place = ? WHERE id = ?", (place, each))
            place, all_waiting = waiting.index(run_id) + 1, len(waiting)
            _note(db, run_id, mark(f"moved to place {place} of {all_waiting} in the queue"))

    def delete(self, run_id: str) -> None:
        """Forget a job that no worker is busy with.

        Raises:
            BusyError: If it is active.
        """
        with self._transaction() as db:
            if _get(db, run_id).is_active:
                raise BusyError.of("This run is still at work", f"run {run_id}", "Cancel it first")
            db.execute("DELETE FROM job WHERE id = ?", (run_id,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(connect(self.path)) as db, write(db):
            yield db


def utc_now() -> datetime:
    """Return the time of day, for people; durations are measured with a clock that never jumps."""
    return datetime.now(UTC)


def _get(db: sqlite3.Connection, run_id: str) -> Job:
    row = db.execute(f"{_SELECT} WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFoundError.of(f"There is no run {run_id!r}", "this workspace", "Pick a run from the Runs page")
    return _job(row)


def _move(db: sqlite3.Connection, job: Job, to: State, words: str, **changes: Any) -> Job:  # noqa: ANN401 - columns of any type
    if to not in FOLLOWERS[job.state]:
        raise BusyError.of(f"A run that is {job.state} cannot become {to}", f"run {job.id}", "Look at its state anew")
    again = to == "queued" and job.state in ENDED
    job = replace(job, state=to, announced=job.announced and not again, **changes)
    db.execute(_UPDATE, _row(job))
    if again:  # behind those that wait already
        db.execute("UPDATE job SET place = (SELECT max(place) + 1 FROM job) WHERE id = ?", (job.id,))
    _note(db, job.id, words)
    return job


def _note(db: sqlite3.Connection, run_id: str, words: str) -> None:
    db.execute(
        "INSERT INTO happening (job, at, words) VALUES (?, ?, ?)", (run_id, utc_now().isoformat("T", "seconds"), words)
    )


def _row(job: Job) -> dict[str, Any]:
    row = asdict(job)
    return row | {name: row[name].isoformat() for name in _DATES if row[name] is not None}


def _job(row: sqlite3.Row) -> Job:
    values = dict(row)
    read: Callable[[str], datetime] = datetime.fromisoformat
    dates = {name: read(values[name]) for name in _DATES if values[name] is not None}
    return Job(**values | dates | {name: bool(values[name]) for name in _YES_NO})
