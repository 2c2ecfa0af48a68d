"""All commands together."""

from recviz.cli import answers, demo, judging, logs, run_list, running, serving, settings, side_by_side
from recviz.cli.program import program

__all__ = [
    "answers",
    "demo",
    "judging",
    "logs",
    "main",
    "program",
    "run_list",
    "running",
    "serving",
    "settings",
    "side_by_side",
]


def main() -> None:
    """Run the command line."""
    program()
