"""Runs: launch, follow, cancel, resume, delete. What the Runs page and the commands call."""

import secrets
import shutil
import time
from collections.abc import Callable

import pandas as pd

from recviz.data.split import make_split
from recviz.jobs import journal, supervisor
from recviz.jobs.job import Happening, Job
from recviz.jobs.machine import device_words
from recviz.jobs.store import utc_now
from recviz.model.config import RunConfig
from recviz.services.workspace import Workspace

RunRow = Job
"""One row of the table of runs: see `recviz.jobs.job.Job` for its fields."""
POLL_SECONDS = 0.5


def launch(ws: Workspace, config: RunConfig, name: str = "", key: str | None = None) -> str:
    """Queue a run and return its id. A supervisor starts it: see `ensure_supervisor`, `wait` and `detach`.

    Args:
        ws: The workspace.
        config: The run's settings; ``config.dataset`` names the log.
        name: What people call the run; "" names it after its preset and its log.
        key: Two launches with one key are one run, so that a double click starts one.

    Raises:
        NotFoundError: If the workspace has no such log.
        InvalidSettingError: If the settings cannot work for this log.
    """
    dataset = ws.dataset(config.dataset)
    make_split(dataset, config.split, config.cut, config.period, config.horizon)
    run_id = f"{config.preset}-{secrets.token_hex(4)}"
    folder = ws.settings.runs / run_id
    folder.mkdir(parents=True)
    config.write(folder)
    job = ws.jobs.add(
        Job(
            id=run_id,
            name=name.strip() or f"{config.preset.capitalize()} on {dataset.manifest.name}",
            dataset=config.dataset,
            preset=config.preset,
            created=utc_now(),
            key=key,
            device=device_words(ws.settings),
        )
    )
    if job.id != run_id:
        shutil.rmtree(folder)
    return job.id


def runs(ws: Workspace) -> list[RunRow]:
    """List every run, newest first."""
    return ws.jobs.all()


def run(ws: Workspace, run_id: str) -> RunRow:
    """Read one run.

    Raises:
        NotFoundError: If there is none of this id.
    """
    return ws.jobs.get(run_id)


def metrics(ws: Workspace, run_id: str) -> pd.DataFrame:
    """Read what training has reported so far, one row a step or validation, oldest first.

    Returns:
        Columns phase, step, steps, pass_, validation (empty but where validated) and ``loss_NAME`` for each loss.
    """
    return journal.read(ws.run_folder(run_id))


def log_tail(ws: Workspace, run_id: str, lines: int = 200) -> str:
    """Return the last lines of the run's log; "" if it has not written any."""
    return journal.tail(ws.run_folder(run_id) / journal.LOG, lines)


def history(ws: Workspace, run_id: str) -> list[Happening]:
    """List what happened to the run: (when, text), oldest first."""
    return ws.jobs.history(run_id)


def cancel(ws: Workspace, run_id: str) -> RunRow:
    """Ask a run to stop; it ends within 10 seconds while a supervisor lives, and keeps its checkpoints.

    Raises:
        NotFoundError: If there is no such run.
        BusyError: If it has ended already.
    """
    job = ws.jobs.get(run_id)
    if job.state == "cancelling":
        return job
    if job.state == "queued":
        return ws.jobs.move(run_id, "cancelled", "cancelled before it started", phase="cancelled", ended=utc_now())
    return ws.jobs.move(run_id, "cancelling", "cancel was asked for", phase="cancelling", eta_seconds=None)


def resume(ws: Workspace, run_id: str) -> RunRow:
    """Queue a failed or cancelled run again; it goes on from its newest complete checkpoint, or from the start.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        BusyError: If it is neither failed nor cancelled.
    """
    ws.dataset(ws.run_config(run_id).dataset)
    return ws.jobs.move(
        run_id, "queued", "queued again", phase="waiting for its turn", reason="", mend="", ended=None, eta_seconds=None
    )


def rename(ws: Workspace, run_id: str, name: str) -> RunRow:
    """Give a run another name; an empty one changes nothing."""
    if name.strip():
        ws.jobs.change(run_id, name=name.strip())
    return ws.jobs.get(run_id)


def first_in_queue(ws: Workspace, run_id: str) -> None:
    """Let a queued run be the next to start."""
    ws.jobs.first_in_queue(run_id)


def size_bytes(ws: Workspace, run_id: str) -> int:
    """Return what deleting the run would free."""
    return sum(path.stat().st_size for path in ws.run_folder(run_id).rglob("*") if path.is_file())


def delete(ws: Workspace, run_id: str) -> int:
    """Delete a run with its model and return the bytes that this freed.

    Raises:
        NotFoundError: If there is no such run.
        BusyError: If it is at work.
    """
    freed = size_bytes(ws, run_id)
    folder = ws.run_folder(run_id)
    ws.jobs.delete(run_id)
    doomed = folder.with_name(f".deleted-{run_id}")
    folder.rename(doomed)  # at once, so that nobody opens half of it
    shutil.rmtree(doomed)
    return freed


def ensure_supervisor(ws: Workspace) -> None:
    """See to it that this process has a thread that starts queued runs and settles ended ones. Cheap to repeat."""
    supervisor.ensure(ws.settings)


def detach(ws: Workspace) -> None:
    """Start a process of its own that works the queue off and outlives this one."""
    supervisor.detach(ws.settings)


def wait(ws: Workspace, run_id: str, on_progress: Callable[[RunRow], None] = lambda _: None) -> RunRow:
    """Follow a run until it ends, with no app needed: this process supervises it if nobody else does.

    Args:
        ws: The workspace.
        run_id: The run.
        on_progress: Called with the run as it stands about twice a second, and once when it has ended.

    Returns:
        The ended run: completed, cancelled, or failed with ``reason`` and ``mend``.
    """
    ensure_supervisor(ws)
    while not (job := ws.jobs.get(run_id)).has_ended:
        on_progress(job)
        time.sleep(POLL_SECONDS)
    on_progress(job)
    return job
