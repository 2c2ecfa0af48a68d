"""The tasks: the model and its baselines answer the same question, and are compared user by user."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.boosted import BoostedCounts
from recviz.baselines.counts import CountBaseline, CountForecast, OwnRate, PopulationRate, ShrunkenRate
from recviz.baselines.ranking import ItemNeighbours, PastItems, Popularity, Ranker, TextNeighbours
from recviz.baselines.shares import BlendedMix, EveryonesMix, PastMix, ShareBaseline, ShrunkenMix
from recviz.errors import UnsupportedError
from recviz.evaluate.bootstrap import Losses, compare
from recviz.evaluate.counts import count_scores, user_deviance
from recviz.evaluate.held_out import Activity
from recviz.evaluate.ranking import Targets, baseline_hits, ranking_scores, user_ndcg
from recviz.evaluate.result import MODEL, Comparison, Method, Stratum, Task, TaskName
from recviz.evaluate.shares import share_scores, user_log_loss

Floats = NDArray[np.float64]
STRATA = ((0, 0), (1, 1), (2, 3), (4, 7), (8, None))
"""Active days over the last horizon before the cut, both ends included."""
LEAST_USERS = 20
"""In a stratum that is compared."""
MAIN_CUT = 10
COUNT_BASELINES: tuple[CountBaseline, ...] = (PopulationRate(), OwnRate(), ShrunkenRate(), BoostedCounts())
SHARE_BASELINES: tuple[ShareBaseline, ...] = (EveryonesMix(), ShrunkenMix(), BlendedMix())


@dataclass(frozen=True, slots=True)
class Candidate:
    """One method's answer, ready to be compared."""

    method: Method
    per_user: Floats
    """The task's main measure, ``(users,)``."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a task asks, in terms of the result."""

    name: TaskName
    measure: str
    lower_is_better: bool
    present: NDArray[np.int64]
    """Active days over the last horizon before the cut of each scored user, ``(users,)``; empty where there are no times."""

    def task(self, candidates: Sequence[Candidate], failed: Sequence[Method] = ()) -> Task:
        """Compare the first candidate, the model, with the best of the others."""
        model, others = candidates[0], candidates[1:]
        sign = 1 if self.lower_is_better else -1
        best = min(others, key=lambda candidate: sign * candidate.per_user.mean())
        return Task(
            name=self.name,
            measure=self.measure,
            lower_is_better=self.lower_is_better,
            users=len(model.per_user),
            methods=(*(candidate.method for candidate in candidates), *failed),
            comparison=self._compared(model, best, np.arange(len(model.per_user))),
            strata=tuple(self._stratum(model, best, low, high) for low, high in STRATA) if len(self.present) else (),
        )

    def _compared(self, model: Candidate, best: Candidate, users: NDArray[np.intp]) -> Comparison:
        losses = Losses(best.method.name, best.per_user[users])
        return compare(model.per_user[users], losses, self.measure, lower_is_better=self.lower_is_better)

    def _stratum(self, model: Candidate, best: Candidate, low: int, high: int | None) -> Stratum:
        inside = np.flatnonzero((self.present >= low) & (self.present <= (np.inf if high is None else high)))
        return Stratum(
            name=stratum_name(low, high),
            users=len(inside),
            model=float(model.per_user[inside].mean()) if len(inside) else None,
            baseline=float(best.per_user[inside].mean()) if len(inside) else None,
            comparison=self._compared(model, best, inside) if len(inside) >= LEAST_USERS else None,
        )


def stratum_name(low: int, high: int | None) -> str:
    """Name users by their active days over the last horizon."""
    if high is None:
        return f"{low} or more active days"
    return f"{low} active day{'' if low == 1 else 's'}" if low == high else f"{low} to {high} active days"


@dataclass(frozen=True, slots=True)
class CountAnswer:
    """The counts task, and what the files about single users need."""

    task: Task
    best: CountForecast
    """The best baseline's forecast of all users of the log."""


def count_task(activity: Activity, model: CountForecast) -> CountAnswer:
    """Compare forecasts of active days.

    Args:
        activity: Before and after the cut.
        model: For the users with history and the scored periods, ``(U, scored)``.
    """
    scored, users = activity.scored, activity.users
    candidates = [_count_candidate(MODEL, activity.actual, model)]
    forecasts: dict[str, CountForecast] = {}
    failed = []
    for baseline in COUNT_BASELINES:
        try:
            whole = baseline.forecast(activity.past, activity.horizon)
        except UnsupportedError as error:
            failed.append(Method(name=baseline.name, is_model=False, scores={}, failure=error.problems[0].what))
            continue
        part = CountForecast(whole.mean[users, :scored], None if whole.shape is None else whole.shape[users])
        forecasts[baseline.name] = whole
        candidates.append(_count_candidate(baseline.name, activity.actual, part))
    task = Question("counts", "deviance", lower_is_better=True, present=present_activity(activity)).task(
        candidates, failed
    )
    return CountAnswer(task, forecasts[task.comparison.baseline])


def _count_candidate(name: str, actual: Floats, said: CountForecast) -> Candidate:
    scores = count_scores(actual, said.mean, said.chance_active())
    return Candidate(Method(name=name, is_model=name == MODEL, scores=scores), user_deviance(actual, said.mean))


def share_task(past: PastMix, actual: Floats, model: Floats, activity: Activity) -> Task | None:
    """Compare forecasts of mixes over the users with target events before and after the cut; ``None`` if there are none.

    Args:
        past: Of all users of the log.
        actual: All users' target events after the cut by category, ``(users, C)``.
        model: The model's expected events by category, ``(U, C)``.
        activity: For the users with history and their strata.
    """
    users = activity.users
    both = (past.own[users].sum(axis=1) > 0) & (actual[users].sum(axis=1) > 0)
    if not both.any():
        return None
    scored, counts = PastMix(past.own[users[both]], past.everyone), actual[users[both]]
    answers = [(MODEL, model[both]), *((baseline.name, baseline.mix(scored)) for baseline in SHARE_BASELINES)]
    candidates = [
        Candidate(
            Method(name=name, is_model=name == MODEL, scores=share_scores(counts, mix)), user_log_loss(counts, mix)
        )
        for name, mix in answers
    ]
    return Question("shares", "log_loss_user", lower_is_better=True, present=present_activity(activity)[both]).task(
        candidates
    )


def rankers(past: PastItems, vectors: NDArray[np.float32], week_before: int | None) -> tuple[Ranker, ...]:
    """Fit the ranking baselines.

    Args:
        past: Before the cut.
        vectors: Unit text vectors of the candidates from the untuned language model, ``(I, H)``.
        week_before: Instant 7 days before the cut, microseconds; ``None`` where there are no times.
    """
    popular: list[Ranker] = [Popularity.fit(past, "most popular")]
    if week_before is not None:
        popular.append(Popularity.fit(past, "most popular in the last 7 days", week_before))
    return (*popular, TextNeighbours.fit(past, vectors), ItemNeighbours.fit(past))


def ranking_task(
    name: TaskName,
    targets: Targets,
    model_hits: NDArray[np.bool_],
    baselines: Sequence[Ranker],
    present: NDArray[np.int64],
) -> Task:
    """Compare rankings.

    Args:
        name: ``ranking``, or ``ranking_new`` for what users never had.
        targets: At least one user.
        model_hits: ``(U, 200)``.
        baselines: Fitted before the cut.
        present: Active days lately of the targets' users, ``(U,)``, or empty.
    """
    candidates = [_ranking_candidate(MODEL, model_hits, targets)]
    candidates += [_ranking_candidate(ranker.name, baseline_hits(ranker, targets), targets) for ranker in baselines]
    return Question(name, f"ndcg@{MAIN_CUT}", lower_is_better=False, present=present).task(candidates)


def _ranking_candidate(name: str, hits: NDArray[np.bool_], targets: Targets) -> Candidate:
    method = Method(name=name, is_model=name == MODEL, scores=ranking_scores(hits, targets.count))
    return Candidate(method, user_ndcg(hits, targets.count, MAIN_CUT))


def present_activity(activity: Activity) -> NDArray[np.int64]:
    """Return active days over the last horizon before the cut of the users with history, ``(U,)``."""
    horizon = activity.horizon
    return activity.past.counts(horizon.origin - horizon.days, horizon.origin)[activity.users]
