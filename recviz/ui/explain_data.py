"""What the Explain page asks of a run, kept between clicks as long as the run's weights are the same."""

from recviz.explain.counterfactual import Counterfactual
from recviz.explain.evidence import Evidence
from recviz.explain.explainer import How
from recviz.explain.explanation import Explanation
from recviz.explain.targets import Target
from recviz.language import mark, tr
from recviz.services import explanations, recommendations, what_ifs
from recviz.services.background import Background
from recviz.services.first_example import telling_user
from recviz.services.ranking_beside import RankedBeside, ranked_beside
from recviz.services.recommendations import RecommendedItem
from recviz.services.what_ifs import Supposed, WhatIfResult
from recviz.services.workspace import Origin, Workspace
from recviz.ui.caches import remembered
from recviz.ui.explain_live import begun
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import SEEN_BY_NOBODY, SEEN_TOO, session
from recviz.ui.waiting import awaited


def someone(opened: OpenRun) -> str:
    """See `recviz.services.first_example.telling_user`."""
    words = tr("Looking for a user to begin with")
    return awaited(tr("Why this?"), words, lambda: telling_user(opened.ws, opened.run, opened.origin))


def title_of(opened: OpenRun, item: str) -> str:
    """Return an item's title.

    Raises:
        NotFoundError: If the log has no such item.
    """
    dataset = opened.ws.predictor(opened.run, opened.origin).dataset
    return dataset.title(dataset.item_index(item))


def value_name(opened: OpenRun) -> str:
    """Return what the log calls its values, usual names in the reader's language; "" where it has none."""
    name = opened.ws.predictor(opened.run, opened.origin).dataset.manifest.value_name
    return tr(name) if name else ""


def recommended(opened: OpenRun, user: str, seen: str) -> tuple[RecommendedItem, ...]:
    """See `recviz.services.recommendations.recommend_user`; ``seen`` is as in `recviz.ui.session.Session`."""
    return _recommended(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, seen))


def listed(opened: OpenRun) -> str:
    """Return what the list at the left includes, as in `Session.seen`: without newcomers there is no list of them."""
    return "" if session().seen == SEEN_BY_NOBODY and not has_newcomers(opened) else session().seen


def has_newcomers(opened: OpenRun) -> bool:
    """See `recviz.services.recommendations.has_newcomers`."""
    return _has_newcomers(opened.ws, opened.run, opened.origin, opened.fingerprint)


def ranked_by_baseline(opened: OpenRun, user: str, *, seen_too: bool) -> RankedBeside | None:
    """See `recviz.services.ranking_beside.ranked_beside`."""
    return _ranked_by_baseline(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, seen_too))


def why(opened: OpenRun, user: str, target: Target, how: How) -> Explanation:
    """See `recviz.services.explanations.explain`."""
    return _explanation(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, target, how))


def explained_further(opened: OpenRun, user: str, target: Target, how: How) -> Background[Explanation]:
    """Begin, or go on with, the words of all events and the checks; see `recviz.services.explanations.explain_fully`."""
    asked = (opened.fingerprint, opened.origin, user, target, how)
    return begun(
        "words", asked, lambda: explanations.explain_fully(opened.ws, opened.run, user, target, opened.origin, how)
    )


def suppose(opened: OpenRun, user: str, supposed: Supposed) -> WhatIfResult:
    """See `recviz.services.what_ifs.suppose`."""
    return what_ifs.suppose(opened.ws, opened.run, user, supposed, opened.origin)


def what_it_would_take(opened: OpenRun, user: str, item: str, places: int) -> Counterfactual:
    """See `recviz.services.what_ifs.what_it_would_take`."""
    return _counterfactual(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, item, places))


def evidence(opened: OpenRun, user: str, item: str) -> Evidence:
    """See `recviz.services.explanations.evidence`; "" asks for no item in particular."""
    return _evidence(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, item))


@remembered(spinner=mark("Reading what is likely next"), entries=128)
def _recommended(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, str]
) -> tuple[RecommendedItem, ...]:
    del fingerprint  # tells answers apart
    user, seen = asked
    return recommendations.recommend_user(
        ws, run, user, origin, exclude_seen=seen != SEEN_TOO, newcomers=seen == SEEN_BY_NOBODY
    )


@remembered(entries=16)
def _has_newcomers(ws: Workspace, run: str, origin: Origin, fingerprint: str) -> bool:
    del fingerprint  # tells answers apart
    return recommendations.has_newcomers(ws, run, origin)


@remembered(spinner=mark("Asking the best baseline"), entries=64)
def _ranked_by_baseline(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, bool]
) -> RankedBeside | None:
    del fingerprint  # tells answers apart
    user, seen_too = asked
    return ranked_beside(ws, run, user, origin, exclude_seen=not seen_too)


@remembered(spinner=mark("Taking past events away, one by one, to see what each did"), entries=128)
def _explanation(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, Target, How]
) -> Explanation:
    del fingerprint  # tells answers apart
    user, target, how = asked
    return explanations.explain(ws, run, user, target, origin, how=how)


@remembered(spinner=mark("Searching for the smallest change"), entries=64)
def _counterfactual(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, str, int]
) -> Counterfactual:
    del fingerprint  # tells answers apart
    user, item, places = asked
    return what_ifs.what_it_would_take(ws, run, user, item, origin, places)


@remembered(spinner=mark("Looking for users in a like state"), entries=64)
def _evidence(ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, str]) -> Evidence:
    del fingerprint  # tells answers apart
    user, item = asked
    return explanations.evidence(ws, run, user, item or None, origin)
