"""Long work beside a page: a generator that is drawn in a thread, its latest result at hand at any time."""

import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

from recviz.errors import RecvizError

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Draws a generator to its end, or until it is cancelled; a result that came stays."""

    def __init__(self, results: Iterator[Result]) -> None:
        self._results = results
        self._latest: Result | None = None
        self._error: RecvizError | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def start(self) -> "Background[Result]":
        """Begin; the caller goes on at once."""
        self._thread.start()
        return self

    @property
    def latest(self) -> Result | None:
        """The newest result; ``None`` before the first.

        Raises:
            RecvizError: If the work ended with one.
        """
        if self._error is not None:
            raise self._error
        return self._latest

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """Stop after the result that is being made."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the end, or for so long."""
        self._thread.join(seconds)

    def _draw(self) -> None:
        try:
            for result in self._results:
                self._latest = result
                if self._cancelled.is_set():
                    return
        except RecvizError as error:
            self._error = error
