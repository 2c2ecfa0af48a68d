"""Serve the app."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from recviz.cli.program import program, say, settings_of
from recviz.errors import NotFoundError
from recviz.settings import Settings

THIS_MACHINE = "127.0.0.1"


@program.command(epilog="Example: recviz serve --port 8600")
def serve(
    ctx: typer.Context,
    address: Annotated[str, typer.Option(help="Who may reach the app: this machine only, unless told otherwise.")] = (
        THIS_MACHINE
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8501,
) -> None:
    """Serve the app on this workspace until it is stopped; runs go on without it."""
    settings = settings_of(ctx)
    app = Path(__file__).resolve().parents[2] / "app.py"
    if not app.is_file():
        raise NotFoundError.of("The app's file is not beside the package", str(app), "Serve from a checkout of recviz")
    say(f"Serving {settings.workspace} at http://{address}:{port} (Ctrl-C stops it)")
    environment = {**os.environ, "RECVIZ_WORKSPACE": str(settings.workspace.resolve())}
    # the app takes this process's place, so that whoever stops the command stops the app and nothing is left behind
    os.chdir(app.parent)
    os.execve(sys.executable, _streamlit(app, address, port, settings), environment)  # noqa: S606 - our own arguments


def _streamlit(app: Path, address: str, port: int, settings: Settings) -> list[str]:
    return [
        sys.executable, "-m", "streamlit", "run", str(app),
        f"--server.address={address}", f"--server.port={port}", "--server.headless=true",
        f"--server.maxUploadSize={settings.max_upload_mb}", "--browser.gatherUsageStats=false",
    ]  # fmt: skip
