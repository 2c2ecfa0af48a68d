"""How far an explanation may be trusted, as plain data."""

from dataclasses import dataclass

from recviz.explain.choices import Badge


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def is_above_zero(self) -> bool:
        """Whether the whole interval is."""
        return self.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far an explanation may be trusted."""

    events_gap: float
    """Score less empty score less the sum of the event values, in the explanation's unit."""
    events_gap_share: float
    """``events_gap`` relative to the larger of the difference and 0.1."""
    parts_gap_share: float
    """Largest ``gap_share`` among the events looked into; 0 where none was."""
    comprehensiveness: Interval | None
    """How much more the score falls when the top events are removed than when as many random ones are; where it is asked
    why a number is low, how much more it rises when those go that push it down most.

    ``None`` with fewer than two events: there is no random order to compare with.
    """
    sufficiency: Interval | None
    """How much higher (where it is asked why it is low: lower) the score is on the top events alone than on random ones."""
    neutral_comprehensiveness: Interval | None = None
    """As ``comprehensiveness``, with events made neutral instead of removed: see `recviz.explain.neutral`."""
    neutral_sufficiency: Interval | None = None
    """As ``sufficiency``, the other events neutral instead of removed."""
    badge: Badge
    sentence: str
    """The badge with its figures, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two lists of values are."""

    what: str
    """What the values are compared with, in words."""
    correlation: float | None
    """Spearman's rank correlation, -1 to 1; ``None`` with fewer than three values, or where all of one side are equal."""
    shared_top: float
    """Share of the three largest effects (fewer where there are fewer) that both name, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What takes longer than the explanation itself."""

    agreement: tuple[Likeness, ...]
    """With other methods: events by leave-one-out and by shap's sampler, words by each other method."""
    stability: tuple[Likeness, ...]
    """With the explanation of a history that was changed a little, and with other random orders."""
    randomised: Likeness | None
    """With the same explanation of a model whose weights were shuffled. Alike is bad: then what was learnt plays no part,
    and the counts alone decide. ``None`` while it is still to come: it is the last."""
    sentence: str
    """All of it in words."""
