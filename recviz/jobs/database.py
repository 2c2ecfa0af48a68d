"""The SQLite file of the job store: how it is opened, and how it grows from version to version."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from recviz.errors import RecvizError, UnsupportedError

BUSY_SECONDS = 30.0
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
    (
        "ALTER TABLE job ADD COLUMN to_try TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE job ADD COLUMN finish_early INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE job ADD COLUMN slot TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE job ADD COLUMN announced INTEGER NOT NULL DEFAULT 1",  # what ended before is no news
    ),
)
"""Append only: entry n brings a store from version n to n + 1."""


class StoreError(RecvizError, sqlite3.OperationalError):
    """The file cannot be read or written now: its disk is full, or somebody has locked it for long."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; a writer that finds it locked waits its turn.

    Raises:
        StoreError: If it cannot be opened now.
    """
    with _told_plainly():
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = NORMAL")
        return db


def keep_open(path: Path) -> sqlite3.Connection:
    """Open the file for as long as somebody may read it; any thread may close it.

    With its last connection SQLite deletes the files that connections share, and on a full disk it cannot make them
    again: then not even reading would be possible.
    """
    with _told_plainly():
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA user_version").fetchone()
        return db


@contextmanager
def write(db: sqlite3.Connection) -> Iterator[None]:
    """Make everything inside one transaction.

    Raises:
        StoreError: If it cannot be written now; then nothing is.
    """
    with _told_plainly():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk may have ended it already
                db.execute("ROLLBACK")
            raise


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            what, mend = f"The job store has been locked for {BUSY_SECONDS:.0f} s", "Close the program that holds it"
        elif "is full" in str(error) or "I/O" in str(error):
            what, mend = "The disk is full", "Free some space on the disk of the workspace, then try again"
        else:
            what, mend = f"The job store cannot be used: {error}", "Look at the disk of the workspace, then try again"
        raise StoreError.of(what, "the job store of the workspace", mend) from error


def migrate(path: Path) -> None:
    """Make the file, or bring it to the present version, with a copy of it as it was.

    Raises:
        UnsupportedError: If a newer recviz made it.
        StoreError: If it cannot be opened or written now.
    """
    with closing(connect(path)) as db:
        if _version(db) == len(MIGRATIONS):
            return
    with path.with_name(f"{path.name}.upgrade").open("w", encoding="ascii") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # SQLite does not wait where two programs change its mode at once
        with closing(connect(path)) as db, _told_plainly():
            if _version(db) < len(MIGRATIONS):
                _upgrade(db, path)


def _upgrade(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        db.execute("PRAGMA journal_mode = WAL")
    _keep_backup(db, path)
    with write(db):
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
