"""Commands on the list of runs: show it, show what happened to one, give one another name."""

from typing import Annotated

import typer

from recviz.cli.program import print_table, program, say, settings_of
from recviz.cli.running import Run
from recviz.plots.formats import duration, share

runs = typer.Typer(help="List the runs, newest first, and show or rename one.", invoke_without_command=True)
program.add_typer(runs, name="runs", epilog='Example: recviz runs rename RUN "Shop, autumn"')


@runs.callback()
def list_runs(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is not None:
        return
    from recviz.services import runs as service
    from recviz.services.workspace import Workspace

    rows = [
        (
            job.id,
            job.name,
            job.state,
            share(job.progress),
            duration(job.took_seconds),
            job.versus_baseline or job.reason,
        )
        for job in service.runs(Workspace(settings_of(ctx)))
    ]
    print_table(("Run", "Name", "State", "Done", "Took", "Result"), rows)


@runs.command(epilog="Example: recviz runs show RUN")
def show(ctx: typer.Context, run: Run) -> None:
    """Show how a run stands, why it failed and what to do where it did, and what happened to it."""
    from recviz.services import runs as service
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    job = service.run(workspace, run)
    left = "" if job.eta_seconds is None else f"{duration(job.eta_seconds)} left"
    facts = (
        ("Name", job.name),
        ("State", job.state),
        ("Doing", job.phase if job.is_active else ""),
        ("Done", ", ".join(part for part in (share(job.progress), left) if part)),
        ("Took", duration(job.took_seconds)),
        ("Device", job.device),
        ("Against the best baseline", job.versus_baseline),
        ("Why it failed", job.reason),
        ("What to do", job.mend),
    )
    print_table(("What", "How it is"), [fact for fact in facts if fact[1]])
    print_table(
        ("When (UTC)", "What happened"),
        [(f"{line.when:%Y-%m-%d %H:%M:%S}", line.text) for line in service.history(workspace, run)],
    )


@runs.command(epilog='Example: recviz runs rename RUN "Shop, autumn"')
def rename(ctx: typer.Context, run: Run, name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Call a run something else; its id stays."""
    from recviz.services import runs as service
    from recviz.services.workspace import Workspace

    say(f"{run} is now called {service.rename(Workspace(settings_of(ctx)), run, name).name}")
