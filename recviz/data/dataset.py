"""A dataset at rest: an immutable folder that every other part reads through this one door."""

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.data.sequences import SequenceStore
from recviz.errors import NotFoundError

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of event, such as purchase or return."""

    name: str
    count: int
    is_target: bool
    """Whether events of this kind count as interest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a dataset is and where it came from; ``manifest.json``."""

    id: str
    name: str
    source_name: str
    source_sha256: str
    created: str
    """ISO 8601, UTC."""
    ordering: Literal["time", "order"]
    n_rows_read: int
    n_events: int
    n_users: int
    n_items: int
    first_time: int
    """Microseconds since 1970 UTC (or positions), of the first event."""
    last_time: int
    kinds: tuple[Kind, ...]
    value_type: Literal["none", "number", "yes_no"]
    value_name: str = ""
    """What the log calls its value: "Quantity", "rating"."""
    has_item_table: bool
    """Whether the log came with its own table of items: then all of them are candidates at any origin."""
    has_categories: bool
    text_fields: tuple[str, ...] = ("title",)
    """Columns of the item table that make the item's text, in order."""
    user_attributes: tuple[str, ...] = ()
    mapping: dict[str, Any] = field(default_factory=dict)
    """Column roles and rules as given at ingestion, so that it can be repeated."""
    rejected: dict[str, int] = field(default_factory=dict)
    """Reason -> rows."""
    notes: tuple[str, ...] = ()
    """What was changed or is worth knowing, in sentences: duplicates, capped outliers, missing titles."""
    format: int = FORMAT

    @property
    def span_days(self) -> int:
        """Days from the first event to the last, both counted; 0 where only an order is known."""
        return (self.last_time - self.first_time) // MICROSECONDS_PER_DAY + 1 if self.ordering == "time" else 0

    def write(self, folder: Path) -> None:
        """Write ``manifest.json``."""
        (folder / "manifest.json").write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read ``manifest.json``."""
        raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        raw["kinds"] = tuple(Kind(**kind) for kind in raw["kinds"])
        for name in ("text_fields", "user_attributes", "notes"):
            raw[name] = tuple(raw[name])
        return cls(**raw)


class Dataset:
    """A stored log, opened for reading.

    The folder holds ``manifest.json``, ``events.parquet`` (user_id, item_id, timestamp or seq_pos, kind, value),
    ``items.parquet`` (item_id, title, category, further text columns; sorted by item_id's bytes: row = item index),
    ``users.parquet`` (user_id and attributes; sorted by user_id's bytes: row = user index), ``rejected.parquet``
    and ``sequences/``.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "manifest.json").is_file():
            raise NotFoundError.of(
                f"There is no dataset {folder.name!r}", str(folder.parent), "Pick one from the list of datasets"
            )
        self.folder = folder
        self.manifest = Manifest.read(folder)

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def has_times(self) -> bool:
        return self.manifest.ordering == "time"

    @cached_property
    def items(self) -> pd.DataFrame:
        """The item table, all columns strings ("" where unknown); row = item index."""
        return _read_strings(self.folder / "items.parquet")

    @cached_property
    def users(self) -> pd.DataFrame:
        """The user table: user_id and attributes, all strings; row = user index."""
        return _read_strings(self.folder / "users.parquet")

    @cached_property
    def store(self) -> SequenceStore:
        return SequenceStore.open(self.folder / "sequences")

    @cached_property
    def item_ids(self) -> NDArray[np.object_]:
        return self.items["item_id"].to_numpy(dtype=object)

    @cached_property
    def user_ids(self) -> NDArray[np.object_]:
        return self.users["user_id"].to_numpy(dtype=object)

    @cached_property
    def target_kinds(self) -> NDArray[np.bool_]:
        """Whether each kind counts as interest, ``(kinds,)``."""
        return np.array([kind.is_target for kind in self.manifest.kinds], dtype=bool)

    @cached_property
    def _user_index(self) -> dict[str, int]:
        return {str(user): index for index, user in enumerate(self.user_ids)}

    @cached_property
    def _item_index(self) -> dict[str, int]:
        return {str(item): index for index, item in enumerate(self.item_ids)}

    def user_index(self, user_id: str) -> int:
        """Return the user's row.

        Raises:
            NotFoundError: If the log has no such user.
        """
        if user_id not in self._user_index:
            raise NotFoundError.of(
                f"There is no user {user_id!r}", f"log {self.manifest.name}", "Pick a user from the list, or search"
            )
        return self._user_index[user_id]

    def item_index(self, item_id: str) -> int:
        """Return the item's row.

        Raises:
            NotFoundError: If the log has no such item.
        """
        if item_id not in self._item_index:
            raise NotFoundError.of(
                f"There is no item {item_id!r}", f"log {self.manifest.name}", "Pick an item from the list, or search"
            )
        return self._item_index[item_id]

    def title(self, item: int) -> str:
        """Return what a person would call the item: its title, or its id where it has none."""
        return str(self.items["title"].iloc[item]) or str(self.item_ids[item])


def open_dataset(datasets: Path, dataset_id: str) -> Dataset:
    """Open the dataset of this id below the folder of datasets.

    Raises:
        NotFoundError: If there is none.
    """
    if not dataset_id or not dataset_id.isascii() or not dataset_id.replace("-", "").replace("_", "").isalnum():
        raise NotFoundError.of(f"{dataset_id!r} is not a dataset id", "the link or command", "Pick a dataset by name")
    return Dataset(datasets / dataset_id)


def _read_strings(path: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame.astype(object)
