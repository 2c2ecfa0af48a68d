"""How far a run is and how long it will still take, from a clock that never jumps."""

import time
from collections.abc import Callable, Mapping

from recviz.model.config import RunConfig

EVALUATING = "evaluating"


def phase_shares(config: RunConfig) -> dict[str, float]:
    """Return the phases of a run in their order, each with its usual share of the run's time."""
    shares = {"reading texts": 0.05, "choosing passes": 0.5, "refit": 0.35 if config.refit else 0.0, EVALUATING: 0.1}
    whole = sum(shares.values())
    return {name: share / whole for name, share in shares.items() if share > 0}


class Pace:
    """Turns steps of phases into a share of the whole and seconds to go."""

    def __init__(self, shares: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        """Start measuring.

        Args:
            shares: The phases in their order, each with its usual share of the whole; they add up to 1.
            clock: Seconds; never runs backwards.
        """
        self._shares = dict(shares)
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
