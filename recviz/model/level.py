"""How far everybody's activity at once departs from a forecast: what no single user's distribution can tell."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSpread:
    """Spread of a factor of mean 1 that all users share, as standard deviations; 0 where the past could not show it."""

    period: float = 0.0
    """Of one period."""
    horizon: float = 0.0
    """Of the horizon's total."""
    origins: int = 0
    """Past origins that it was measured at."""
