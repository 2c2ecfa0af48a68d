"""Which baselines stand beside the model."""

from collections.abc import Mapping
from dataclasses import dataclass

from recviz.baselines.bg_nbd import BuyTillDropout
from recviz.baselines.boosted import BoostedCounts
from recviz.baselines.counts import CountBaseline, OwnRate, PopulationRate, ShrunkenRate
from recviz.baselines.shares import BlendedMix, EveryonesMix, ShareBaseline, ShrunkenMix
from recviz.baselines.values import Biases, MeanValue, ValueBaseline
from recviz.errors import InvalidSettingError

COUNTS: Mapping[str, CountBaseline] = {
    "everyone": PopulationRate(),
    "own-rate": OwnRate(),
    "shrunken-rate": ShrunkenRate(),
    "bg-nbd": BuyTillDropout(),
    "boosted": BoostedCounts(),
}
SHARES: Mapping[str, ShareBaseline] = {
    "everyones-mix": EveryonesMix(),
    "shrunken-mix": ShrunkenMix(),
    "blended-mix": BlendedMix(),
}
VALUES: Mapping[str, ValueBaseline] = {"mean": MeanValue(), "biases": Biases()}
RANKINGS = ("popular", "popular-week", "own-items", "text", "together")
SEQUENCE = "sequence"
"""The same model without text: the only baseline that has to be trained, for about as long as the run itself."""
FLOORS = ("everyone", "everyones-mix", "popular", "mean")
"""The plainest of each task is always there, so that there is something to compare with."""
QUICK = "quick"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """The baselines that were chosen, by key."""

    keys: frozenset[str]

    def __contains__(self, key: str) -> bool:
        return key in self.keys

    @property
    def counts(self) -> tuple[CountBaseline, ...]:
        return tuple(baseline for key, baseline in COUNTS.items() if key in self)

    @property
    def shares(self) -> tuple[ShareBaseline, ...]:
        return tuple(baseline for key, baseline in SHARES.items() if key in self)

    @property
    def values(self) -> tuple[ValueBaseline, ...]:
        return tuple(baseline for key, baseline in VALUES.items() if key in self)


def chosen(words: str = QUICK) -> Choice:
    """Read a choice of baselines as a setting gives it.

    Args:
        words: ``quick`` (all but the one that has to be trained), ``all``, or keys with commas between them. The
            plainest baseline of each task is added always.

    Raises:
        InvalidSettingError: If a key is unknown.
    """
    known = (*COUNTS, *SHARES, *RANKINGS, *VALUES)
    named = {QUICK: set(known), ALL: {*known, SEQUENCE}}.get(words.strip())
    if named is None:
        named = {key.strip() for key in words.split(",") if key.strip()}
    if unknown := sorted(named - {*known, SEQUENCE}):
        raise InvalidSettingError.of(
            f"There is no baseline {', '.join(unknown)}",
            f"baselines {words}",
            f"Choose {QUICK}, {ALL}, or some of {', '.join((*known, SEQUENCE))}",
        )
    return Choice(frozenset(named) | set(FLOORS))
