"""All commands together."""

from recviz.cli import answers, logs, running, serving, settings
from recviz.cli.program import program

__all__ = ["answers", "logs", "main", "running", "serving", "settings"]


def main() -> None:
    """Run the command line."""
    program()
