"""Why a recommendation or a point of a curve is what it is, and what would be if the history were another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recviz.explain.explanation import Explanation
from recviz.services.workspace import Origin, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedEvent:
    """A hypothetical event."""

    item_id: str
    days_before_origin: float = 0.0
    """0 is just before the origin."""
    kind: str | None = None
    """``None`` is the log's most frequent kind of interest."""
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfResult:
    """Recommendations and curves before and after a change of the history."""

    run: str
    user_id: str
    active_days: pd.DataFrame
    """``period`` (1..K), ``before``, ``after``: expected active days. Empty for a log with an order only."""
    recommendations: pd.DataFrame
    """``item_id``, ``title``, ``before``, ``after`` (probabilities at the next visit), ``rank_before``, ``rank_after``:
    the items among the first ten on either side, likeliest after the change first."""
    total_before: float
    """Expected active days over the horizon."""
    total_after: float


def explain_recommendation(  # noqa: PLR0913 - what is explained is named by this many things
    workspace: Workspace,
    run_id: str,
    user_id: str,
    item_id: str,
    origin: Origin = "cut",
    k: int = 0,
    n_detailed: int = 5,
) -> Explanation: ...


def explain_curve(  # noqa: PLR0913 - what is explained is named by this many things
    workspace: Workspace,
    run_id: str,
    user_id: str,
    origin: Origin = "cut",
    k: int | None = None,
    *,
    category: str | None = None,
    topic: str | None = None,
    n_detailed: int = 5,
) -> Explanation: ...


def look_into(workspace: Workspace, run_id: str, explanation: Explanation, positions: Sequence[int]) -> Explanation: ...


def what_if(
    workspace: Workspace,
    run_id: str,
    user_id: str,
    origin: Origin,
    off: Sequence[int],
    add: Sequence[AddedEvent] = (),
) -> WhatIfResult: ...
