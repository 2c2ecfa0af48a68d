"""All commands together."""

from recviz.cli import answers, serving, settings
from recviz.cli.program import program

__all__ = ["answers", "main", "serving", "settings"]


def main() -> None:
    """Run the command line."""
    program()
