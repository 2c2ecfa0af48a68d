"""What a person asks to have explained, in the log's own ids: it goes into links and exports, and becomes a scalar."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from recviz.errors import InvalidSettingError, NotFoundError
from recviz.explain.contrasts import Difference
from recviz.explain.scalars import InterestLog, LongTermEffect, MarkLogProbability, Scalar, ValueScalar, VolumeLog
from recviz.forecast.categories import remembered_categories
from recviz.forecast.topics import match_topic
from recviz.language import tr
from recviz.model.predictor import Predictor

What = Literal["probability", "value", "effect", "activity", "category", "topic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One number of a recommendation or a curve."""

    what: What
    """probability, value or effect of an item; activity, or interest in a category or topic."""
    name: str = ""
    """The item's id, the category's label, or the topic's words."""
    k: int | None = None
    """Probability: 0 is the next visit. Curves: period 1 to K, ``None`` the whole horizon."""
    against: "Target | None" = None
    """What it is compared with: another item, another period; ``None`` explains the number by itself."""


def sign_of_reasons(target: Target, score: float) -> int:
    """Return 1 where what raises a number is the reason for it, and -1 where it is asked why a number is low.

    That is asked of a difference or a long-term effect below nought: there, what pushes down is the reason.
    """
    return -1 if score < 0 and (target.against is not None or target.what == "effect") else 1


def scalar_of(predictor: Predictor, target: Target) -> Scalar:
    """Turn what is asked into the number that is explained.

    Raises:
        NotFoundError: If the log has no such item, or the run no such category.
        InvalidSettingError: If the period is none.
        UnsupportedError: If no item matches the topic, or what is compared has nothing in common.
    """
    first = _number(predictor, target)
    return first if target.against is None else Difference(first, scalar_of(predictor, target.against))


def _number(predictor: Predictor, target: Target) -> Scalar:
    match target.what:
        case "probability":
            k = target.k or 0
            if not 0 <= k <= predictor.config.horizon or (k and predictor.split.kind != "time"):
                raise InvalidSettingError.of(
                    tr("There is no {period} {k}").format(period=tr(predictor.config.period), k=k),
                    tr("what to explain"),
                    tr("Give 0 for the next visit"),
                )
            return MarkLogProbability(predictor.dataset.item_index(target.name), k)
        case "value":
            return ValueScalar(predictor.dataset.item_index(target.name))
        case "effect":
            return LongTermEffect(predictor.dataset.item_index(target.name))
        case "activity":
            return VolumeLog(target.k)
        case "category":
            return _category(predictor, target)
        case "topic":
            weight = match_topic(predictor, target.name).weight[predictor.candidates]
            return InterestLog(weight.astype(np.float32), target.name, target.k)


def _category(predictor: Predictor, target: Target) -> InterestLog:
    categories = remembered_categories(predictor)
    if target.name not in categories.labels:
        raise NotFoundError.of(
            tr("There is no category {name!r}").format(name=target.name),
            tr("this run"),
            tr("Pick one of {names}").format(names=", ".join(categories.labels[:12])),
        )
    chosen = categories.code[predictor.candidates] == categories.labels.index(target.name)
    return InterestLog(chosen.astype(np.float32), target.name, target.k)
