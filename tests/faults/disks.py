"""A disk that can be filled and freed: a small one of its own, or a limit on files where mounting is not allowed."""

import errno
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from recviz.jobs.job import Job

MEGABYTES = 16
BLOCK = 4096


class Disk(Protocol):
    """A disk for a workspace."""

    folder: Path

    def fill(self, job: Job, left_bytes: int = 0) -> None:
        """Leave so many bytes for what the job's worker writes."""

    def free(self) -> None:
        """Give the space back."""


class SmallDisk:
    """A file system in memory with its own size; full for everybody, the app and the test too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, _: Job, left_bytes: int = 0) -> None:
        """Write until nothing goes in any more, then give back what shall be left."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(BLOCK)) == BLOCK:
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            ballast.truncate(max(0, ballast.tell() - left_bytes))

    def free(self) -> None:
        """Remove what filled it."""
        (self.folder / "ballast").unlink()


class LimitedFiles:
    """A limit on the size of any file that the worker writes; the app itself feels nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, job: Job, left_bytes: int = 0) -> None:
        """Let the worker write no file beyond so many bytes."""
        assert job.pid is not None
        _, most = resource.prlimit(job.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(job.pid, resource.RLIMIT_FSIZE, (left_bytes, most))

    def free(self) -> None:
        """Nothing to do: the limit ends with its worker."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Mount a small disk; where that is not allowed, files of workers are limited instead."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "recviz-test", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        yield LimitedFiles(folder)
        return
    try:
        yield SmallDisk(folder)
    finally:
        with suppress(FileNotFoundError):
            (folder / "ballast").unlink()
        subprocess.run(["umount", "--lazy", folder], check=True)
