"""All commands together."""

from recviz.cli import answers, judging, logs, running, serving, settings
from recviz.cli.program import program

__all__ = ["answers", "judging", "logs", "main", "program", "running", "serving", "settings"]


def main() -> None:
    """Run the command line."""
    program()
