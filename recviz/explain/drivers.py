"""Which words drive an item, a category or a cohort: explanations of many users, summed as they come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recviz.explain.choices import Level
from recviz.explain.explainer import DETAILED, How, explain_events, with_details, worth_looking_into
from recviz.explain.explanation import Explanation
from recviz.explain.levels import Share, Span, shares_of, text_shares
from recviz.explain.targets import Target
from recviz.model.predictor import Predictor


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One word (or field, category, stretch of time) over many users."""

    label: str
    is_text: bool
    """Whether the label is text of the log; else it is one of the names of `recviz.explain.levels`."""
    mean: float
    """Mean over all users, 0 for those who have none of it; in the scalar's unit."""
    standard_error: float
    """Of that mean; 0 with fewer than two users."""
    n_users: int
    """Users who have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """What drives one number over the users seen so far."""

    run: str
    target: Target
    scalar: str
    unit: str
    level: Level
    rows: tuple[Driver, ...]
    """Of the users' pasts, largest mean effect first; the means add up to the mean difference that histories make."""
    candidate: tuple[Driver, ...]
    """Of the item's own text, where an item is explained."""
    covered: float
    """Mean share of the events' effects that was looked into, 0 to 1."""
    done: int
    n_users: int
    """Users asked for; all are seen when ``done`` is as many."""


@dataclass(slots=True)
class _Running:
    """Sums over users, kept label by label."""

    first: dict[tuple[bool, str], float] = field(default_factory=dict)
    second: dict[tuple[bool, str], float] = field(default_factory=dict)
    users: dict[tuple[bool, str], int] = field(default_factory=dict)

    def add(self, shares: Iterator[Share]) -> None:
        """Add one user's shares."""
        own: dict[tuple[bool, str], float] = {}
        for share in shares:
            key = (share.is_text, share.label)
            own[key] = own.get(key, 0.0) + share.value
        for key, value in own.items():
            self.first[key] = self.first.get(key, 0.0) + value
            self.second[key] = self.second.get(key, 0.0) + value**2
            self.users[key] = self.users.get(key, 0) + 1

    def drivers(self, n: int) -> tuple[Driver, ...]:
        """Return means over ``n`` users with their errors, largest effect first."""
        made = []
        for (is_text, label), total in self.first.items():
            mean = total / n
            spread = max(self.second[is_text, label] / n - mean**2, 0.0)
            error = (spread / (n - 1)) ** 0.5 if n > 1 else 0.0
            users = self.users[is_text, label]
            made.append(Driver(label=label, is_text=is_text, mean=mean, standard_error=error, n_users=users))
        return tuple(sorted(made, key=lambda driver: -abs(driver.mean)))


def drivers(  # noqa: PLR0913 - whose, of what, how far and how
    predictor: Predictor,
    users: Sequence[int],
    target: Target,
    *,
    level: Level = "word",
    span: Span = "month",
    n_detailed: int = DETAILED,
    how: How | None = None,
) -> Iterator[Drivers]:
    """Explain one number for many users, and sum what moved it; a result for each user more.

    Args:
        predictor: The model at its origin.
        users: Rows of the user table.
        target: The number: of an item, a category, a topic, or of activity.
        level: What values are summed by.
        span: Length of a stretch of time, for the level time.
        n_detailed: Events of each user that are looked into; of no account for events, categories and time.
        how: Methods, baseline and seed.

    Raises:
        NotFoundError: If the log has no such item, or the run no such category.
    """
    pasts, candidates, covered = _Running(), _Running(), 0.0
    inside = level in {"token", "word", "field"}
    for done, user in enumerate(users, start=1):
        found = explain_events(predictor, user, target, how)
        if inside:
            found = with_details(predictor, found, worth_looking_into(found)[:n_detailed])
        pasts.add(shares_of(found.events, level, span))
        candidates.add(_candidate_shares(found, level))
        covered += found.covered
        yield Drivers(
            run=predictor.fingerprint,
            target=target,
            scalar=found.scalar,
            unit=found.unit,
            level=level,
            rows=pasts.drivers(done),
            candidate=candidates.drivers(done),
            covered=covered / done,
            done=done,
            n_users=len(users),
        )


def _candidate_shares(found: Explanation, level: Level) -> Iterator[Share]:
    if found.candidate is not None and level in {"token", "word", "field"}:
        yield from text_shares(found.candidate, level)
