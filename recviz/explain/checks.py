"""Trust that takes longer than the explanation: other methods, small changes, and a model with shuffled weights."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from recviz.data.history import History
from recviz.errors import InvalidSettingError
from recviz.explain.choices import Method, PartMethod
from recviz.explain.events import event_values
from recviz.explain.explainer import game_of
from recviz.explain.explanation import Explanation
from recviz.explain.parts import part_values
from recviz.explain.scalars import Scalar
from recviz.explain.shuffled import shuffled
from recviz.explain.targets import scalar_of
from recviz.explain.trust import Checks, Likeness
from recviz.language import mark, tr
from recviz.model.predictor import Predictor

SUBSETS = 600
"""Subsets for each comparison."""
TOP = 3
"""Effects that are compared by name."""
WORDS_OF = 3
"""Events whose words are compared between methods."""
HOUR = 3_600_000_000
ALIKE, UNLIKE = 0.7, 0.3
"""Rank correlations from which values are called alike, and up to which they are called unlike."""
EVENTS_BY: dict[Method, str] = {
    "shapley": mark("events by shapley"),
    "permutation": mark("events by permutation"),
    "leave-one-out": mark("events by leave-one-out"),
}
WORDS_BY: dict[PartMethod, str] = {
    "integrated gradients": mark("words by integrated gradients"),
    "gradient x input": mark("words by gradient x input"),
    "word occlusion": mark("words by word occlusion"),
    "partition": mark("words by partition"),
}

Values = dict[int, float]
"""Of each event, by its place in the history."""


def check(predictor: Predictor, explanation: Explanation, seed: int = 0) -> Explanation:
    """Return the explanation with its further checks; see `check_steps`."""
    *_, found = check_steps(predictor, explanation, seed)
    return found


def check_steps(predictor: Predictor, explanation: Explanation, seed: int = 0) -> Iterator[Explanation]:
    """Compare an explanation with others, one comparison after the other; each comes with all checks so far.

    Args:
        predictor: The model that the explanation is of.
        explanation: Words are compared for the events that it looked into.
        seed: Of the other random orders and of the shuffled weights.

    Raises:
        InvalidSettingError: If the explanation is of another model.
    """
    if explanation.run != predictor.fingerprint:
        raise InvalidSettingError.of(
            tr("The explanation is of another model"),
            tr("{run}, not {other}").format(run=explanation.run, other=predictor.fingerprint),
            tr("Explain again"),
        )
    agreement: list[Likeness] = []
    stability: list[Likeness] = []
    for one in _agreement(predictor, explanation, seed):
        agreement.append(one)
        yield replace(explanation, checks=_checks(agreement, stability, None))
    for one in _stability(predictor, explanation, seed):
        stability.append(one)
        yield replace(explanation, checks=_checks(agreement, stability, None))
    randomised = _likeness_to(explanation, shuffled(predictor, seed), seed)
    yield replace(explanation, checks=_checks(agreement, stability, randomised))


def _agreement(predictor: Predictor, explanation: Explanation, seed: int) -> Iterator[Likeness]:
    history, instant, scalar = _asked(predictor, explanation)
    for other in get_args(Method):
        if other != explanation.method:
            values = _values(predictor, scalar, history, instant, other, seed)
            yield likeness(EVENTS_BY[other], _told_values(explanation), values)
    yield from _words_by_other_methods(predictor, explanation, scalar, history, instant)


def _stability(predictor: Predictor, explanation: Explanation, seed: int) -> Iterator[Likeness]:
    history, instant, scalar = _asked(predictor, explanation)
    told, method = _told_values(explanation), explanation.method
    again = _values(predictor, scalar, history, instant, method, seed + 1)
    yield likeness(mark("other random orders"), told, again)
    for what, changed, dropped in _small_changes(predictor, history, told):
        values = _values(predictor, scalar, changed, instant, method, seed)
        yield likeness(what, told, _moved_back(values, dropped))


def _likeness_to(explanation: Explanation, twin: Predictor, seed: int) -> Likeness:
    history, instant, scalar = _asked(twin, explanation)
    values = _values(twin, scalar, history, instant, explanation.method, seed)
    return likeness(mark("a model with shuffled weights"), _told_values(explanation), values)


def _asked(predictor: Predictor, explanation: Explanation) -> tuple[History, int, Scalar]:
    user = predictor.dataset.user_index(explanation.user_id)
    return predictor.history(user), predictor.instant_of(user), scalar_of(predictor, explanation.target)


def _told_values(explanation: Explanation) -> Values:
    return {event.positions[0]: event.value for event in explanation.events if not event.is_group}


def _checks(agreement: Sequence[Likeness], stability: Sequence[Likeness], randomised: Likeness | None) -> Checks:
    return Checks(
        agreement=tuple(agreement),
        stability=tuple(stability),
        randomised=randomised,
        sentence=sentence_of(agreement, stability, randomised),
    )


def sentence_of(
    agreement: Sequence[Likeness],
    stability: Sequence[Likeness],
    randomised: Likeness | None,
    say: Callable[[str], str] = str,
) -> str:
    """Say all of the checks.

    Args:
        agreement: See `recviz.explain.trust.Checks`.
        stability: Likewise.
        randomised: Likewise.
        say: Gives a template in a language; without it English, as explanations are kept.
    """
    methods, changes = (
        _told(mark("Other methods"), agreement, say),
        _told(mark("Small changes"), stability, say),
    )
    if randomised is None:
        return say(mark("{methods} {changes}")).format(methods=methods, changes=changes)
    correlation = randomised.correlation
    if correlation is None:
        last = mark("Too few events to compare with shuffled weights.")
    elif correlation >= ALIKE:
        last = mark(
            "A model with shuffled weights gives much the same ({correlation:.2f}): counts decide here, not what was "
            "learnt."
        )
    else:
        last = mark("A model with shuffled weights gives something else ({correlation:.2f}), as it should.")
    told = say(last).format(correlation=correlation)
    return say(mark("{methods} {changes} {shuffled}")).format(methods=methods, changes=changes, shuffled=told)


def likeness(what: str, one: Values, other: Values) -> Likeness:
    """Compare values of the events that both name."""
    both = sorted(one.keys() & other.keys())
    return likeness_of(what, np.array([one[at] for at in both]), np.array([other[at] for at in both]))


def likeness_of(what: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> Likeness:
    """Compare two lists of values of the same things, ``(n,)`` each, by rank and by their largest effects."""
    top = min(TOP, len(one))
    leaders = [set(np.argsort(-np.abs(values), kind="stable")[:top].tolist()) for values in (one, other)]
    shared = len(leaders[0] & leaders[1]) / top if top else 1.0
    told = len(one) >= 3 and np.ptp(one) > 0 and np.ptp(other) > 0  # noqa: PLR2004 - two values are always in line
    return Likeness(
        what=what, correlation=float(stats.spearmanr(one, other).statistic) if told else None, shared_top=shared
    )


def _values(predictor: Predictor, scalar: Scalar, history: History, instant: int, method: Method, seed: int) -> Values:
    game = game_of(predictor, scalar, history, instant)
    found = event_values(game, method, seed, SUBSETS)
    single = list(zip(game.players, found.values.tolist(), strict=True))[int(game.has_group) :]
    return {int(positions[0]): value for positions, value in single}


def _small_changes(predictor: Predictor, history: History, told: Values) -> list[tuple[str, History, int | None]]:
    """Return histories that hardly differ, with the place of the event that each lacks."""
    changes: list[tuple[str, History, int | None]] = []
    if len(told) > 1:
        least = min(told, key=lambda at: abs(told[at]))
        changes.append((mark("a history without the event that matters least"), history.without([least]), least))
    if predictor.dataset.has_times and len(history):
        changes.append((mark("a history an hour earlier"), replace(history, time=history.time - HOUR), None))
    return changes


def _moved_back(values: Values, dropped: int | None) -> Values:
    """Name events by their places in the history before one was dropped."""
    return {at + int(dropped is not None and at >= dropped): value for at, value in values.items()}


def _words_by_other_methods(
    predictor: Predictor, explanation: Explanation, scalar: Scalar, history: History, instant: int
) -> Iterator[Likeness]:
    looked = [event for event in explanation.ranked() if event.parts and event.parts.text][:WORDS_OF]
    own = [span.value for event in looked if event.parts and event.parts.text for span in event.parts.text.words]
    positions = [event.positions[0] for event in looked]
    for method in get_args(PartMethod):
        if method != explanation.part_method and positions:
            parts = part_values(predictor, scalar, history, instant, positions, method, explanation.baseline)
            texts = [parts.texts.attribution(row, parts.tokens[row]) for row in range(len(positions))]
            words = [span.value for text in texts if text for span in text.words]
            yield likeness_of(WORDS_BY[method], np.array(own), np.array(words))


def _told(what: str, found: Sequence[Likeness], say: Callable[[str], str]) -> str:
    known = [one.correlation for one in found if one.correlation is not None]
    least = min(known, default=math.nan)
    if not known:
        said = mark("{what}: too few values to compare.")
    elif least >= ALIKE:
        said = mark("{what} order it alike (rank correlation {least:.2f} or more).")
    elif least > UNLIKE:
        said = mark("{what} order it somewhat differently (rank correlation down to {least:.2f}).")
    else:
        said = mark("{what} order it otherwise (rank correlation down to {least:.2f}): take the order with care.")
    return say(said).format(what=say(what), least=least)
