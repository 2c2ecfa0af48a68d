"""Whether an explanation is better than chance: what the score does when the events that it names really go.

References:
    DeYoung, J. et al. (2020). ERASER: a benchmark to evaluate rationalized NLP models. ACL (comprehensiveness and
    sufficiency); here as paired differences to random orders.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from recviz.explain.choices import Badge
from recviz.explain.removal import RemovalGame
from recviz.explain.trust import Interval
from recviz.language import mark

FRACTIONS = (0.1, 0.2, 0.5)
"""Shares of the events that are removed, or kept."""
ORDERS = 20
"""Random orders to compare with."""
SMALLEST_DIFFERENCE = 0.1
"""What gaps are measured against where the history hardly changes the score, nats (or the scalar's unit)."""
BADGES: dict[Badge, str] = {
    "faithful": "Faithful",
    "weak": "Weak",
    "no better than random": "No better than random",
    "too few events to tell": "Too few events to tell",
}

OVERRULED = mark(
    "Yet where events stay in place without their item, those named first count for less than random ones: that is why "
    "it is weak."
)
"""Said of an explanation that removal alone would call faithful."""

# P players, S sizes, R random orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Faithfulness:
    """Paired differences to random orders, in the scalar's unit; above zero is better than chance."""

    comprehensiveness: Interval | None
    sufficiency: Interval | None
    neutral_comprehensiveness: Interval | None
    neutral_sufficiency: Interval | None
    badge: Badge
    sentence: str


def faithfulness(
    game: RemovalGame, values: NDArray[np.float64], seed: int = 1, unit: str = "nats", sign: int = 1
) -> Faithfulness:
    """Take away, and keep, the events that an explanation puts first, and as many random ones, in two ways.

    Args:
        game: The history's subsets; whatever its own removal, both are tried.
        values: What the explanation says of each player, ``(P,)``.
        seed: Of the random orders; another than that of the values, so that no order is judged by itself.
        unit: Of the scalar, for the sentence.
        sign: -1 where it is asked why the score is low: first is then what pushes it down most, and to be better than
            chance is to leave it higher when those events go.
    """
    if game.n_players < 2:  # noqa: PLR2004 - one event has one order only
        return Faithfulness(
            comprehensiveness=None,
            sufficiency=None,
            neutral_comprehensiveness=None,
            neutral_sufficiency=None,
            badge="too few events to tell",
            sentence=sentence_of("too few events to tell", None, None, unit, sign),
        )
    comprehensive, sufficient = _against_random(game, values, seed, sign)
    neutral = _against_random(game.with_removal("neutral"), values, seed, sign)
    badge = badge_of(comprehensive, sufficient, neutral)
    return Faithfulness(
        comprehensiveness=comprehensive,
        sufficiency=sufficient,
        neutral_comprehensiveness=neutral[0],
        neutral_sufficiency=neutral[1],
        badge=badge,
        sentence=sentence_of(badge, comprehensive, sufficient, unit, sign),
    )


def badge_of(comprehensiveness: Interval, sufficiency: Interval, neutral: Sequence[Interval] = ()) -> Badge:
    """Judge by removal; neutral events can only take trust away.

    Faithful when both intervals are clear of 0, weak when one is, else no better than random. Where neutral events say
    the opposite (an interval all below 0) it is weak at best. That they say nothing is no fault: of activity, which
    event was what says little.
    """
    clear = sum(int(interval.is_above_zero) for interval in (comprehensiveness, sufficiency))
    against = any(interval.high < 0 for interval in neutral)
    verdicts: tuple[Badge, ...] = ("no better than random", "weak", "weak" if against else "faithful")
    return verdicts[clear]


def is_overruled(badge: Badge, comprehensiveness: Interval | None, sufficiency: Interval | None) -> bool:
    """Whether neutral events have taken the trust away that removal gives."""
    by_removal = (comprehensiveness, sufficiency)
    return badge == "weak" and all(interval is not None and interval.is_above_zero for interval in by_removal)


def _against_random(game: RemovalGame, values: NDArray[np.float64], seed: int, sign: int) -> tuple[Interval, Interval]:
    """Compare the explanation's order with random orders, paired by size: comprehensiveness and sufficiency."""
    n = game.n_players
    sizes = np.unique([min(max(1, round(fraction * n)), n - 1) for fraction in FRACTIONS])
    generator = np.random.default_rng(seed)
    orders = np.stack([np.argsort(-sign * values, kind="stable"), *(generator.permutation(n) for _ in range(ORDERS))])
    rank = np.argsort(orders, axis=-1)  # (1 + R, P): the explanation's own order first
    first = rank[:, None, :] < sizes[:, None]  # (1 + R, S, P)
    removed = game.scores((~first).reshape(-1, n)).reshape(len(orders), -1).mean(axis=1)  # (1 + R,)
    kept = game.scores(first.reshape(-1, n)).reshape(len(orders), -1).mean(axis=1)  # (1 + R,)
    return interval_of(sign * (removed[1:] - removed[0])), interval_of(sign * (kept[0] - kept[1:]))


def sentence_of(
    badge: Badge, comprehensiveness: Interval | None, sufficiency: Interval | None, unit: str, sign: int = 1
) -> str:
    """Say the badge with its figures in English, as explanations are kept; see `figures_of`."""
    figures = figures_of(comprehensiveness, sufficiency, unit, sign)
    said = f"{BADGES[badge]}{':' if comprehensiveness is None else '.'} {figures}"
    return f"{said} {OVERRULED}" if is_overruled(badge, comprehensiveness, sufficiency) else said


def figures_of(
    comprehensiveness: Interval | None,
    sufficiency: Interval | None,
    unit: str,
    sign: int = 1,
    say: Callable[[str], str] = str,
) -> str:
    """Say what removing and keeping the events named first does.

    Args:
        comprehensiveness: See `recviz.explain.trust.Trust`; ``None`` with fewer than two events.
        sufficiency: Likewise.
        unit: Of the figures.
        sign: See `faithfulness`.
        say: Gives a template in a language; without it English.
    """
    if comprehensiveness is None or sufficiency is None:
        return say(mark("with fewer than two past events there is no random order to compare with."))
    template = (
        mark(
            "Removing the events named first lowers the score by {removed:.2f} {unit} more than removing random "
            "ones (95 %: {removed_from:.2f} to {removed_to:.2f}); keeping only them leaves it {kept:.2f} higher than "
            "keeping random ones ({kept_from:.2f} to {kept_to:.2f})."
        )
        if sign > 0
        else mark(
            "Removing the events named first raises the score by {removed:.2f} {unit} more than removing random "
            "ones (95 %: {removed_from:.2f} to {removed_to:.2f}); keeping only them leaves it {kept:.2f} lower than "
            "keeping random ones ({kept_from:.2f} to {kept_to:.2f})."
        )
    )
    return say(template).format(
        unit=say(unit),
        removed=comprehensiveness.mean,
        removed_from=comprehensiveness.low,
        removed_to=comprehensiveness.high,
        kept=sufficiency.mean,
        kept_from=sufficiency.low,
        kept_to=sufficiency.high,
    )


def relative_gap(gap: float, difference: float) -> float:
    """Return a gap relative to the larger of the difference and 0.1: small numbers are not judged by themselves."""
    return abs(gap) / max(abs(difference), SMALLEST_DIFFERENCE)


def interval_of(differences: NDArray[np.float64]) -> Interval:
    """Return the mean of at least two differences with its 95 % interval by Student's t."""
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(len(differences))
    reach = float(stats.t.ppf(0.975, len(differences) - 1)) * error
    return Interval(mean, mean - reach, mean + reach)
