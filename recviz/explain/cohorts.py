"""Why a user differs from a cohort: the user's own values by category or time, beside the cohort's on average."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from recviz.errors import InvalidSettingError
from recviz.explain.choices import Method
from recviz.explain.event_shares import event_shares
from recviz.explain.events import event_values, leave_one_out
from recviz.explain.explainer import game_of
from recviz.explain.labels import label_of
from recviz.explain.levels import Span, shares_of
from recviz.explain.scalars import Scalar
from recviz.explain.targets import Target, scalar_of
from recviz.language import mark, tr
from recviz.model.predictor import Predictor

SUBSETS = 300
"""Subsets for each user: sums by category need less than single events."""
START = mark("without any history")
"""What two users differ by before either has a history: nothing, except where each has an origin of its own."""

# C users of the cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRow:
    """One category or stretch of time."""

    label: str
    user: float
    """What the user's events of it do to the user's number."""
    cohort: float
    """The same, mean over the cohort."""
    standard_error: float
    """Of that mean over the cohort's users; 0 with fewer than two."""

    @property
    def difference(self) -> float:
        """What it does to the difference."""
        return self.user - self.cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortContrast:
    """A user's number beside the mean of a cohort's; the rows' differences add up to the difference of the two."""

    run: str
    user_id: str
    target: Target
    scalar: str
    unit: str
    by: Literal["category", "time"]
    score: float
    cohort_score: float
    """Mean over the users seen so far."""
    rows: tuple[CohortRow, ...]
    """Largest difference first."""
    done: int
    n_users: int
    """Users of the cohort; all are seen when ``done`` is as many."""

    @property
    def difference(self) -> float:
        """The user's number less the cohort's."""
        return self.score - self.cohort_score


@dataclass(frozen=True, slots=True)
class _Told:
    score: float
    sums: dict[str, float]


def versus_cohort(  # noqa: PLR0913 - who, against whom, what and how
    predictor: Predictor,
    user: int,
    others: Sequence[int],
    target: Target,
    *,
    by: Literal["category", "time"] = "category",
    span: Span = "month",
    method: Method = "shapley",
    seed: int = 0,
) -> Iterator[CohortContrast]:
    """Compare a user with a cohort, one more of its users at a time.

    Every user's number is what it would be without history plus the values of the user's events. So the difference to
    the cohort's mean is the difference of those sums: exactly, category by category.

    Args:
        predictor: The model at its origin.
        user: Row of the user table.
        others: Rows of the cohort; the user itself does not count among them.
        target: The number that is compared.
        by: What the events are summed by.
        span: Length of a stretch of time, for ``by="time"``.
        method: How events are valued.
        seed: Of the sampled orders.

    Raises:
        InvalidSettingError: If the cohort has no other user.
        NotFoundError: If the log has no such item, or the run no such category.
    """
    cohort = [other for other in others if other != user]
    if not cohort:
        raise InvalidSettingError.of(tr("The cohort has no other user"), tr("the cohort"), tr("Choose a larger one"))
    scalar = scalar_of(predictor, target)

    def told(who: int) -> _Told:
        return _sums(predictor, scalar, who, by, span, method, seed)

    own, seen = told(user), []
    for other in cohort:
        seen.append(told(other))
        yield CohortContrast(
            run=predictor.fingerprint,
            user_id=str(predictor.dataset.user_ids[user]),
            target=target,
            scalar=label_of(predictor, target),
            unit=scalar.unit,
            by=by,
            score=own.score,
            cohort_score=float(np.mean([each.score for each in seen])),
            rows=_rows(own, seen),
            done=len(seen),
            n_users=len(cohort),
        )


def _sums(  # noqa: PLR0913, PLR0917 - as above
    predictor: Predictor,
    scalar: Scalar,
    user: int,
    by: Literal["category", "time"],
    span: Span,
    method: Method,
    seed: int,
) -> _Told:
    history = predictor.history(user)
    game = game_of(predictor, scalar, history, predictor.instant_of(user))
    found = event_values(game, method, seed, SUBSETS)
    sums = {START: game.full - float(found.values.sum())}
    for share in shares_of(event_shares(predictor.dataset, history, game, found, leave_one_out(game)), by, span):
        sums[share.label] = sums.get(share.label, 0.0) + share.value
    return _Told(game.full, sums)


def _rows(own: _Told, seen: Sequence[_Told]) -> tuple[CohortRow, ...]:
    labels = dict.fromkeys([*own.sums, *(label for told in seen for label in told.sums)])
    rows = []
    for label in labels:
        values = np.array([told.sums.get(label, 0.0) for told in seen])
        error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
        rows.append(
            CohortRow(label=label, user=own.sums.get(label, 0.0), cohort=float(values.mean()), standard_error=error)
        )
    return tuple(sorted(rows, key=lambda row: -abs(row.difference)))
