"""Commands that read a trained run: forecast, shares, recommend, explain."""

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

from recviz.cli.program import program, save_table, say, settings_of
from recviz.errors import InvalidLogError, InvalidSettingError

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, as train prints it.")]
OutTable = Annotated[Path, typer.Option(help="The file to write: .parquet, .csv or .json.")]
From = Annotated[
    Literal["cut", "now"],
    typer.Option(help="Where to look ahead from: the cut (what comes after is known) or the log's end."),
]


@program.command(epilog="Example: recviz forecast RUN --out forecast.parquet --origin now")
def forecast(
    ctx: typer.Context,
    run: RunId,
    out: OutTable,
    origin: From = "cut",
    topic: Annotated[str | None, typer.Option(help='Interest in typed words, such as "christmas decoration".')] = None,
) -> None:
    """Write every user's curve: expected active days with bands, or expected events of a topic."""
    from recviz.services import forecasts
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    if topic is None:
        table = forecasts.forecast_table(workspace, run, origin)
    else:
        table = forecasts.topic_table(workspace, run, topic, origin)
    save_table(table, out)


@program.command(epilog="Example: recviz shares RUN --categories items.parquet --out shares.parquet")
def shares(
    ctx: typer.Context,
    run: RunId,
    categories: Annotated[
        Path, typer.Option(help="Parquet or CSV with the columns item_id and category: any mapping, given afterwards.")
    ],
    out: OutTable,
    origin: From = "cut",
) -> None:
    """Write each user's shares of interest over the horizon, by any categories of items."""
    from recviz.services import forecasts
    from recviz.services.workspace import Workspace

    mapping = _read_categories(categories)
    save_table(forecasts.shares_table(Workspace(settings_of(ctx)), run, mapping, origin), out)


@program.command(epilog="Example: recviz recommend RUN --top 20 --out top20.parquet --keep-seen")
def recommend(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    run: RunId,
    *,
    out: OutTable,
    top: Annotated[int, typer.Option(help="Items for each user.")] = 200,
    origin: From = "cut",
    exclude_seen: Annotated[
        bool, typer.Option("--exclude-seen/--keep-seen", help="Leave out what the user had before.")
    ] = True,
    blocked: Annotated[list[str] | None, typer.Option("--block", help="An item that may not be shown.")] = None,
    newcomers: Annotated[bool, typer.Option("--newcomers", help="Only items that nobody has had before.")] = False,
) -> None:
    """Write every user's ranked items for the next event."""
    from recviz.services import recommendations
    from recviz.services.workspace import Workspace

    workspace = Workspace(settings_of(ctx))
    table = recommendations.recommend_table(
        workspace, run, top, exclude_seen=exclude_seen, origin=origin, blocked=tuple(blocked or ()), newcomers=newcomers
    )
    save_table(table, out)


@program.command(epilog="Example: recviz explain RUN --user 17841 --item 22423 --out why.json")
def explain(  # noqa: PLR0913 - the command's options
    ctx: typer.Context,
    run: RunId,
    *,
    user: Annotated[str, typer.Option(help="The user.")],
    item: Annotated[str | None, typer.Option(help="Why this item is recommended. Without it: why the curve.")] = None,
    period: Annotated[int | None, typer.Option(help="One period of the curve, from 1; else the whole horizon.")] = None,
    category: Annotated[str | None, typer.Option(help="The curve of this category.")] = None,
    topic: Annotated[str | None, typer.Option(help="The curve of these words.")] = None,
    origin: From = "cut",
    detailed: Annotated[int, typer.Option(help="How many events are looked into, down to their words.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Also write it all: .json, .parquet or .csv.")] = None,
) -> None:
    """Tell which past events, and which of their words, spoke for a recommendation or a curve."""
    from recviz.cli.explaining import print_explanation, save_explanation
    from recviz.services import explanations
    from recviz.services.workspace import Workspace

    if item is not None and (category is not None or topic is not None):
        raise InvalidSettingError.of(
            "An item and a curve cannot be explained together", "--item", "Give --item, or --category, or --topic"
        )
    workspace = Workspace(settings_of(ctx))
    if item is not None:
        found = explanations.explain_recommendation(workspace, run, user, item, origin, period or 0, detailed)
    else:
        found = explanations.explain_curve(
            workspace, run, user, origin, period, category=category, topic=topic, n_detailed=detailed
        )
    print_explanation(found)
    if out is not None:
        save_explanation(found, out)
        say(f"Written to {out}")


def _read_categories(path: Path) -> pd.DataFrame:
    """Read a mapping of items to categories, ids byte for byte.

    Raises:
        InvalidLogError: If the file is not there or cannot be read as its ending says.
    """
    if not path.is_file():
        raise InvalidLogError.of(f"There is no file {path}", "--categories", "Correct the path")
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path).astype(object)
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise InvalidLogError.of(
            f"{path.name} cannot be read: {error}", "--categories", "Give a Parquet or CSV file with a header"
        ) from error
