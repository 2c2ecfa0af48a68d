"""Runs: launch, follow, stop, resume, delete. What the Runs page and the commands call.

Beside it: `recviz.services.run_again` (restart, clone, continue) and `recviz.services.run_files` (model, resources).
"""

import secrets
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd

from recviz.baselines.choice import chosen
from recviz.data.dataset import Dataset
from recviz.data.split import make_split
from recviz.errors import BusyError
from recviz.jobs import journal, supervisor
from recviz.jobs.job import Happening, Job, State
from recviz.jobs.machine import device_words
from recviz.jobs.store import Place, utc_now
from recviz.language import mark
from recviz.model.checkpoint import CHECKPOINTS, MARKER
from recviz.model.config import RunConfig
from recviz.services.dataset_shelf import LONGEST_NAME, checked_name
from recviz.services.starts import prepare_start
from recviz.services.workspace import Workspace

RunRow = Job
"""One row of the table of runs: see `recviz.jobs.job.Job` for its fields."""
POLL_SECONDS = 0.5


def launch(ws: Workspace, config: RunConfig, name: str = "", key: str | None = None) -> str:
    """Queue a run and return its id. A supervisor starts it: see `ensure_supervisor`, `wait` and `detach`.

    Args:
        ws: The workspace.
        config: The run's settings; ``config.dataset`` names the log.
        name: What people call the run; "" names it after its preset and its log, or after the run that it continues.
        key: Two launches with one key are one run, so that a double click starts one.

    Raises:
        NotFoundError: If the workspace has no such log, or not the run that ``config.continues`` names.
        InvalidSettingError: If the settings cannot work for this log, on this machine, or for the run that is continued.
        RunFailedError: If the run that is continued has no complete model.
    """
    dataset = ws.dataset(config.dataset)
    chosen(config.baselines)
    make_split(dataset, config.split, config.cut, config.period, config.horizon)
    name = name.strip() or _usual_name(ws, config, dataset)
    device = device_words(ws.settings)
    run_id = f"{config.preset}-{secrets.token_hex(4)}"
    folder = ws.settings.runs / run_id
    folder.mkdir(parents=True)
    try:
        if config.continues:
            prepare_start(ws, config, folder)
        config.write(folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    job = ws.jobs.add(
        Job(
            id=run_id,
            name=name,
            dataset=config.dataset,
            preset=config.preset,
            created=utc_now(),
            key=key,
            device=device,
        )
    )
    if job.id != run_id:
        shutil.rmtree(folder)
    return job.id


def _usual_name(ws: Workspace, config: RunConfig, dataset: Dataset) -> str:
    if config.continues:
        after = ", continued"
        return ws.jobs.get(config.continues).name[: LONGEST_NAME - len(after)] + after
    return f"{config.preset.capitalize()} on {dataset.manifest.name}"


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


def ended_since(ws: Workspace, moment: datetime) -> list[RunRow]:
    """List the runs that ended after a moment (UTC), the last to end last: for a notice on whatever page is open."""
    return ws.jobs.ended_since(moment)


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
        return ws.jobs.move(
            run_id,
            "cancelled",
            mark("cancelled before it started"),
            phase="cancelled",
            finish_early=False,
            ended=utc_now(),
        )
    return ws.jobs.move(
        run_id, "cancelling", mark("cancel was asked for"), phase="cancelling", eta_seconds=None, finish_early=False
    )


def finish(ws: Workspace, run_id: str) -> RunRow:
    """Ask a run to end its training at the next step, keep the best so far, evaluate that, and complete.

    The wish stands in the store: it outlives this app, and a worker that is killed and resumed still follows it.
    A failed or cancelled run that has a checkpoint is queued again to be finished from there.

    Raises:
        NotFoundError: If there is no such run.
        BusyError: If its training has ended already, or has not begun and left nothing to keep.
    """
    has_checkpoint = _has_checkpoint(ws, run_id)
    words = mark("stop and finish was asked for: training ends early, the best so far is kept and evaluated")
    wanted_in: tuple[State, ...] = ("starting", "running", "queued") if has_checkpoint else ("starting", "running")
    asked = ws.jobs.change(run_id, only_in=wanted_in, words=words, finish_early=True)
    if asked is not None:
        return asked
    job = ws.jobs.get(run_id)
    if job.state in {"failed", "cancelled"} and has_checkpoint:
        return queue_again(ws, run_id, words, finish_early=True)
    raise BusyError.of(
        f"This run is {job.state}: it has no training to end early", f"run {run_id}", "Look at its state anew"
    )


def can_finish(ws: Workspace, job: RunRow) -> bool:
    """Whether `finish` would do something for the run as it stands."""
    if job.finish_early and not job.has_ended:
        return False
    return job.state in {"starting", "running"} or (
        job.state in {"queued", "failed", "cancelled"} and _has_checkpoint(ws, job.id)
    )


def resume(ws: Workspace, run_id: str) -> RunRow:
    """Queue a failed or cancelled run again; it goes on from its newest complete checkpoint, or from the start.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        BusyError: If it is neither failed nor cancelled.
    """
    return queue_again(ws, run_id, mark("queued again"))


def queue_again(ws: Workspace, run_id: str, words: str, **changes: Any) -> RunRow:  # noqa: ANN401 - fields of a job
    """Queue an ended run once more, with ``words`` in its history.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        BusyError: If it is neither failed nor cancelled.
    """
    ws.dataset(ws.run_config(run_id).dataset)
    fresh: dict[str, Any] = {"phase": "waiting for its turn", "reason": "", "mend": "", "to_try": "", "ended": None}
    return ws.jobs.move(run_id, "queued", words, **fresh, eta_seconds=None, **changes)


def rename(ws: Workspace, run_id: str, name: str) -> RunRow:
    """Give a run another name; its id stays.

    Raises:
        NotFoundError: If there is no such run.
        InvalidSettingError: If the name is empty, longer than 80 characters, or cannot be shown.
    """
    ws.jobs.change(run_id, name=checked_name(name))
    return ws.jobs.get(run_id)


def queue(ws: Workspace) -> list[RunRow]:
    """List the runs that wait, the next one first."""
    return ws.jobs.queue()


def move_in_queue(ws: Workspace, run_id: str, to: Place) -> None:
    """Move a waiting run: ``first``, ``up``, ``down`` or ``last``.

    Raises:
        NotFoundError: If there is no such run.
        BusyError: If it does not wait any more.
    """
    ws.jobs.reorder(run_id, to)


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
    ws.forget(run_id)
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


def _has_checkpoint(ws: Workspace, run_id: str) -> bool:
    return any((ws.run_folder(run_id) / CHECKPOINTS).glob(f"step-*/{MARKER}"))
