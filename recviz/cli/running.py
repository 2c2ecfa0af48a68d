"""Commands that start, follow and stop runs: train, runs, cancel."""

from typing import Annotated, Literal

import typer

from recviz.cli.program import pairs, print_table, program, say, settings_of
from recviz.data.split import Period
from recviz.model.config import Preset, Tuning, preset_config, with_text_changes
from recviz.plots.formats import duration, share


@program.command(epilog="Example: recviz train DATASET --preset balanced --origin 2011-09-10 --horizon 13")
def train(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The log's id, as ingest prints it.")],
    *,
    preset: Annotated[Preset, typer.Option(help="Where the settings start from.")] = "balanced",
    backbone: Annotated[str | None, typer.Option(help="minilm, a hub id, or a folder with safetensors.")] = None,
    tuning: Annotated[Tuning | None, typer.Option(help="How much of the language model is tuned.")] = None,
    split: Annotated[Literal["time", "leave-one-out"] | None, typer.Option(help="What is held out.")] = None,
    origin: Annotated[str | None, typer.Option(help="First day held out, such as 2011-09-10.")] = None,
    period: Annotated[Period | None, typer.Option(help="Length of one step of the curves.")] = None,
    horizon: Annotated[int | None, typer.Option(help="How many steps ahead the curves reach.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Any other setting as key=value; recviz settings lists them.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait: the run goes on by itself.")] = False,
) -> None:
    """Fine-tune a model on a log and evaluate it beside baselines; prints the run's id last."""
    from recviz.cli.following import follow
    from recviz.services import runs
    from recviz.services.workspace import Workspace

    given = {
        "backbone": backbone, "tuning": tuning, "split": split, "cut": origin, "period": period, "horizon": horizon,
        "seed": seed,
    }  # fmt: skip
    config = preset_config(preset, dataset=dataset, **{key: value for key, value in given.items() if value is not None})
    config = with_text_changes(config, pairs(changes or (), "--set"))
    workspace = Workspace(settings_of(ctx))
    run_id = runs.launch(workspace, config, name)
    if detach:
        runs.detach(workspace)
    else:
        follow(workspace, run_id)
    typer.echo(run_id)


@program.command("runs", epilog="Example: recviz runs")
def list_runs(ctx: typer.Context) -> None:
    """List the runs of this workspace, newest first."""
    from recviz.services import runs
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
        for job in runs.runs(Workspace(settings_of(ctx)))
    ]
    print_table(("Run", "Name", "State", "Done", "Took", "Result"), rows)


@program.command(epilog="Example: recviz cancel RUN")
def cancel(ctx: typer.Context, run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]) -> None:
    """Stop a run; its checkpoints stay."""
    from recviz.cli.following import leave_supervised
    from recviz.services import runs
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    runs.cancel(workspace, run)
    job = runs.wait(workspace, run)
    leave_supervised(workspace)
    say(f"Run {run} is {job.state}")
