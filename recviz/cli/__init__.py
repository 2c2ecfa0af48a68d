"""The command line: the same services as the pages, without a browser."""

from recviz.cli.commands import main

__all__ = ["main"]
