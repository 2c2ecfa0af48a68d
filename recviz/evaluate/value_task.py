"""The value task: what users gave, or whether they did it, beside user and item biases."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from recviz.baselines.values import ValueBaseline
from recviz.evaluate.held_out import ValuedPairs
from recviz.evaluate.result import MODEL, Method, Task
from recviz.evaluate.tasks import Candidate, Question

Floats = NDArray[np.float64]
LEAST_CHANCE = 1e-6
NUMBER_MEASURE, CHANCE_MEASURE = "mse_user", "log_loss_user"


def value_task(
    pairs: ValuedPairs,
    model: Floats,
    baselines: Sequence[ValueBaseline],
    present: NDArray[np.int64],
    *,
    is_chance: bool,
) -> Task:
    """Compare expected values.

    Args:
        pairs: At least one, with at least one value before the cut.
        model: The model's values, ``(n,)``.
        baselines: At least one.
        present: Active days lately of all users of the log, ``(users,)``, or empty.
        is_chance: Whether values are yes or no.
    """
    answers = [(MODEL, model)]
    answers += [(baseline.name, baseline.values(pairs.past, pairs.user, pairs.position)) for baseline in baselines]
    measure = CHANCE_MEASURE if is_chance else NUMBER_MEASURE
    users, candidates = np.unique(pairs.user), []
    for name, said in answers:
        _, per_user = user_value_losses(pairs, said, is_chance=is_chance)
        scores = chance_scores(pairs.actual, said) if is_chance else number_scores(pairs.actual, said)
        method = Method(name=name, is_model=name == MODEL, scores={measure: float(per_user.mean()), **scores})
        candidates.append(Candidate(method, per_user))
    lately = present[users] if len(present) else present
    return Question("value", measure, lower_is_better=True, present=lately).task(candidates)


def user_value_losses(pairs: ValuedPairs, said: Floats, *, is_chance: bool) -> tuple[NDArray[np.int64], Floats]:
    """Return rows of the user table, and each one's mean squared error, or log-loss of a chance, ``(users,)``."""
    users, row = np.unique(pairs.user, return_inverse=True)
    loss = _log_loss(pairs.actual, said) if is_chance else (said - pairs.actual) ** 2
    return users, np.bincount(row, loss) / np.bincount(row)


def number_scores(actual: Floats, said: Floats) -> Mapping[str, float | None]:
    """Return ``rmse`` and ``mae`` over events, in the log's own unit; both arguments are ``(n,)``."""
    return {"rmse": float(np.sqrt(((said - actual) ** 2).mean())), "mae": float(np.abs(said - actual).mean())}


def chance_scores(actual: Floats, said: Floats) -> Mapping[str, float | None]:
    """Return ``log_loss`` (nats) and ``auc`` over events; ``actual`` is 0 or 1, both are ``(n,)``."""
    both = 0 < actual.sum() < len(actual)
    return {
        "log_loss": float(_log_loss(actual, said).mean()),
        "auc": float(roc_auc_score(actual > 0, said)) if both else None,
    }


def _log_loss(actual: Floats, said: Floats) -> Floats:
    chance = np.clip(said, LEAST_CHANCE, 1 - LEAST_CHANCE)
    return np.asarray(-(actual * np.log(chance) + (1 - actual) * np.log1p(-chance)))
