"""Why a recommendation or a point of a curve is what it is, and what would be if the history were another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.errors import InvalidSettingError, NotFoundError
from recviz.explain import whatif
from recviz.explain.explainer import DETAILED, explain_score, with_details
from recviz.explain.explanation import Explanation
from recviz.explain.targets import Target
from recviz.forecast.categories import partition_interest, remembered_categories
from recviz.model.prediction import Prediction, mark_probabilities
from recviz.model.predictor import Predictor
from recviz.recommend.effect import remembered_usual_event
from recviz.services.workspace import Origin, Workspace

RECOMMENDED = 10
"""How many recommendations a what-if compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedEvent:
    """A hypothetical event."""

    item_id: str
    days_before_origin: float = 0.0
    """0 is at the origin; positions in a log that has an order only."""
    kind: str | None = None
    """``None`` is the log's most frequent kind of interest."""
    value: float | None = None
    """``None`` is the usual value of such events, where they have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfResult:
    """Recommendations and curves before and after a change of the history."""

    run: str
    """Run id and checkpoint hash."""
    user_id: str
    active_days: pd.DataFrame
    """``period`` (1..K), ``before``, ``after``: expected active days. Empty where there are no curves."""
    categories: pd.DataFrame
    """``category``, ``before``, ``after``: expected events over the horizon. Empty where there are no curves."""
    recommendations: pd.DataFrame
    """``item_id``, ``title``, ``before``, ``after`` (probabilities at the next visit), ``rank_before``, ``rank_after``:
    the items among the first ten on either side, likeliest after the change first."""

    @property
    def total_before(self) -> float:
        """Expected active days over the horizon."""
        return float(self.active_days["before"].sum())

    @property
    def total_after(self) -> float:
        """Expected active days over the horizon."""
        return float(self.active_days["after"].sum())


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

    Raises:
        NotFoundError: If the log has no such user or item.
        UnsupportedError: If the item may not be recommended at this origin, or the log has no such number.
    """
    target = Target(what=what, name=item_id, k=k if what == "probability" else None)
    return _explain(ws, run_id, user_id, origin, target, n_detailed)


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

    Raises:
        InvalidSettingError: If both a category and a topic are given.
        NotFoundError: If the log has no such user or category.
        UnsupportedError: If the log has an order only, the period is not on the curve, or no item matches the topic.
    """
    if category is not None and topic is not None:
        raise InvalidSettingError.of("Both a category and a topic are given", "what to explain", "Give one of them")
    target = Target(what="activity", k=k)
    if category is not None:
        target = Target(what="category", name=category, k=k)
    if topic is not None:
        target = Target(what="topic", name=topic, k=k)
    return _explain(ws, run_id, user_id, origin, target, n_detailed)


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


def what_if(
    ws: Workspace,
    run_id: str,
    user_id: str,
    origin: Origin = "cut",
    off: Sequence[int] = (),
    add: Sequence[AddedEvent] = (),
) -> WhatIfResult:
    """Predict with past events switched off and hypothetical ones added.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        origin: ``cut`` or ``now``.
        off: Positions of past events, 0 = oldest.
        add: Hypothetical events.

    Raises:
        NotFoundError: If the log has no such user, item or kind.
        InvalidSettingError: If there is no such past event, or an added one is after the origin.
    """
    predictor = ws.predictor(run_id, origin)
    user = predictor.dataset.user_index(user_id)
    instant = predictor.instant_of(user)
    added = [_addition(predictor, instant, event) for event in add]
    both = whatif.what_if(predictor, predictor.history(user), instant, off, added)
    return WhatIfResult(
        run=predictor.fingerprint,
        user_id=user_id,
        active_days=_active_days(predictor, both),
        categories=_categories(predictor, both),
        recommendations=_recommendations(predictor, both),
    )


def _explain(ws: Workspace, run_id: str, user_id: str, origin: Origin, target: Target, n_detailed: int) -> Explanation:
    predictor = ws.predictor(run_id, origin)
    return explain_score(predictor, predictor.dataset.user_index(user_id), target, n_detailed=n_detailed)


def _addition(predictor: Predictor, instant: int, event: AddedEvent) -> whatif.Addition:
    kinds = [kind.name for kind in predictor.dataset.manifest.kinds]
    if event.kind is not None and event.kind not in kinds:
        raise NotFoundError.of(f"There is no kind {event.kind!r}", "this log", f"Use one of {', '.join(kinds)}")
    unit = MICROSECONDS_PER_DAY if predictor.dataset.has_times else 1
    usual = remembered_usual_event(predictor)
    return whatif.Addition(
        item=predictor.dataset.item_index(event.item_id),
        time=instant - round(event.days_before_origin * unit),
        kind=usual.kind if event.kind is None else kinds.index(event.kind),
        value=usual.value if event.value is None else event.value,
    )


def _active_days(predictor: Predictor, both: whatif.WhatIf) -> pd.DataFrame:
    if predictor.split.kind != "time":
        return pd.DataFrame({"period": [], "before": [], "after": []})
    before, after = (side.mu[0].double().cpu().numpy() for side in (both.before, both.after))
    return pd.DataFrame({"period": np.arange(1, len(before) + 1), "before": before, "after": after})


def _categories(predictor: Predictor, both: whatif.WhatIf) -> pd.DataFrame:
    if predictor.split.kind != "time":
        return pd.DataFrame({"category": [], "before": [], "after": []})
    categories = remembered_categories(predictor)
    before, after = (
        partition_interest(predictor, side, categories)[0].sum(axis=0) for side in (both.before, both.after)
    )
    return pd.DataFrame({"category": list(categories.labels), "before": before, "after": after})


def _recommendations(predictor: Predictor, both: whatif.WhatIf) -> pd.DataFrame:
    before, after = (_next_visit(predictor, side) for side in (both.before, both.after))
    ranks = [torch.empty_like(side, dtype=torch.long) for side in (before, after)]
    for rank, side in zip(ranks, (before, after), strict=True):
        rank[torch.argsort(side, descending=True, stable=True)] = torch.arange(1, len(side) + 1, device=side.device)
    kept = torch.nonzero((ranks[0] <= RECOMMENDED) | (ranks[1] <= RECOMMENDED))[:, 0]
    items = predictor.candidates[kept.cpu().numpy()]
    frame = pd.DataFrame(
        {
            "item_id": predictor.dataset.item_ids[items],
            "title": [predictor.dataset.title(int(item)) for item in items],
            "before": before[kept].cpu().numpy(),
            "after": after[kept].cpu().numpy(),
            "rank_before": ranks[0][kept].cpu().numpy(),
            "rank_after": ranks[1][kept].cpu().numpy(),
        }
    )
    return frame.sort_values("rank_after", ignore_index=True)


def _next_visit(predictor: Predictor, prediction: Prediction) -> Tensor:
    with torch.no_grad():
        return mark_probabilities(prediction, predictor.item_vectors, 0)[0]  # (I,)
