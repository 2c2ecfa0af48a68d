"""One door to explanations: events by removal, parts by a method of choice, trust beside them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from recviz.data.history import History
from recviz.errors import InvalidSettingError
from recviz.explain.candidate import CandidateText, candidate_text
from recviz.explain.choices import Baseline, Method, PartMethod
from recviz.explain.event_shares import event_shares
from recviz.explain.events import event_values, leave_one_out
from recviz.explain.explanation import EventShare, Explanation, Parts
from recviz.explain.faithfulness import faithfulness, relative_gap
from recviz.explain.labels import label_of, sign_rule_of
from recviz.explain.moments import moment
from recviz.explain.parts import part_values
from recviz.explain.removal import INDIVIDUAL, RemovalGame
from recviz.explain.scalars import Scalar
from recviz.explain.targets import Target, scalar_of, sign_of_reasons
from recviz.explain.trust import Trust
from recviz.language import tr
from recviz.model.predictor import Predictor

DETAILED = 5
"""Events looked into at first; the rest on demand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How an explanation is made."""

    method: Method = "shapley"
    part_method: PartMethod = "integrated gradients"
    baseline: Baseline = "neutral"
    seed: int = 0
    """Of the sampled orders."""


def explain_score(  # noqa: PLR0913 - what is explained, how far and how
    predictor: Predictor,
    user: int,
    target: Target,
    *,
    n_detailed: int = DETAILED,
    method: Method = "shapley",
    part_method: PartMethod = "integrated gradients",
    baseline: Baseline = "neutral",
    seed: int = 0,
) -> Explanation:
    """Explain one number about one user.

    Args:
        predictor: The model at its origin.
        user: Row of the user table.
        target: The number.
        n_detailed: How many of the events with the largest effect are looked into.
        method: How events are valued.
        part_method: How an event is divided over its parts.
        baseline: What stands in place of a word.
        seed: Of the sampled orders.

    Raises:
        NotFoundError: If the log has no such item, or the run no such category.
        InvalidSettingError: If there is no such period.
        UnsupportedError: If the log, or the item at this origin, has no such number.
    """
    started = time.monotonic()
    how = How(method=method, part_method=part_method, baseline=baseline, seed=seed)
    bare = explain_events(predictor, user, target, how)
    detailed = with_details(predictor, bare, worth_looking_into(bare)[:n_detailed])
    return replace(detailed, seconds=time.monotonic() - started)


def explanation_steps(
    predictor: Predictor,
    user: int,
    target: Target,
    how: How | None = None,
    at_once: int = DETAILED,
    begun: Explanation | None = None,
) -> Iterator[Explanation]:
    """Explain step by step: the events, then the words of those with the largest effect, then those of the rest.

    Every explanation that comes is whole; `Explanation.covered` says how much of the effects is looked into so far. To
    stop early, stop iterating.

    Args:
        predictor: The model at its origin.
        user: Row of the user table.
        target: The number.
        how: Methods, baseline and seed.
        at_once: Events that are looked into in one step.
        begun: The same explanation as far as it came before.

    Raises:
        NotFoundError: As `explain_score`.
    """
    started = time.monotonic()
    found = begun or explain_events(predictor, user, target, how)
    yield found
    waiting = worth_looking_into(found)
    for start in range(0, len(waiting), at_once):
        found = with_details(predictor, found, waiting[start : start + at_once])
        yield replace(found, seconds=time.monotonic() - started)


def explain_events(predictor: Predictor, user: int, target: Target, how: How | None = None) -> Explanation:
    """Explain one number by whole events, with the candidate's words and the trust figures; no event is looked into.

    Raises:
        NotFoundError: As `explain_score`.
    """
    started, how = time.monotonic(), how or How()
    scalar = scalar_of(predictor, target)
    history, instant = predictor.history(user), predictor.instant_of(user)
    game = game_of(predictor, scalar, history, instant)
    found = event_values(game, how.method, how.seed)
    alone = leave_one_out(game)
    gap = game.full - game.empty - float(found.values.sum())
    sign = sign_of_reasons(target, game.full)
    judged = faithfulness(game, found.values, seed=how.seed + 1, unit=scalar.unit, sign=sign)
    strips = _strips(predictor, scalar, history, instant, how.baseline)
    return Explanation(
        run=predictor.fingerprint,
        user_id=str(predictor.dataset.user_ids[user]),
        origin=predictor.origin,
        instant=moment(predictor.dataset, instant),
        target=target,
        scalar=label_of(predictor, target),
        unit=scalar.unit,
        sign_rule=sign_rule_of(target, scalar.unit),
        method=how.method,
        part_method=how.part_method,
        baseline=how.baseline,
        score=game.full,
        empty_score=game.empty,
        events=event_shares(predictor.dataset, history, game, found, alone),
        candidate=strips[0].text,
        candidate_gap_share=strips[0].gap_share,
        rival=strips[1].text,
        rival_gap_share=strips[1].gap_share,
        trust=Trust(
            events_gap=gap,
            events_gap_share=relative_gap(gap, game.full - game.empty),
            parts_gap_share=0.0,
            comprehensiveness=judged.comprehensiveness,
            sufficiency=judged.sufficiency,
            neutral_comprehensiveness=judged.neutral_comprehensiveness,
            neutral_sufficiency=judged.neutral_sufficiency,
            badge=judged.badge,
            sentence=judged.sentence,
        ),
        seconds=time.monotonic() - started,
    )


def game_of(predictor: Predictor, scalar: Scalar, history: History, instant: int) -> RemovalGame:
    """Return the players of an explanation: the latest events one by one, the earlier ones together."""
    # one place of the window is left to the event that a long-term effect adds
    individual = max(1, min(INDIVIDUAL, predictor.config.max_history - 1))
    return RemovalGame(predictor, scalar, history, instant, individual)


def worth_looking_into(explanation: Explanation) -> list[int]:
    """Return the places of the events that have not been looked into, largest effect first."""
    waiting = [event for event in explanation.ranked() if event.parts is None and not event.is_group]
    return [event.positions[0] for event in waiting]


def with_details(predictor: Predictor, explanation: Explanation, positions: Sequence[int]) -> Explanation:
    """Look into more events of an explanation, by its own method and baseline.

    Args:
        predictor: The model that the explanation is of.
        explanation: Its events keep their values.
        positions: Places of the events in the history.

    Raises:
        InvalidSettingError: If an event is not judged on its own, or the explanation is of another model.
    """
    alone = {event.positions[0]: event for event in explanation.events if not event.is_group}
    if unknown := [position for position in positions if position not in alone]:
        raise InvalidSettingError.of(
            tr("Past event {position} has no value of its own").format(position=unknown[0]),
            tr("explanation"),
            tr("Pick one of the events in the list"),
        )
    if explanation.run != predictor.fingerprint:
        raise InvalidSettingError.of(
            tr("The explanation is of another model"),
            tr("{run}, not {other}").format(run=explanation.run, other=predictor.fingerprint),
            tr("Explain again"),
        )
    wanted = [position for position in positions if alone[position].parts is None]
    if not wanted:
        return explanation
    parts = _parts_of(predictor, explanation, [alone[position] for position in wanted])
    events = tuple(
        event if event.is_group else replace(event, parts=parts.get(event.positions[0], event.parts))
        for event in explanation.events
    )
    largest = max((event.parts.gap_share for event in events if event.parts), default=0.0)
    return explanation.with_events(events, replace(explanation.trust, parts_gap_share=largest))


def _parts_of(predictor: Predictor, explanation: Explanation, events: Sequence[EventShare]) -> dict[int, Parts]:
    user = predictor.dataset.user_index(explanation.user_id)
    scalar = scalar_of(predictor, explanation.target)
    positions = [event.positions[0] for event in events]
    found = part_values(
        predictor,
        scalar,
        predictor.history(user),
        predictor.instant_of(user),
        positions,
        explanation.part_method,
        explanation.baseline,
    )
    parts = {}
    for row, event in enumerate(events):
        gap = float(found.difference[row] - found.explained[row])
        made = Parts(
            text=found.texts.attribution(row, found.tokens[row]),
            identity=float(found.identity[row]),
            kind=float(found.kind[row]),
            value=float(found.value[row]),
            time=float(found.time[row]),
            remainder=0.0,
            gap=gap,
            gap_share=relative_gap(gap, float(found.difference[row])),
        )
        parts[positions[row]] = replace(made, remainder=event.value - made.explained)
    return parts


def _strips(
    predictor: Predictor, scalar: Scalar, history: History, instant: int, baseline: Baseline
) -> list[CandidateText]:
    """Return the words of the candidate and of the item that it is compared with."""
    strips = [candidate_text(predictor, scalar, history, instant, item, baseline) for item in scalar.strip_items[:2]]
    return [*strips, CandidateText(None, 0.0), CandidateText(None, 0.0)]
