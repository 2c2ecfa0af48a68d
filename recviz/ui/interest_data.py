"""What the Interest page asks of a run, kept between clicks as long as the run's weights are the same."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from recviz.forecast.cohorts import CohortView
from recviz.forecast.topic_view import TopicView
from recviz.forecast.user_view import UserView
from recviz.forecast.users import UserLists
from recviz.language import mark, tr
from recviz.services import cohorts as cohort_service
from recviz.services import forecasts
from recviz.services.beside import best_mix, count_choices
from recviz.services.workspace import Origin, Workspace
from recviz.ui.caches import remembered
from recviz.ui.guards import require_run
from recviz.ui.session import session
from recviz.ui.waiting import awaited


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run at an origin, with its model open."""

    ws: Workspace
    run: str
    origin: Origin
    fingerprint: str
    """Run id and checkpoint hash: what cached answers are told apart by."""

    @property
    def period(self) -> str:
        """Day, week or month."""
        return self.ws.predictor(self.run, self.origin).split.period


def open_run(question: str) -> OpenRun:
    """Open the chosen run's model at the chosen origin.

    Args:
        question: The page's, shown where that takes a while.

    Raises:
        NotFoundError: If its log is gone.
        RunFailedError: If it has no complete model.
    """
    ws, run = require_run()
    origin = session().origin
    predictor = awaited(question, tr("Opening the model"), lambda: ws.predictor(run, origin))
    return OpenRun(ws, run, origin, predictor.fingerprint)


def user_lists(opened: OpenRun, question: str) -> UserLists:
    """Return all users of the run; the first time takes as long as a forecast of everybody, below the question."""
    words = tr("Working out everybody's curve, once")
    return awaited(question, words, lambda: forecasts.user_lists(opened.ws, opened.run, opened.origin))


def user_view(opened: OpenRun, user: str, baseline: str = "") -> UserView:
    """See `recviz.services.forecasts.user_view`."""
    return _user_view(opened.ws, opened.run, opened.origin, opened.fingerprint, (user, baseline, _judged(opened)))


def topic_view(opened: OpenRun, user: str, text: str, weights: Mapping[str, float]) -> TopicView:
    """See `recviz.services.forecasts.topic`."""
    return _topic_view(
        opened.ws,
        opened.run,
        opened.origin,
        opened.fingerprint,
        (user, text, tuple(sorted(weights.items())), _judged(opened)),
    )


def cohorts(opened: OpenRun, baseline: str = "") -> tuple[CohortView, ...]:
    """Return predicted against actual for every segment, beside a baseline."""
    return _cohorts(opened.ws, opened.run, opened.origin, opened.fingerprint, (baseline, _judged(opened)))


def _judged(opened: OpenRun) -> tuple[str, ...]:
    """Return what the run was judged beside, best first: judged anew, it may have another order."""
    mix = best_mix(opened.ws, opened.run)
    return (*count_choices(opened.ws, opened.run), "" if mix is None else mix.name)


def cohort_users(opened: OpenRun, segment: str) -> pd.DataFrame:
    """See `recviz.services.cohorts.users`."""
    return _cohort_users(opened.ws, opened.run, opened.origin, opened.fingerprint, segment)


@remembered(entries=256)
def _user_view(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, str, tuple[str, ...]]
) -> UserView:
    del fingerprint  # tells answers apart
    user, baseline, _ = asked
    return forecasts.user_view(ws, run, user, origin, baseline)


@remembered(spinner=mark("Looking for items that match"), entries=128)
def _topic_view(
    ws: Workspace,
    run: str,
    origin: Origin,
    fingerprint: str,
    asked: tuple[str, str, tuple[tuple[str, float], ...], tuple[str, ...]],
) -> TopicView:
    del fingerprint  # tells answers apart
    user, text, weights, _ = asked
    return forecasts.topic(ws, run, user, text, origin, dict(weights) or None)


@remembered(spinner=mark("Adding up the segments"), entries=16)
def _cohorts(
    ws: Workspace, run: str, origin: Origin, fingerprint: str, asked: tuple[str, tuple[str, ...]]
) -> tuple[CohortView, ...]:
    del fingerprint  # tells answers apart
    found = forecasts.segments(ws, run, origin)
    return tuple(forecasts.cohort(ws, run, segment.key, origin, asked[0]) for segment in found)


@remembered(mark("Gathering the users"), entries=16)
def _cohort_users(ws: Workspace, run: str, origin: Origin, fingerprint: str, segment: str) -> pd.DataFrame:
    del fingerprint  # tells answers apart
    return cohort_service.users(ws, run, segment, origin)
