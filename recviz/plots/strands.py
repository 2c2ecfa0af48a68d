"""One curve through past and future, ready to be drawn, and how its points are said."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.language import mark, retold, tr
from recviz.plots.formats import counted, day, day_short, decimal, share

Floats = NDArray[np.float64]

AXES = {"active day": mark("active days a {period}"), "event": mark("events a {period}")}
AMOUNTS = {"active day": mark("{n} active days"), "event": mark("{n} events")}
EXPECTED = {"active day": mark("{n} active days expected"), "event": mark("{n} events expected")}
WHEN = {"day": mark("{day}"), "week": mark("Week of {day}"), "month": mark("Month of {day}")}
STARTS = {
    "day": mark("Day {n}, from {day}: {what}"),
    "week": mark("Week {n}, from {day}: {what}"),
    "month": mark("Month {n}, from {day}: {what}"),
}
"""What is counted, or how long a period is, in each place of a chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One curve through past and future, ready to be drawn; P past periods, K of the horizon."""

    past_edges: NDArray[np.int64]
    """Bounds of the past periods, microseconds since 1970 UTC, ``(P + 1,)``."""
    edges: NDArray[np.int64]
    """Bounds of the periods of the horizon, ``(K + 1,)``."""
    past: Floats
    mean: Floats
    noun: str
    """What is counted: "active day", "event"."""
    period: str
    bands: Floats | None = None
    """Quantiles at `recviz.forecast.curves.LEVELS`, ``(K, 7)``."""
    actual: Floats | None = None
    """NaN where not known, ``(K,)``."""
    baseline: Floats | None = None
    baseline_name: str = ""
    is_chance: bool = False
    """Whether ``mean`` is a chance, written in per cent."""
    asks_why: bool = True
    """Whether a click on the mean asks why."""

    @property
    def top(self) -> float:
        """The highest value of anything drawn."""
        drawn = [self.past, self.mean, self.bands, self.actual, self.baseline]
        return max(float(np.nanmax(part, initial=0.0)) for part in drawn if part is not None)

    @property
    def axis(self) -> str:
        """What the axis of amounts counts, by its period."""
        words = tr("chance of an active {period}") if self.is_chance else tr(AXES[self.noun])
        return words.format(period=tr(self.period))

    def when(self, start: np.int64) -> str:
        """Say which period begins at an instant."""
        return tr(WHEN[self.period]).format(day=day(int(start)))

    def amount(self, value: float) -> str:
        """Say a count; weighted events need not be whole."""
        if float(value).is_integer():
            return counted(value, self.noun)
        return tr(AMOUNTS[self.noun]).format(n=decimal(value))

    def expected(self, value: float) -> str:
        """Say what is expected of a period."""
        if self.is_chance:
            return tr("{part} likely").format(part=share(value))
        return tr(EXPECTED[self.noun]).format(n=decimal(value))

    def point(self, k: int) -> str:
        """Say a point of the mean, its band, and what a click does; ``k`` counts from 0."""
        words = tr(STARTS[self.period])
        lines = [words.format(n=k + 1, day=day_short(int(self.edges[k])), what=self.expected(self.mean[k]))]
        if self.bands is not None:
            low, high = (decimal(self.bands[k, at], 1).replace(".0", "") for at in (1, 5))
            lines.append(tr("80 % band: {low} to {high}").format(low=low, high=high))
        if self.asks_why:
            lines.append(tr("Click to see why"))
        return "<br>".join(lines)


def mixed(name: str) -> str:
    """Say what the dashes beside a part of the total are: the mix that the baseline of a name expects."""
    return tr("the same total, mixed as {name}").format(name=retold(name)) if name else ""
