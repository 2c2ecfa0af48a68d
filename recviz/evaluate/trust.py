"""How far chances, bands and levels can be trusted: plain data."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Users whose chance was predicted alike."""

    predicted: float
    """Mean predicted chance."""
    observed: float
    """Share that was active."""
    low: float
    high: float
    """95 % interval of the observed share (Wilson)."""
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decile:
    """A tenth of the users by what the model expects of them."""

    users: int
    expected: float
    """Mean expected active days over the scored periods."""
    baseline: float
    """What the best baseline expects of the same users."""
    actual: float
    low: float
    high: float
    """95 % interval of the actual mean, by its standard error over users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often the truth lay in a band, against the mass that the band itself claims (counts are discrete)."""

    of: Literal["users", "cohorts"]
    """Totals over the horizon of single users, or of random groups of users."""
    band: float
    """The band's name: 0.5, 0.8 or 0.95."""
    nominal: float
    """Mean mass of the bands."""
    observed: float
    count: int
    """Users or groups."""
