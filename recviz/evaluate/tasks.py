"""The tasks: the model and its baselines answer the same question, and are compared user by user."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.counts import CountBaseline, CountForecast
from recviz.baselines.shares import PastMix, ShareBaseline
from recviz.errors import UnsupportedError
from recviz.evaluate.bootstrap import Losses, compare
from recviz.evaluate.counts import count_scores, user_deviance
from recviz.evaluate.held_out import Activity
from recviz.evaluate.result import MODEL, Comparison, Method, Stratum, Task, TaskName
from recviz.evaluate.shares import share_scores, user_log_loss

Floats = NDArray[np.float64]
STRATA = ((0, 0), (1, 1), (2, 3), (4, 7), (8, None))
"""Active days over the last horizon before the cut, both ends included."""
LEAST_USERS = 20
"""In a stratum that is compared."""
MAIN_CUT = 10
"""Of a ranking: the first ten are judged first."""


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


def count_task(activity: Activity, model: CountForecast, baselines: Sequence[CountBaseline]) -> CountAnswer:
    """Compare forecasts of active days.

    Args:
        activity: Before and after the cut.
        model: For the users with history and the scored periods, ``(U, scored)``.
        baselines: At least one that fits on any past.
    """
    candidates = [_count_candidate(MODEL, activity.actual, model)]
    forecasts: dict[str, CountForecast] = {}
    failed = []
    for baseline in baselines:
        try:
            whole = baseline.forecast(activity.past, activity.horizon)
        except UnsupportedError as error:
            failed.append(Method(name=baseline.name, is_model=False, scores={}, failure=error.problems[0].what))
            continue
        forecasts[baseline.name] = whole
        candidates.append(_count_candidate(baseline.name, activity.actual, whole.part(activity.users, activity.scored)))
    task = Question("counts", "deviance", lower_is_better=True, present=present_activity(activity)).task(
        candidates, failed
    )
    return CountAnswer(task, forecasts[task.comparison.baseline])


def _count_candidate(name: str, actual: Floats, said: CountForecast) -> Candidate:
    scores = count_scores(actual, said.mean, said.chance_active())
    method = Method(name=name, is_model=name == MODEL, scores=scores, note=said.note)
    return Candidate(method, user_deviance(actual, said.mean))


def share_task(
    past: PastMix, actual: Floats, model: Floats, activity: Activity, baselines: Sequence[ShareBaseline]
) -> Task | None:
    """Compare forecasts of mixes over the users with target events before and after the cut; ``None`` if there are none.

    Args:
        past: Of all users of the log.
        actual: All users' target events after the cut by category, ``(users, C)``.
        model: The model's expected events by category, ``(U, C)``.
        activity: For the users with history and their strata.
        baselines: At least one.
    """
    users = activity.users
    both = (past.own[users].sum(axis=1) > 0) & (actual[users].sum(axis=1) > 0)
    if not both.any():
        return None
    scored, counts = PastMix(past.own[users[both]], past.everyone), actual[users[both]]
    answers = [(MODEL, model[both]), *((baseline.name, baseline.mix(scored)) for baseline in baselines)]
    candidates = [
        Candidate(
            Method(name=name, is_model=name == MODEL, scores=share_scores(counts, mix)), user_log_loss(counts, mix)
        )
        for name, mix in answers
    ]
    return Question("shares", "log_loss_user", lower_is_better=True, present=present_activity(activity)[both]).task(
        candidates
    )


def present_activity(activity: Activity) -> NDArray[np.int64]:
    """Return active days over the last horizon before the cut of the users with history, ``(U,)``."""
    horizon = activity.horizon
    return activity.past.counts(horizon.origin - horizon.days, horizon.origin)[activity.users]
