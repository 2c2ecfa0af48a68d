"""Long work beside a page: a generator that is drawn in a thread, its latest result at hand at any time."""

import atexit
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from recviz.errors import RecvizError
from recviz.language import speaking, spoken

Result = TypeVar("Result")


class Background(Generic[Result]):
    """Draws a generator to its end, or until it is cancelled; a result that came stays.

    Its thread speaks the language of whoever made it.
    """

    def __init__(self, results: Iterator[Result]) -> None:
        self._results = results
        self._language = spoken()
        self._latest: Result | None = None
        self._error: Exception | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def start(self) -> "Background[Result]":
        """Begin; the caller goes on at once."""
        self._thread.start()
        _at_work.add(self)
        return self

    @property
    def latest(self) -> Result | None:
        """The newest result; ``None`` before the first.

        Raises:
            RecvizError: If the work ended with one; any other error that ended it is raised as well.
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
            with speaking(self._language):
                for result in self._results:
                    self._latest = result
                    if self._cancelled.is_set():
                        return
        except (RecvizError, OSError, RuntimeError, MemoryError) as error:  # raised where the result is asked for
            self._error = error


_at_work: weakref.WeakSet[Background[Any]] = weakref.WeakSet()


@atexit.register
def cancel_all(seconds: float = 60.0) -> None:
    """Stop all work, and wait so long for its end; a thread that is inside torch when Python ends would abort the process."""
    begun, end = list(_at_work), time.monotonic() + seconds
    for work in begun:
        work.cancel()
    for work in begun:
        work.wait(max(end - time.monotonic(), 0))
