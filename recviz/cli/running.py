"""Commands on runs: train, queue, cancel, resume, model, delete; `recviz.cli.run_list` lists them."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from recviz.cli.program import pairs, program, say, settings_of
from recviz.data.split import Period, SplitKind, usual_split
from recviz.errors import InvalidSettingError
from recviz.model.config import Preset, Tuning, preset_config, with_text_changes
from recviz.plots.formats import size

if TYPE_CHECKING:
    from recviz.services.workspace import Workspace

Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, as runs lists it.")]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait: the run goes on by itself.")]


@program.command(epilog="Example: recviz train DATASET --preset balanced --origin 2011-09-10 --horizon 13")
def train(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The log's id, as ingest prints it.")],
    *,
    preset: Annotated[
        Preset | None, typer.Option(help="Where the settings start from; balanced unless a run is continued.")
    ] = None,
    continues: Annotated[
        str | None,
        typer.Option(
            "--continue", metavar="RUN", help="Start from this run's weights and settings: the log may have grown."
        ),
    ] = None,
    backbone: Annotated[str | None, typer.Option(help="minilm, a hub id, or a folder with safetensors.")] = None,
    tuning: Annotated[Tuning | None, typer.Option(help="How much of the language model is tuned.")] = None,
    split: Annotated[SplitKind | None, typer.Option(help="What is held out.")] = None,
    origin: Annotated[
        str | None, typer.Option(help="First day held out, such as 2011-09-10; end holds out nothing.")
    ] = None,
    period: Annotated[Period | None, typer.Option(help="Length of one step of the curves.")] = None,
    horizon: Annotated[int | None, typer.Option(help="How many steps ahead the curves reach.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Any other setting as key=value; recviz settings lists them.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    detach: Detach = False,
) -> None:
    """Fine-tune a model on a log and evaluate it beside baselines; prints the run's id last."""
    from recviz.services import run_again, runs
    from recviz.services.workspace import Workspace

    given: dict[str, Any] = {
        "backbone": backbone, "tuning": tuning, "split": split, "cut": origin, "period": period, "horizon": horizon,
        "seed": seed,
    }  # fmt: skip
    given = {key: value for key, value in given.items() if value is not None}
    workspace, told = Workspace(settings_of(ctx)), pairs(changes or (), "--set")
    if continues is None:
        given.setdefault("split", told.get("split", usual_split(workspace.dataset(dataset))))
        config = preset_config(preset or "balanced", dataset=dataset, **given)
    elif preset is None:
        config = replace(run_again.continuation(workspace, continues, dataset), **given)
    else:
        raise InvalidSettingError.of(
            "A run that continues another has its settings, not a preset's", "--preset", "Leave --preset out"
        )
    config = with_text_changes(config, told)
    _see_through(workspace, runs.launch(workspace, config, name), detach=detach)


@program.command(epilog="Example: recviz queue RUN first")
def queue(
    ctx: typer.Context,
    run: Run,
    to: Annotated[Literal["first", "up", "down", "last"], typer.Argument(help="Where to.")],
) -> None:
    """Move a waiting run within the queue; prints the queue, the next run first."""
    from recviz.services import runs
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    runs.move_in_queue(workspace, run, to)
    for job in runs.queue(workspace):
        typer.echo(job.id)


@program.command(epilog="Example: recviz cancel RUN --finish")
def cancel(
    ctx: typer.Context,
    run: Run,
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="End training early, keep the best so far, and evaluate that.")
    ] = False,
) -> None:
    """Stop a run; its checkpoints stay. With --finish it ends with a model."""
    from recviz.cli.following import follow, leave_supervised
    from recviz.services import runs
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    if finish:
        runs.finish(workspace, run)
        follow(workspace, run)
        return
    runs.cancel(workspace, run)
    job = runs.wait(workspace, run)
    leave_supervised(workspace)
    say(f"Run {run} is {job.state}")


@program.command(epilog="Example: recviz resume RUN --set texts_per_step=96")
def resume(
    ctx: typer.Context,
    run: Run,
    *,
    changes: Annotated[list[str] | None, typer.Option("--set", help="Changed settings as key=value.")] = None,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Change the settings that its failure suggests.")
    ] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Begin from the start, not from the last checkpoint.")] = False,
    detach: Detach = False,
) -> None:
    """Go on with a failed or cancelled run, with changed settings where given; prints the run's id last."""
    from recviz.services import run_again, runs
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    if changes or suggested or anew:
        config = run_again.suggested(workspace, run) if suggested else workspace.run_config(run)
        config = with_text_changes(config, pairs(changes or (), "--set"))
        run_again.restart(workspace, run, config, anew=anew)
    else:
        runs.resume(workspace, run)
    _see_through(workspace, run, detach=detach)


@program.command(epilog="Example: recviz model RUN --out model.zip")
def model(
    ctx: typer.Context, run: Run, *, out: Annotated[Path, typer.Option(help="The zip to write.")] = Path("model.zip")
) -> None:
    """Write a run's model into one file: weights, settings, evaluation, and the ids of its items."""
    from recviz.services import run_files
    from recviz.services.workspace import Workspace

    run_files.pack_model(Workspace(settings_of(ctx)), run, out)
    say(f"Written to {out}")


@program.command(epilog="Example: recviz delete RUN")
def delete(ctx: typer.Context, run: Run) -> None:
    """Delete a run with its model, checkpoints and evaluation; its log of events stays."""
    from recviz.services import runs
    from recviz.services.workspace import Workspace

    freed = runs.delete(Workspace(settings_of(ctx)), run)
    say(f"{run} is deleted, {size(freed)} are free again")


def _see_through(workspace: "Workspace", run_id: str, *, detach: bool) -> None:
    from recviz.cli.following import follow
    from recviz.services import runs

    if detach:
        runs.detach(workspace)
    else:
        follow(workspace, run_id)
    typer.echo(run_id)
