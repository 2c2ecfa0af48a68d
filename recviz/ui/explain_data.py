"""What the Explain page asks of a run, kept between clicks as long as the run's weights are the same."""

from collections.abc import Sequence

from recviz.errors import NotFoundError
from recviz.explain.explanation import Explanation
from recviz.services import explanations, recommendations, what_ifs
from recviz.services.recommendations import RecommendedItem
from recviz.services.what_ifs import AddedEvent, WhatIfResult
from recviz.services.workspace import Origin, Workspace
from recviz.ui.caches import remembered
from recviz.ui.explain_target import Point, read_point
from recviz.ui.interest_data import OpenRun

MORE_EVENTS = 5
"""Events that are looked into with one click."""


def someone(opened: OpenRun) -> str:
    """Return a user to begin with.

    Raises:
        NotFoundError: If nobody has a history at this origin.
    """
    predictor = opened.ws.predictor(opened.run, opened.origin)
    if not len(predictor.users):
        raise NotFoundError.of("No user has a history before this origin", "the log", "Look ahead from now instead")
    return str(predictor.dataset.user_ids[predictor.users[0]])


def title_of(opened: OpenRun, item: str) -> str:
    """Return an item's title.

    Raises:
        NotFoundError: If the log has no such item.
    """
    dataset = opened.ws.predictor(opened.run, opened.origin).dataset
    return dataset.title(dataset.item_index(item))


def value_name(opened: OpenRun) -> str:
    """Return what the log calls its values; "" where it has none."""
    return opened.ws.predictor(opened.run, opened.origin).dataset.manifest.value_name


def recommended(opened: OpenRun, user: str, *, seen_too: bool) -> tuple[RecommendedItem, ...]:
    """See `recviz.services.recommendations.recommend_user`."""
    return _recommended(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, seen_too))


def why_item(opened: OpenRun, user: str, item: str, more: int) -> Explanation:
    """Explain a recommendation, with ``more`` times as many further events looked into."""
    return _explanation(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, item, "", more))


def why_point(opened: OpenRun, user: str, point: Point, more: int) -> Explanation:
    """Explain a point of a curve, with ``more`` times as many further events looked into."""
    return _explanation(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, "", str(point), more))


def what_if(opened: OpenRun, user: str, off: Sequence[int], add: Sequence[AddedEvent]) -> WhatIfResult:
    """See `recviz.services.what_ifs.what_if`."""
    return what_ifs.what_if(opened.ws, opened.run, user, opened.origin, off, add)


def not_looked_into(found: Explanation) -> tuple[int, ...]:
    """Return the places of the next events worth looking into, largest effect first."""
    waiting = [event for event in found.ranked() if event.parts is None and not event.is_group]
    return tuple(event.positions[0] for event in waiting[:MORE_EVENTS])


@remembered(spinner="Reading what is likely next", entries=128)
def _recommended(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, bool]
) -> tuple[RecommendedItem, ...]:
    del fingerprint  # tells answers apart
    user, seen_too = asked
    return recommendations.recommend_user(ws, run, user, origin, exclude_seen=not seen_too)


@remembered(spinner="Taking past events away, one by one, to see what each did", entries=128)
def _explanation(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, str, str, int]
) -> Explanation:
    user, item, of, more = asked
    if more:
        found = _explanation(ws, run, origin, fingerprint, (user, item, of, more - 1))
        return explanations.look_into(ws, run, found, not_looked_into(found))
    point = read_point(of)
    if point is None:
        return explanations.explain_recommendation(ws, run, user, item, origin)
    return explanations.explain_curve(ws, run, user, origin, point.k, point.category or None, point.topic or None)
