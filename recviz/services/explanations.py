"""Why a recommendation or a point of a curve is what it is; explanations are kept in the workspace."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from recviz.errors import InvalidSettingError
from recviz.explain.checks import check, check_steps
from recviz.explain.evidence import Evidence, evidence_for
from recviz.explain.explainer import DETAILED, How, explain_events, explanation_steps, with_details
from recviz.explain.explanation import Explanation
from recviz.explain.targets import Target
from recviz.language import tr
from recviz.services.explanation_cache import ExplanationCache, key_of
from recviz.services.workspace import Origin, Workspace


def explain_recommendation(  # noqa: PLR0913, PLR0917 - what is explained is named by this many things
    ws: Workspace,
    run_id: str,
    user_id: str,
    item_id: str,
    origin: Origin = "cut",
    k: int = 0,
    n_detailed: int = DETAILED,
    *,
    what: Literal["probability", "value", "effect"] = "probability",
    against: str | None = None,
    how: How | None = None,
) -> Explanation:
    """Explain why an item is likely for a user, what value is expected of it, or its long-term effect.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        item_id: The item.
        origin: ``cut`` or ``now``.
        k: 0 is the next visit, 1 to K a period; for the probability only.
        n_detailed: How many of the events with the largest effect are looked into.
        what: Which of the item's numbers.
        against: Another item: why rather this one than that.
        how: Methods, baseline and seed.

    Raises:
        NotFoundError: If the log has no such user or item.
        UnsupportedError: If the item may not be recommended at this origin, or the log has no such number.
    """
    period = k if what == "probability" else None
    other = None if against is None else Target(what=what, name=against, k=period)
    target = Target(what=what, name=item_id, k=period, against=other)
    return explain(ws, run_id, user_id, target, origin, n_detailed, how)


def explain_curve(  # noqa: PLR0913, PLR0917 - what is explained is named by this many things
    ws: Workspace,
    run_id: str,
    user_id: str,
    origin: Origin = "cut",
    k: int | None = None,
    category: str | None = None,
    topic: str | None = None,
    *,
    n_detailed: int = DETAILED,
    against_k: int | None = None,
    how: How | None = None,
) -> Explanation:
    """Explain a point of a curve: activity, or interest in a category or topic.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        origin: ``cut`` or ``now``.
        k: Period 1 to K; ``None`` is the whole horizon.
        category: A label of `recviz.forecast.categories`.
        topic: Typed words.
        n_detailed: How many of the events with the largest effect are looked into.
        against_k: Another period: why is period ``k`` lower, or higher, than that.
        how: Methods, baseline and seed.

    Raises:
        InvalidSettingError: If both a category and a topic are given.
        NotFoundError: If the log has no such user or category.
        UnsupportedError: If the log has an order only, the period is not on the curve, or no item matches the topic.
    """
    if category is not None and topic is not None:
        raise InvalidSettingError.of(
            tr("Both a category and a topic are given"), tr("what to explain"), tr("Give one of them")
        )
    target = Target(what="activity", k=k)
    if category is not None:
        target = Target(what="category", name=category, k=k)
    if topic is not None:
        target = Target(what="topic", name=topic, k=k)
    if against_k is not None:
        target = replace(target, against=replace(target, k=against_k))
    return explain(ws, run_id, user_id, target, origin, n_detailed, how)


def explain(  # noqa: PLR0913, PLR0917 - whose number, from when, how far and how
    ws: Workspace,
    run_id: str,
    user_id: str,
    target: Target,
    origin: Origin = "cut",
    n_detailed: int = DETAILED,
    how: How | None = None,
) -> Explanation:
    """Explain any number; what was explained before comes from the workspace.

    Raises:
        NotFoundError: If the log has no such user, item or category.
        InvalidSettingError: If there is no such period.
        UnsupportedError: If the log, or the item at this origin, has no such number.
    """
    predictor, how = ws.predictor(run_id, origin), how or How()
    user = predictor.dataset.user_index(user_id)
    cache, key = ExplanationCache(ws.settings.cache), key_of(predictor, user, target, how)
    known = cache.remembered(key, lambda: explain_events(predictor, user, target, how))
    top = _top(known, n_detailed)
    found = with_details(predictor, known, top)
    if found is not known:
        cache.put(key, found)
    return _only(found, top)


def explain_by_steps(
    ws: Workspace,
    run_id: str,
    user_id: str,
    target: Target,
    origin: Origin = "cut",
    how: How | None = None,
) -> Iterator[Explanation]:
    """Explain step by step: the events, the words of those with the largest effect, then of the rest, a few at a time.

    Each is whole, and tells how much is covered; see `recviz.explain.explainer.explanation_steps`. Every step is kept,
    so that stopping loses nothing.

    Raises:
        NotFoundError: As `explain`.
    """
    predictor, how = ws.predictor(run_id, origin), how or How()
    user = predictor.dataset.user_index(user_id)
    cache, key = ExplanationCache(ws.settings.cache), key_of(predictor, user, target, how)
    for found in explanation_steps(predictor, user, target, how, begun=cache.get(key)):
        cache.put(key, found)
        yield found


def explain_fully(
    ws: Workspace,
    run_id: str,
    user_id: str,
    target: Target,
    origin: Origin = "cut",
    how: How | None = None,
) -> Iterator[Explanation]:
    """Explain step by step as `explain_by_steps`, then check further, one comparison after the other.

    What was done before is not done again. To stop early, stop iterating.

    Raises:
        NotFoundError: As `explain`.
    """
    predictor, how = ws.predictor(run_id, origin), how or How()
    key = key_of(predictor, predictor.dataset.user_index(user_id), target, how)
    for whole in explain_by_steps(ws, run_id, user_id, target, origin, how):
        yield whole
    if whole.checks is not None:
        return
    for checked in check_steps(predictor, whole):
        yield checked
    ExplanationCache(ws.settings.cache).put(key, checked)


def look_into(ws: Workspace, run_id: str, explanation: Explanation, positions: Sequence[int]) -> Explanation:
    """Look into more events of an explanation; its values stay, the new parts are added.

    Args:
        ws: The workspace.
        run_id: The run that the explanation is of.
        explanation: As it is.
        positions: Places of the events in the history.

    Raises:
        InvalidSettingError: If an event has no value of its own, or the run's model is another by now.
    """
    predictor = ws.predictor(run_id, explanation.origin)
    return with_details(predictor, explanation, positions)


def check_further(ws: Workspace, run_id: str, explanation: Explanation) -> Explanation:
    """Compare an explanation with other methods, small changes of the history, and a model with shuffled weights.

    Raises:
        InvalidSettingError: If the run's model is another by now.
    """
    return check(ws.predictor(run_id, explanation.origin), explanation)


def evidence(
    ws: Workspace, run_id: str, user_id: str, item_id: str | None = None, origin: Origin = "cut", n: int = 10
) -> Evidence:
    """Return users in a like state with what they did next, and the item's nearest items.

    Raises:
        NotFoundError: If the log has no such user or item.
        UnsupportedError: If the item may not be recommended at this origin.
    """
    predictor = ws.predictor(run_id, origin)
    item = None if item_id is None else predictor.dataset.item_index(item_id)
    return evidence_for(predictor, predictor.dataset.user_index(user_id), item, n)


def _top(explanation: Explanation, n: int) -> list[int]:
    single = [event for event in explanation.ranked() if not event.is_group]
    return [event.positions[0] for event in single[:n]]


def _only(explanation: Explanation, positions: Sequence[int]) -> Explanation:
    """Keep the parts of these events alone, and no check, so that the same question has the same answer whatever was asked before."""
    kept = set(positions)
    events = tuple(
        event if event.parts is None or event.positions[0] in kept else replace(event, parts=None)
        for event in explanation.events
    )
    largest = max((event.parts.gap_share for event in events if event.parts), default=0.0)
    bare = replace(explanation, checks=None)
    return bare.with_events(events, replace(explanation.trust, parts_gap_share=largest))
