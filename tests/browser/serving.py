"""The real app as a process, to be opened in a browser, stopped, and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from recviz.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
SERVE = ("-c", "from recviz.cli import main; main()", "serve", "--port", "{port}")
"""What Python is told to do."""


@dataclass(frozen=True)
class App:
    """An app that answers."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.process.kill()
        self.process.communicate(timeout=20)

    def stop(self) -> None:
        """End it as Ctrl-C or the system does; one that has ended already stays so."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@contextmanager
def served(settings: Settings, command: Sequence[str] = SERVE) -> Iterator[str]:
    """Serve the app on a workspace, or what a command serves; yields its address."""
    app = start_app(settings, command=command)
    try:
        yield app.url
    finally:
        app.stop()


def start_app(
    settings: Settings,
    source: Path = ROOT,
    options: Mapping[str, str] | None = None,
    command: Sequence[str] = SERVE,
) -> App:
    """Start the app, from this checkout or from a copy of it, and wait until it answers."""
    port = _free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "RECVIZ_WORKSPACE": str(settings.workspace),
        "RECVIZ_DEVICE": "cpu",
        "RECVIZ_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        **(options or {}),
    }
    process = subprocess.Popen(
        [sys.executable, *(word.format(port=port) for word in command)],
        cwd=source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    app = App(f"http://127.0.0.1:{port}", process)
    try:
        _wait_for(app)
    except BaseException:
        app.stop()
        raise
    return app


def _wait_for(app: App) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            pytest.fail(f"the app ended: {app.process.communicate()[0]}")
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=1):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the app did not answer within {READY_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
