"""The job store: one SQLite file in the workspace, shared by every app, command and worker."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recviz.errors import BusyError, NotFoundError, UnsupportedError
from recviz.jobs.job import ACTIVE, FOLLOWERS, Happening, Job, State

BUSY_SECONDS = 30.0
_DATES = ("created", "started", "ended")

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE job (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, dataset TEXT NOT NULL, preset TEXT NOT NULL,
            created TEXT NOT NULL, key TEXT UNIQUE, state TEXT NOT NULL, phase TEXT NOT NULL, progress REAL NOT NULL,
            eta_seconds REAL, took_seconds REAL NOT NULL, device TEXT NOT NULL, versus_baseline TEXT NOT NULL,
            reason TEXT NOT NULL, mend TEXT NOT NULL, attempt INTEGER NOT NULL, machine TEXT NOT NULL, pid INTEGER,
            process_created REAL, heartbeat REAL, started TEXT, ended TEXT, place INTEGER NOT NULL DEFAULT 0)""",
        """CREATE TABLE happening (
            number INTEGER PRIMARY KEY, job TEXT NOT NULL REFERENCES job(id) ON DELETE CASCADE,
            at TEXT NOT NULL, words TEXT NOT NULL)""",
        "CREATE INDEX happening_of_job ON happening(job)",
    ),
)
"""Append only: entry n brings a store from version n to n + 1."""

_COLUMNS = tuple(spec.name for spec in fields(Job))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM job"  # noqa: S608 - names of our own dataclass
_IS_ACTIVE = f"state IN ({', '.join('?' for _ in ACTIVE)})"
_INSERT = (
    f"INSERT INTO job ({', '.join(_COLUMNS)}, place) VALUES ({', '.join(':' + name for name in _COLUMNS)}, "  # noqa: S608
    "(SELECT coalesce(max(place), 0) + 1 FROM job))"
)
_UPDATE = f"UPDATE job SET {', '.join(f'{name} = :{name}' for name in _COLUMNS)} WHERE id = :id"  # noqa: S608


class JobStore:
    """Reads and changes jobs. Every change is one transaction; many processes may use one file."""

    def __init__(self, path: Path) -> None:
        """Open the store, making or upgrading it where needed.

        Raises:
            UnsupportedError: If a newer recviz made the file.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _migrate(path)

    def add(self, job: Job) -> Job:
        """Queue a job, or return the job that has its key already."""
        with self._transaction() as db:
            if job.key is not None:
                known = db.execute(f"{_SELECT} WHERE key = ?", (job.key,)).fetchone()
                if known is not None:
                    return _job(known)
            db.execute(_INSERT, _row(job))
            _note(db, job.id, "queued")
        return job

    def get(self, run_id: str) -> Job:
        """Read a job.

        Raises:
            NotFoundError: If there is none of this id.
        """
        with closing(_connect(self.path)) as db:
            return _get(db, run_id)

    def all(self) -> list[Job]:
        """Read every job: newest first."""
        with closing(_connect(self.path)) as db:
            return [_job(row) for row in db.execute(f"{_SELECT} ORDER BY created DESC, rowid DESC")]

    def active(self) -> list[Job]:
        """Read the jobs that have, or should have, a worker."""
        with closing(_connect(self.path)) as db:
            return [_job(row) for row in db.execute(f"{_SELECT} WHERE {_IS_ACTIVE}", ACTIVE)]

    def history(self, run_id: str) -> list[Happening]:
        """Read what happened to a job, oldest first."""
        with closing(_connect(self.path)) as db:
            rows = db.execute("SELECT at, words FROM happening WHERE job = ? ORDER BY number", (run_id,))
            return [Happening(datetime.fromisoformat(at), words) for at, words in rows]

    def claim_next(self, slots: int = 1) -> Job | None:
        """Move the first queued job to ``starting`` if a slot is free, and return it."""
        with self._transaction() as db:
            if len(db.execute(f"{_SELECT} WHERE {_IS_ACTIVE}", ACTIVE).fetchall()) >= slots:
                return None
            row = db.execute(f"{_SELECT} WHERE state = 'queued' ORDER BY place LIMIT 1").fetchone()
            if row is None:
                return None
            job = _job(row)
            return _move(db, job, "starting", "starting a worker", attempt=job.attempt + 1, phase="starting")

    def move(self, run_id: str, to: State, words: str, *, attempt: int | None = None, **changes: Any) -> Job:  # noqa: ANN401
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

    def change(self, run_id: str, *, attempt: int | None = None, **changes: Any) -> Job | None:  # noqa: ANN401
        """Set fields that are no transition; with ``attempt``, return ``None`` if that start no longer owns the job."""
        with self._transaction() as db:
            job = _get(db, run_id)
            if attempt is not None and (attempt != job.attempt or not job.is_active):
                return None
            job = replace(job, **changes)
            db.execute(_UPDATE, _row(job))
            return job

    def note(self, run_id: str, words: str) -> None:
        """Add a line to a job's history."""
        with self._transaction() as db:
            _note(db, _get(db, run_id).id, words)

    def first_in_queue(self, run_id: str) -> None:
        """Let a queued job be the next one."""
        with self._transaction() as db:
            db.execute("UPDATE job SET place = (SELECT min(place) - 1 FROM job) WHERE id = ?", (run_id,))
            _note(db, run_id, "moved to the front of the queue")

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
        with closing(_connect(self.path)) as db, _write(db):
            yield db


def utc_now() -> datetime:
    """Return the time of day, for people; durations are measured with a clock that never jumps."""
    return datetime.now(UTC)


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


@contextmanager
def _write(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _migrate(path: Path) -> None:
    with closing(_connect(path)) as db:
        if _version(db) == len(MIGRATIONS):
            return
        if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            db.execute("PRAGMA journal_mode = WAL")
        _keep_backup(db, path)
        with _write(db):
            for number in range(_version(db), len(MIGRATIONS)):
                for statement in MIGRATIONS[number]:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number + 1}")


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise UnsupportedError.of(
            f"The job store has version {version}, this recviz knows {len(MIGRATIONS)}",
            "the workspace",
            "Use the newer recviz that made it, or another workspace",
        )
    return version


def _keep_backup(db: sqlite3.Connection, path: Path) -> None:
    backup = path.with_name(f"{path.name}.version-{_version(db)}")
    if _version(db) > 0 and not backup.exists():
        db.execute("VACUUM INTO ?", (str(backup),))


def _get(db: sqlite3.Connection, run_id: str) -> Job:
    row = db.execute(f"{_SELECT} WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFoundError.of(f"There is no run {run_id!r}", "this workspace", "Pick a run from the Runs page")
    return _job(row)


def _move(db: sqlite3.Connection, job: Job, to: State, words: str, **changes: Any) -> Job:  # noqa: ANN401
    if to not in FOLLOWERS[job.state]:
        raise BusyError.of(f"A run that is {job.state} cannot become {to}", f"run {job.id}", "Look at its state anew")
    job = replace(job, state=to, **changes)
    db.execute(_UPDATE, _row(job))
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
    return Job(**values | {name: read(values[name]) for name in _DATES if values[name] is not None})
