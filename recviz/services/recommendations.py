"""Recommendations of a run: the table for export, and one user's ranked items with value and long-term effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.errors import InvalidSettingError
from recviz.forecast.activity import has_curves
from recviz.forecast.categories import remembered_categories
from recviz.forecast.curves import predict_users
from recviz.language import tr
from recviz.model.predictor import Predictor
from recviz.recommend import ranking
from recviz.recommend.effect import long_term_effect
from recviz.services.workspace import Origin, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendedItem:
    """One ranked item and what is said of it."""

    rank: int
    """1 is best."""
    item_id: str
    title: str
    category: str
    probability: float
    """Chance that the next event is of this item, among the items that may be shown."""
    value: float | None
    """Expected rating or quantity in the log's own unit, or the chance of a yes; ``None`` where the log has none."""
    effect: float | None
    """Change of the expected active days over the horizon if it were taken; ``None`` in a log with an order only."""
    seen: bool
    """Whether the user had it before the origin."""


def recommend_table(  # noqa: PLR0913 - from when, and what may be shown
    ws: Workspace,
    run_id: str,
    top: int = 200,
    *,
    exclude_seen: bool = True,
    origin: Origin = "cut",
    blocked: Sequence[str] = (),
    newcomers: bool = False,
) -> pd.DataFrame:
    """Return the top items of every user with history: columns ``user_id, item_id, rank, score``.

    ``score`` is the probability for the next event among the items that may be shown.

    Args:
        ws: The workspace.
        run_id: The run.
        top: Most items a user.
        exclude_seen: Leave out what the user had before.
        origin: Where to look ahead from.
        blocked: Items that nobody may be shown.
        newcomers: Show only items that nobody has had before the origin.

    Raises:
        NotFoundError: If a blocked item is not in the log.
        InvalidSettingError: If ``top`` is below 1, or the run knows no item that nobody has had.
    """
    predictor = ws.predictor(run_id, origin)
    rows = _not_shown(predictor, blocked, newcomers=newcomers)
    return ranking.recommend_table(predictor, top, exclude_seen=exclude_seen, blocked=rows)


def recommend_user(  # noqa: PLR0913 - who, from when, and what may be shown
    ws: Workspace,
    run_id: str,
    user_id: str,
    origin: Origin = "cut",
    top: int = 10,
    *,
    exclude_seen: bool = True,
    blocked: Sequence[str] = (),
    newcomers: bool = False,
) -> tuple[RecommendedItem, ...]:
    """Return one user's ranked items, best first; see `recommend_table`.

    Raises:
        NotFoundError: If the log has no such user or blocked item.
        InvalidSettingError: If ``top`` is below 1, or the run knows no item that nobody has had.
    """
    predictor = ws.predictor(run_id, origin)
    dataset = predictor.dataset
    user = dataset.user_index(user_id)
    rows = _not_shown(predictor, blocked, newcomers=newcomers)
    ranked = ranking.rank_users(predictor, np.array([user]), top, exclude_seen=exclude_seen, blocked=rows)
    probability = ranked.probability[0].double().cpu().numpy()
    position = ranked.position[0].cpu().numpy()[probability > 0]
    items = predictor.candidates[position]
    seen = np.isin(items, predictor.history(user).item)
    values = _values(predictor, user, position)
    effects = _effects(predictor, user, items)
    categories = remembered_categories(predictor)
    return tuple(
        RecommendedItem(
            rank=at + 1,
            item_id=str(dataset.item_ids[item]),
            title=dataset.title(int(item)),
            category=categories.labels[categories.code[item]],
            probability=float(probability[at]),
            value=values[at],
            effect=effects[at],
            seen=bool(seen[at]),
        )
        for at, item in enumerate(items)
    )


def has_newcomers(ws: Workspace, run_id: str, origin: Origin = "cut") -> bool:
    """Whether a run may recommend items that nobody has had before the origin.

    Raises:
        NotFoundError: If there is no such run.
    """
    predictor = ws.predictor(run_id, origin)
    return not _had(predictor)[predictor.candidates].all()


def _not_shown(predictor: Predictor, blocked: Sequence[str], *, newcomers: bool) -> NDArray[np.int64]:
    """Return the rows of the item table that nobody is shown: the blocked ones, or all but newcomers.

    Raises:
        NotFoundError: If the log has no such blocked item.
        InvalidSettingError: If there are no newcomers.
    """
    rows = np.array([predictor.dataset.item_index(item) for item in blocked], np.int64)
    if not newcomers:
        return rows
    had = _had(predictor)
    if had[predictor.candidates].all():
        raise InvalidSettingError.of(
            tr("Every item that the run knows has been had before"),
            tr("items that nobody has had"),
            tr("Bring the log with a table of items that lists what is still to come, and train again"),
        )
    return np.concatenate([rows, np.flatnonzero(had)])


def _had(predictor: Predictor) -> NDArray[np.bool_]:
    """Tell which rows of the item table have an event of any kind before the origin, ``(items,)``."""
    return predictor.view.items(predictor.dataset.manifest.n_items)


def _values(predictor: Predictor, user: int, position: NDArray[np.int64]) -> list[float] | list[None]:
    expected = predictor.expected_values(predict_users(predictor, [user]))
    return [None] * len(position) if expected is None else [float(expected[0, at]) for at in position]


def _effects(predictor: Predictor, user: int, items: NDArray[np.int64]) -> list[float] | list[None]:
    if not has_curves(predictor):
        return [None] * len(items)
    return [float(change) for change in long_term_effect(predictor, user, items).total_change()]
