"""Segments of users: by rule, and by what the model sees alike in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recviz.baselines.shares import past_mix
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.errors import NotFoundError
from recviz.forecast.categories import remembered_categories
from recviz.forecast.curves import remembered_volumes
from recviz.forecast.remembered import Remembered
from recviz.forecast.user_states import cluster_labels, cluster_states
from recviz.forecast.users import UserLists, last_times, remembered_user_lists
from recviz.language import mark, retold
from recviz.model.predictor import Predictor

EVERYBODY = "all"
"""Key of the segment of all users."""
MOST_VALUES = 12
"""Segments that one attribute makes at most; rarer values are left out."""
AGES = (28, 91, 182)
"""Days that bound tenure and last seen."""
MOSTLY = 0.5
"""Share of a user's past events from which on a category is what the user mostly takes."""

UNKNOWN = mark("unknown")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A group of users with history."""

    key: str
    """Names the segment in links and commands: "activity:4"."""
    group: str
    """What the users are told apart by: "Activity", "First seen", "Last seen", or an attribute's name."""
    label: str
    rows: NDArray[np.intp]
    """Positions among the users with history."""
    is_attribute: bool = False
    """Whether group and label are the log's own words."""

    @property
    def group_told(self) -> str:
        """The group in the language of now."""
        return self.group if self.is_attribute else retold(self.group)

    @property
    def told(self) -> str:
        """The label in the language of now."""
        return self.label if self.is_attribute and self.label != UNKNOWN else retold(self.label)

    def __len__(self) -> int:
        return len(self.rows)


def list_segments(predictor: Predictor) -> tuple[Segment, ...]:
    """Return everybody and the segments by activity, tenure, category share, last seen, attributes and user states.

    Raises:
        UnsupportedError: If there are no curves: an order only, or a run that holds out last events.
    """
    lists = remembered_user_lists(predictor)
    return (
        _everybody(lists),
        *_by_activity(lists),
        *_by_age(predictor, "first", mark("First seen"), _first_times(predictor)),
        *_by_age(predictor, "last", mark("Last seen"), last_times(predictor, remembered_volumes(predictor).users)),
        *_by_category(predictor),
        *_by_attributes(predictor),
        *_by_state(predictor, lists),
    )


remembered_segments = Remembered(list_segments)


def find_segment(predictor: Predictor, key: str) -> Segment:
    """Return the segment of this key.

    Raises:
        NotFoundError: If there is none.
    """
    if key == EVERYBODY:  # without clustering the others: Home asks for nothing else
        return _everybody(remembered_user_lists(predictor))
    for segment in remembered_segments(predictor):
        if segment.key == key:
            return segment
    raise NotFoundError.of(f"There is no segment {key!r}", "the cohort view", "Pick one from the list")


def _everybody(lists: UserLists) -> Segment:
    return Segment(key=EVERYBODY, group=mark("Everybody"), label=mark("All users"), rows=np.arange(len(lists.frame)))


def _by_activity(lists: UserLists) -> list[Segment]:
    """Quarter the users by past active days; equal users share a quarter, so that quarters may differ in size."""
    rank = pd.Series(lists.past.sum(1)).rank(method="average", pct=True).to_numpy()
    quarter = np.clip(np.ceil(rank * 4), 1, 4).astype(int)
    names = (
        mark("least active quarter"), mark("second quarter"), mark("third quarter"), mark("most active quarter"),
    )  # fmt: skip
    return _filled(
        Segment(key=f"activity:{number}", group=mark("Activity"), label=name, rows=np.flatnonzero(quarter == number))
        for number, name in enumerate(names, start=1)
    )


def _by_age(predictor: Predictor, key: str, group: str, time: NDArray[np.int64]) -> list[Segment]:
    """Part the users by the days from an instant of theirs to the origin."""
    age = np.searchsorted(AGES, (predictor.instant - time) / MICROSECONDS_PER_DAY)
    names = (
        mark(f"within {AGES[0]} days before the origin"),
        *(mark(f"{low + 1} to {high} days before") for low, high in pairwise(AGES)),
        mark(f"over {AGES[-1]} days before"),
    )
    return _filled(
        Segment(key=f"{key}:{number}", group=group, label=name, rows=np.flatnonzero(age == number))
        for number, name in enumerate(names)
    )


def _by_category(predictor: Predictor) -> list[Segment]:
    """Part the users by the category that makes half of their past interest or more; the rarest join in one segment."""
    labels, mix = remembered_categories(predictor).labels, remembered_mix(predictor)
    total = mix.sum(axis=1)
    share = mix / np.maximum(total, 1)[:, None]
    first = np.where(share.max(axis=1, initial=0) >= MOSTLY, share.argmax(axis=1), -1)
    frequent = np.argsort(-np.bincount(first[first >= 0], minlength=len(labels)), kind="stable")[:MOST_VALUES]
    return _filled(
        (
            *(
                Segment(
                    key=f"category={labels[at]}",
                    group=mark("Category share"),
                    label=mark(f"half or more {labels[at]}"),
                    rows=np.flatnonzero(first == at),
                )
                for at in frequent
            ),
            Segment(
                key="category:other",
                group=mark("Category share"),
                label=mark("half or more of a rarer category"),
                rows=np.flatnonzero((first >= 0) & ~np.isin(first, frequent)),
            ),
            Segment(
                key="category:mixed",
                group=mark("Category share"),
                label=mark("no category makes half"),
                rows=np.flatnonzero(first < 0),
            ),
        )
    )


def _by_state(predictor: Predictor, lists: UserLists) -> list[Segment]:
    """Part the users by clusters of the model's states of them; nothing where there are too few for two clusters."""
    code = cluster_states(remembered_volumes(predictor).states)
    if not code.any():
        return []
    labels = cluster_labels(
        code, lists.frame["expected"].to_numpy(np.float64), remembered_mix(predictor), remembered_categories(predictor)
    )
    return _filled(
        Segment(key=f"state:{number}", group=mark("Seen alike"), label=label, rows=np.flatnonzero(code == number - 1))
        for number, label in enumerate(labels, start=1)
    )


def _mix(predictor: Predictor) -> Floats:
    categories, kinds = remembered_categories(predictor), predictor.dataset.target_kinds
    past = past_mix(predictor.view, kinds, categories.code, len(categories), predictor.instant)
    return past.own[remembered_volumes(predictor).users]


remembered_mix = Remembered(_mix)
"""Past target events of each user with history in each category, ``(users, C)``."""


def _by_attributes(predictor: Predictor) -> list[Segment]:
    users = predictor.dataset.users.iloc[remembered_volumes(predictor).users]
    return [
        Segment(
            key=f"{name}={value}",
            group=name,
            label=value or UNKNOWN,
            rows=np.flatnonzero(users[name] == value),
            is_attribute=True,
        )
        for name in predictor.dataset.manifest.user_attributes
        for value in users[name].value_counts().index[:MOST_VALUES].astype(str)
    ]


def _first_times(predictor: Predictor) -> NDArray[np.int64]:
    store = predictor.dataset.store
    return np.asarray(store.time)[store.offsets[remembered_volumes(predictor).users]]


def _filled(segments: Iterable[Segment]) -> list[Segment]:
    return [segment for segment in segments if len(segment)]
