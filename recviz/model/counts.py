"""What recency, frequency and tenure alone say of the time to come.

A small network over the counts is fitted first, on many origins of every history, and then stays as it is: the history
encoder learns only what the events say beyond it. Counts need many more looks at a log than items do before they are
learnt, and items are learnt by heart long before that.

It is the mean of several, each fitted to moments of its own: where the level of a log moves, one fit goes as far with a
trend as the days that it happened to see, which differ by some percent of everybody's days; the mean does not.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recviz.model.context import N_FEATURES
from recviz.model.population import HARMONICS, N_CALENDAR, N_LEVELS

WIDTH = 64
MEMBERS = 4
"""Networks whose corrections are averaged."""
N_SHAPES = 3
"""Level, slope and early bend: a free number for each period would follow the noise of single weeks."""
YEARS_OF_A_SEASON = 2.0
"""Cycles of a season that must have been seen before the level may follow it: one cycle may as well be a trend."""

# Q queries, K periods, F features, C calendar features


class CountOutput(NamedTuple):
    """Corrections to the shrunken own rate, its gamma shape and the shrunken own depth."""

    log_rate: Tensor
    """``(..., K)``."""
    log_shape: Tensor
    """``(...,)``."""
    log_depth: Tensor
    """``(...,)``."""


class CountNetwork(nn.Module):
    """From context features to corrections of the counts' own forecast, the mean over its members.

    References:
        Lakshminarayanan, B. et al. (2017). Simple and scalable predictive uncertainty estimation using deep ensembles. NeurIPS.
    """

    season_seen: Tensor
    shapes: Tensor

    def __init__(self, periods: int) -> None:
        super().__init__()
        self.register_buffer("season_seen", torch.zeros(N_CALENDAR))
        self.register_buffer("shapes", curve_shapes(periods))
        self.members = nn.ModuleList([CountMember()])
        with torch.random.fork_rng(devices=[]):  # how many members there are moves nothing else that a seed draws
            self.members.extend(CountMember() for _ in range(MEMBERS - 1))

    def see_seasons(self, span_days: float) -> None:
        """Let the level follow the seasons of which the history before the cut holds enough cycles."""
        yearly = [float(span_days >= YEARS_OF_A_SEASON * 364 / harmonic) for harmonic in HARMONICS]
        seen = np.concatenate([np.repeat(yearly, 2), np.ones(N_CALENDAR - 2 * len(HARMONICS))])
        self.season_seen.copy_(torch.from_numpy(seen))

    def forward(self, features: Tensor, season: Tensor) -> CountOutput:
        """Correct the counts.

        Args:
            features: Standardised, ``(..., F)``.
            season: Calendar of each period, ``(..., K, C)``.
        """
        said = [self.said_by(at, features, season) for at in range(len(self.members))]
        return CountOutput(*(torch.stack(parts).mean(dim=0) for parts in zip(*said, strict=True)))

    def said_by(self, at: int, features: Tensor, season: Tensor, dropout: float = 0.0) -> CountOutput:
        """Correct the counts as one member does; ``dropout`` is the share of hidden activations dropped, while fitting."""
        said: CountOutput = self.members[at](
            features, self.shapes[: season.shape[-2]], season * self.season_seen, dropout
        )
        return said


class CountMember(nn.Module):
    """One network over the counts."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Linear(N_FEATURES + N_LEVELS, WIDTH)
        self.step = nn.Linear(N_SHAPES, WIDTH, bias=False)
        self.season = nn.Linear(N_CALENDAR, WIDTH, bias=False)
        self.hidden = nn.Linear(WIDTH, WIDTH)
        self.rate = nn.Linear(WIDTH, 1)
        self.personal = nn.Linear(WIDTH, 2)
        for layer in (self.rate, self.personal):  # start at the counts' own forecast
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor, shapes: Tensor, season: Tensor, dropout: float) -> CountOutput:
        """Correct the counts; ``shapes`` are those of the periods, ``(K, N_SHAPES)``."""
        described = self.features(features)  # (..., W)
        later = self.step(shapes) + self.season(season)  # (..., K, W)
        kept = functional.dropout(torch.ones_like(described), dropout) if dropout else None  # the same in all periods
        rate = self.rate(self._bend(described[..., None, :] + later, None if kept is None else kept[..., None, :]))
        personal = self.personal(self._bend(described, kept)).clamp(-4, 4)
        return CountOutput(rate.squeeze(-1).clamp(-6, 6), personal[..., 0], personal[..., 1])

    def _bend(self, mixed: Tensor, kept: Tensor | None) -> Tensor:
        bent = functional.gelu(mixed)
        return functional.gelu(self.hidden(bent if kept is None else bent * kept))


def curve_shapes(periods: int) -> Tensor:
    """Return the smooth shapes that corrections of a curve are made of, ``(K, N_SHAPES)``."""
    step = torch.arange(periods, dtype=torch.float32)
    along = (step + 0.5) / max(periods, 1) - 0.5
    early = torch.log1p(step) / np.log1p(max(periods, 1)) - 0.5
    return torch.stack([torch.ones(periods), along, early], dim=1)
