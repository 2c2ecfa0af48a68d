"""Serve the app."""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from recviz.cli.program import checkout, program, say, settings_of
from recviz.settings import Settings

THIS_MACHINE = "127.0.0.1"


@program.command(epilog="Example: recviz serve --port 8600")
def serve(
    ctx: typer.Context,
    *,
    address: Annotated[str, typer.Option(help="Where to listen: this machine only, unless told otherwise.")] = (
        THIS_MACHINE
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8501,
) -> None:
    """Serve the app on this workspace until it is stopped; runs go on without it."""
    serve_app(settings_of(ctx), address, port)


def serve_app(settings: Settings, address: str, port: int, run: str | None = None) -> NoReturn:
    """Become the app: whoever stops this process stops it, and nothing is left behind.

    Raises:
        NotFoundError: If recviz was installed without its checkout.
    """
    app = checkout("app.py")
    shown = f"http://{address}:{port}/" + (f"?run={run}" if run else "")
    say(f"Serving {settings.workspace} at {shown} in a few seconds (Ctrl-C stops it)")
    environment = {**os.environ, "RECVIZ_WORKSPACE": str(settings.workspace.resolve())}
    os.chdir(app.parent)  # the app's own settings lie beside it
    os.execve(sys.executable, _streamlit(app, address, port, settings), environment)  # noqa: S606 - our own arguments


def _streamlit(app: Path, address: str, port: int, settings: Settings) -> list[str]:
    return [
        sys.executable, "-m", "recviz.ui.server", "run", str(app),
        f"--server.address={address}", f"--server.port={port}", "--server.headless=true",
        f"--server.maxUploadSize={settings.max_upload_mb}", "--browser.gatherUsageStats=false",
    ]  # fmt: skip
