"""The whole story on the sample log: what ``make demo`` runs."""

from pathlib import Path
from typing import Annotated

import typer

from recviz.cli.program import print_table, program, progress_bar, say, settings_of
from recviz.cli.serving import THIS_MACHINE, serve_app


@program.command(epilog="Example: recviz demo --no-serve")
def demo(
    ctx: typer.Context,
    *,
    out: Annotated[Path, typer.Option(help="Where the report goes.")] = Path("report.html"),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the app with the run open.")] = True,
    address: Annotated[str, typer.Option(help="Where the app listens.")] = THIS_MACHINE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port it listens on.")] = 8501,
) -> None:
    """Ingest the sample log, fine-tune, evaluate, forecast, explain, write a report, and serve it all."""
    from recviz.cli.following import follow
    from recviz.services import forecasts, runs
    from recviz.services.exports import write_table, write_whole
    from recviz.services.reports import gather, report_html
    from recviz.services.sample import sample_config, store_sample
    from recviz.services.workspace import Workspace

    settings = settings_of(ctx)
    workspace = Workspace(settings)
    with progress_bar("reading the sample log") as told:
        dataset = store_sample(workspace, told)
    run = runs.launch(workspace, sample_config(dataset), "Demo")
    follow(workspace, run)
    forecast = settings.workspace / "demo" / "forecast.parquet"
    with progress_bar("forecasting every user") as told:
        write_table(forecasts.forecast_table(workspace, run, "now"), forecast)
        told("forecasting every user", 1.0)
    with progress_bar("gathering the report") as told:
        report = gather(workspace, run, told=told)
        write_whole(out, lambda stream: stream.write(report_html(report).encode("utf-8")))
        told("report written", 1.0)
    print_table(("What", "Found"), report.findings)
    print_table(
        ("Where", "What"),
        [
            (out, "the report: one file, no network needed"),
            (forecast, "every user's curve over the weeks after the log's end"),
            (workspace.run_folder(run), f"the run {run}: model, log of training, evaluation"),
            (settings.workspace / "datasets" / dataset, f"the log {dataset} as it was stored"),
        ],
    )
    if serve:
        serve_app(settings, address, port, run)
    say(f"Look at it with: recviz serve, then open /?run={run}")
