"""What would be if the history, the moment or an item's title were another: recommendations and curves, before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.split import to_microseconds
from recviz.errors import InvalidSettingError, NotFoundError
from recviz.explain import whatif
from recviz.explain.counterfactual import LIST, Counterfactual, smallest_change
from recviz.explain.moments import moment
from recviz.forecast.activity import has_curves
from recviz.forecast.categories import partition_interest, remembered_categories
from recviz.language import tr
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
class EditedEvent:
    """A past event as it might have been; what is ``None`` stays."""

    position: int
    """Place in the history, 0 = oldest."""
    item_id: str | None = None
    days_before_origin: float | None = None
    """Positions in a log that has an order only."""
    kind: str | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """All that is supposed to be otherwise."""

    off: Sequence[int] = ()
    """Places of past events that are switched off, 0 = oldest."""
    add: Sequence[AddedEvent] = ()
    edit: Sequence[EditedEvent] = ()
    moved_to: str | None = None
    """Another day to look ahead from (ISO 8601, UTC); a position in a log that has an order only."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Item id -> another title, of the item as a candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfResult:
    """Recommendations and curves before and after a change."""

    run: str
    """Run id and checkpoint hash."""
    user_id: str
    instant_before: str
    """The moment that is looked ahead from, ISO 8601 UTC, or a position."""
    instant_after: str
    active_days: pd.DataFrame
    """``period`` (1..K, from each side's own moment), ``before``, ``after``: expected active days. Empty where there are
    no curves."""
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


def what_if(
    ws: Workspace,
    run_id: str,
    user_id: str,
    origin: Origin = "cut",
    off: Sequence[int] = (),
    add: Sequence[AddedEvent] = (),
) -> WhatIfResult:
    """Predict with past events switched off and hypothetical ones added; see `suppose` for other changes.

    Raises:
        NotFoundError: If the log has no such user, item or kind.
        InvalidSettingError: If there is no such past event, or an added one is after the origin.
    """
    return suppose(ws, run_id, user_id, Supposed(off=off, add=add), origin)


def suppose(ws: Workspace, run_id: str, user_id: str, supposed: Supposed, origin: Origin = "cut") -> WhatIfResult:
    """Predict with a changed history, from another moment, or with another title of a candidate.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        supposed: What is otherwise.
        origin: ``cut`` or ``now``.

    Raises:
        NotFoundError: If the log has no such user, item or kind.
        InvalidSettingError: If there is no such past event, an event is changed twice or after the origin, or the
            moment is none or beyond the horizon.
        UnsupportedError: If an item with another title is no candidate at this origin.
    """
    predictor = ws.predictor(run_id, origin)
    user = predictor.dataset.user_index(user_id)
    instant, history = predictor.instant_of(user), predictor.history(user)
    change = _change(predictor, instant, supposed)
    both = whatif.what_if(predictor, history, instant, change)
    return WhatIfResult(
        run=predictor.fingerprint,
        user_id=user_id,
        instant_before=moment(predictor.dataset, instant),
        instant_after=moment(predictor.dataset, both.instant_after),
        active_days=_active_days(predictor, both),
        categories=_categories(predictor, both),
        recommendations=_recommendations(predictor, both),
    )


def what_it_would_take(
    ws: Workspace, run_id: str, user_id: str, item_id: str, origin: Origin = "cut", places: int = LIST
) -> Counterfactual:
    """Return the smallest set of past events without which an item would not be among the first ``places``.

    Raises:
        NotFoundError: If the log has no such user or item.
        UnsupportedError: If the item may not be recommended at this origin.
        InvalidSettingError: If the item is not in the list to begin with.
    """
    predictor = ws.predictor(run_id, origin)
    user = predictor.dataset.user_index(user_id)
    item = predictor.dataset.item_index(item_id)
    return smallest_change(predictor, predictor.history(user), predictor.instant_of(user), item, places)


def _change(predictor: Predictor, instant: int, supposed: Supposed) -> whatif.Change:
    moved = _moment_of(predictor, supposed.moved_to)
    looked_from = instant if moved is None else moved
    return whatif.Change(
        off=supposed.off,
        add=[_addition(predictor, looked_from, event) for event in supposed.add],
        edit=[_edit(predictor, looked_from, event) for event in supposed.edit],
        moved_to=moved,
        titles={predictor.dataset.item_index(item): title for item, title in supposed.titles.items()},
    )


def _moment_of(predictor: Predictor, written: str | None) -> int | None:
    if written is None:
        return None
    try:
        return to_microseconds(pd.Timestamp(written)) if predictor.dataset.has_times else int(written)
    except ValueError as error:
        raise InvalidSettingError.of(
            tr("{written!r} is no moment").format(written=written), tr("what-if"), tr("Write a day, as 2024-05-31")
        ) from error


def _addition(predictor: Predictor, instant: int, event: AddedEvent) -> whatif.Addition:
    usual = remembered_usual_event(predictor)
    return whatif.Addition(
        item=predictor.dataset.item_index(event.item_id),
        time=_days_before(predictor, instant, event.days_before_origin),
        kind=usual.kind if event.kind is None else _kind(predictor, event.kind),
        value=usual.value if event.value is None else event.value,
    )


def _edit(predictor: Predictor, instant: int, event: EditedEvent) -> whatif.Edit:
    days = event.days_before_origin
    return whatif.Edit(
        position=event.position,
        item=None if event.item_id is None else predictor.dataset.item_index(event.item_id),
        time=None if days is None else _days_before(predictor, instant, days),
        kind=None if event.kind is None else _kind(predictor, event.kind),
        value=event.value,
    )


def _days_before(predictor: Predictor, instant: int, days: float) -> int:
    return instant - round(days * (MICROSECONDS_PER_DAY if predictor.dataset.has_times else 1))


def _kind(predictor: Predictor, name: str) -> int:
    kinds = [kind.name for kind in predictor.dataset.manifest.kinds]
    if name not in kinds:
        raise NotFoundError.of(
            tr("There is no kind {name!r}").format(name=name),
            tr("this log"),
            tr("Use one of {names}").format(names=", ".join(kinds)),
        )
    return kinds.index(name)


def _active_days(predictor: Predictor, both: whatif.WhatIf) -> pd.DataFrame:
    if not has_curves(predictor):
        return pd.DataFrame({"period": [], "before": [], "after": []})
    before, after = (side.mu[0].double().cpu().numpy() for side in (both.before, both.after))
    return pd.DataFrame({"period": np.arange(1, len(before) + 1), "before": before, "after": after})


def _categories(predictor: Predictor, both: whatif.WhatIf) -> pd.DataFrame:
    if not has_curves(predictor):
        return pd.DataFrame({"category": [], "before": [], "after": []})
    categories = remembered_categories(predictor)
    before, after = (
        partition_interest(model, side, categories)[0].sum(axis=0)
        for model, side in ((predictor, both.before), (both.model_after, both.after))
    )
    return pd.DataFrame({"category": list(categories.labels), "before": before, "after": after})


def _recommendations(predictor: Predictor, both: whatif.WhatIf) -> pd.DataFrame:
    before, after = _next_visit(predictor, both.before), _next_visit(both.model_after, both.after)
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
