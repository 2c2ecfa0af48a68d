"""Follow a run in a terminal."""

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from recviz.cli.program import people, say
from recviz.errors import RunFailedError
from recviz.jobs.job import Job
from recviz.plots.formats import duration
from recviz.services import runs
from recviz.services.workspace import Workspace

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it."""


def follow(workspace: Workspace, run_id: str) -> Job:
    """Show a run's progress until it ends; Ctrl-C leaves it running.

    Raises:
        RunFailedError: If it ended without a model.
    """
    say(f"Run {run_id}")
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[left]}"))
    try:
        with Progress(*columns, console=people()) as bar:
            task = bar.add_task("waiting for its turn", total=1.0, left="")

            def show(job: Job) -> None:
                left = "" if job.eta_seconds is None else f"{duration(job.eta_seconds)} left"
                bar.update(task, completed=job.progress, description=job.phase, left=left)

            job = runs.wait(workspace, run_id, show)
    except KeyboardInterrupt as interrupt:
        leave_supervised(workspace)
        say(f"Run {run_id} goes on by itself; recviz cancel {run_id} stops it")
        raise typer.Exit(INTERRUPTED) from interrupt
    leave_supervised(workspace)
    if job.state != "completed":
        raise RunFailedError.of(
            f"Run {run_id} {job.state}" + (f": {job.reason}" if job.reason else ""),
            f"see its log: {workspace.run_folder(run_id) / 'log.txt'}",
            (job.mend or "Train again when you like")
            + (f"; recviz resume {run_id} --suggested does that" if job.to_try else ""),
        )
    return job


def leave_supervised(workspace: Workspace) -> None:
    """Hand runs that go on to a process that outlives this one."""
    if any(not job.has_ended for job in runs.runs(workspace)):
        runs.detach(workspace)
