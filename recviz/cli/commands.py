"""All commands together."""

from recviz.cli import answers, demo, judging, logs, running, serving, settings
from recviz.cli.program import program

__all__ = ["answers", "demo", "judging", "logs", "main", "program", "running", "serving", "settings"]


def main() -> None:
    """Run the command line."""
    program()
