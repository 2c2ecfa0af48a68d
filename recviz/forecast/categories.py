"""Categories of items: the log's own, or clusters of item texts; and each category's part of a user's interest."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.errors import InvalidLogError, Problem
from recviz.forecast.activity import require_curves
from recviz.forecast.clusters import UNKNOWN, cluster_items
from recviz.forecast.curves import batches, predict_users
from recviz.forecast.remembered import Remembered
from recviz.model.prediction import Prediction, mark_probabilities
from recviz.model.predictor import Predictor

USERS_PER_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """A partition of the item table into C categories."""

    labels: tuple[str, ...]
    code: NDArray[np.int64]
    """Category of each item of the item table, ``(items,)``."""
    source: Literal["log", "clusters", "given"]
    """Where they come from: the log's own column, clusters of item texts, or a mapping given afterwards."""

    def __len__(self) -> int:
        return len(self.labels)

    def of_candidates(self, predictor: Predictor) -> Tensor:
        """Return the category of each candidate, int64 ``(I,)``, where the model's numbers are."""
        return torch.as_tensor(self.code[predictor.candidates], device=predictor.item_vectors.device)


def categories_of(predictor: Predictor) -> Categories:
    """Return the log's categories, or clusters of item texts where it has none."""
    if predictor.dataset.manifest.has_categories:
        return _from_labels(predictor.dataset.items["category"].replace("", UNKNOWN), "log")
    labels, code = cluster_items(predictor)
    return Categories(labels=labels, code=code, source="clusters")


remembered_categories = Remembered(categories_of)


def given_categories(item_ids: NDArray[np.object_], mapping: pd.DataFrame) -> Categories:
    """Read a mapping given afterwards; items that it leaves out are of category "?".

    Args:
        item_ids: The log's items.
        mapping: Columns ``item_id, category``; items that the log does not have are of no account.

    Raises:
        InvalidLogError: If a column is missing or an item is named twice.
    """
    missing = [name for name in ("item_id", "category") if name not in mapping]
    if missing:
        raise InvalidLogError(
            [
                Problem(f"The table of categories has no column {name!r}", f"columns {', '.join(map(str, mapping))}",
                        "Give a table with the columns item_id and category")
                for name in missing
            ]
        )  # fmt: skip
    of_item = mapping.set_index(mapping["item_id"].astype(str))["category"]
    if of_item.index.has_duplicates:
        twice = of_item.index[of_item.index.duplicated()][0]
        raise InvalidLogError.of(
            f"The table of categories names {int(of_item.index.duplicated().sum()):,} items more than once",
            f"first {twice!r}", "Keep one row for each item",
        )  # fmt: skip
    labels = of_item.reindex(pd.Index(item_ids.astype(str)))
    return _from_labels(labels.where(labels.notna(), UNKNOWN).astype(str), "given")


def shares_table(predictor: Predictor, mapping: pd.DataFrame) -> pd.DataFrame:
    """Return each category's share of each user's interest over the horizon, for any mapping.

    Args:
        predictor: A run opened at an origin.
        mapping: Columns ``item_id, category``.

    Returns:
        Columns ``user_id, category, share``: every user with history with every category; shares add up to 1.

    Raises:
        InvalidLogError: If the mapping lacks a column or names an item twice.
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    require_curves(predictor)
    categories = given_categories(predictor.dataset.item_ids, mapping)
    users = np.asarray(predictor.users, dtype=np.intp)
    sums = [
        partition_interest(predictor, predict_users(predictor, batch), categories).sum(1)
        for batch in batches(users, USERS_PER_BATCH)
    ]
    events = np.concatenate([np.zeros((0, len(categories))), *sums])  # (U, C)
    share = events / events.sum(1, keepdims=True)
    present = np.unique(categories.code[predictor.candidates])
    return pd.DataFrame(
        {
            "user_id": np.repeat(predictor.dataset.user_ids[users], len(present)),
            "category": np.tile(np.array(categories.labels, dtype=object)[present], len(users)),
            "share": share[:, present].ravel(),
        }
    )


@torch.inference_mode()
def partition_interest(predictor: Predictor, prediction: Prediction, categories: Categories) -> NDArray[np.float64]:
    """Return expected target events of each period and category, ``(B, K, C)``; categories add up to the total.

    The same as `recviz.model.prediction.interest` with a one-hot column for each category, without that table.
    """
    code = categories.of_candidates(predictor)
    volume = (prediction.mu * prediction.depth[:, None]).double()  # (B, K), expected events
    periods = volume.shape[1]
    chance = volume.new_zeros(len(prediction), periods, len(categories))
    for k in range(1, periods + 1):
        marks = mark_probabilities(prediction, predictor.item_vectors, k)  # (B, I)
        chance[:, k - 1].index_add_(1, code, marks.double())
    return np.asarray((volume[..., None] * chance).cpu().numpy(), np.float64)


def _from_labels(labels: "pd.Series[str]", source: Literal["log", "given"]) -> Categories:
    code, names = pd.factorize(labels, sort=True)
    return Categories(labels=tuple(str(name) for name in names), code=code.astype(np.int64), source=source)
