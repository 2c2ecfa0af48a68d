"""How far a run is and how long it will still take, from a clock that never jumps."""

import time
from collections.abc import Callable, Mapping

READING, CHOOSING, REFIT, EVALUATING = "reading texts", "choosing passes", "refit", "evaluating"
"""Phases of a run; the first three are training's own words."""


class Pace:
    """Turns steps of phases into a share of the whole and seconds to go."""

    def __init__(self, seconds: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        """Start measuring.

        Args:
            seconds: The phases in their order, each with its expected length; only their proportions count.
            clock: Seconds; never runs backwards.
        """
        whole = sum(seconds.values())
        self._shares = {name: part / whole for name, part in seconds.items()}
        self._clock = clock
        self._phase = ""
        self._began_at = 0.0
        self._began_done = 0.0
        self.progress = 0.0
        self.eta_seconds: float | None = None

    def told(self, phase: str, step: int, steps: int) -> None:
        """Take note that ``step`` of ``steps`` of a phase are done; a phase of no known share changes nothing."""
        if phase not in self._shares:
            return
        done = min(step / steps, 1.0) if steps > 0 else 1.0
        if phase != self._phase:
            self._phase, self._began_at, self._began_done = phase, self._clock(), done
        names = list(self._shares)
        place = names.index(phase)
        share = self._shares[phase]
        self.progress = max(self.progress, sum(self._shares[name] for name in names[:place]) + share * done)
        if done > self._began_done:
            whole = (self._clock() - self._began_at) / (done - self._began_done)  # seconds of this whole phase
            after = sum(self._shares[name] for name in names[place + 1 :]) / share
            self.eta_seconds = max(0.0, whole * (1 - done + after))
