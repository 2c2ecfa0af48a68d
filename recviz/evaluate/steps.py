"""Steps of a backtest, counted for whoever waits."""

from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""Called with what is being done ("asking the model", ...), steps done and steps in all."""


class Steps:
    """Counts steps; every report is at least as far as the one before."""

    def __init__(self, report: Report) -> None:
        self._report, self._steps, self._done = report, 1, 0

    def expect(self, steps: int) -> None:
        """Say how many steps there will be."""
        self._steps = max(steps, 1)

    def done(self, what: str) -> None:
        """Count one step."""
        self.reach(what, self._done + 1)

    def reach(self, what: str, done: int) -> None:
        """Report that so many steps are done; also the place where a stop that was asked for is noticed."""
        self._done = min(max(done, self._done), self._steps)
        self._report(what, self._done, self._steps)

    def finish(self, what: str) -> None:
        """Count all that is left: some steps are not needed on every log."""
        self.reach(what, self._steps)

    @property
    def so_far(self) -> int:
        """Steps done."""
        return self._done
