"""Clusters of user states: users whose next weeks the model sees alike, named by what stands out in them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recviz.forecast.categories import Categories
from recviz.forecast.clusters import nearest, settled_centres
from recviz.language import mark

CLUSTERS = 6
FEWEST_USERS = 10
"""Users of a cluster on average, at least: fewer make fewer clusters."""
OFTEN, SELDOM = 1.5, 0.67
"""Expected days above or below everybody's by these factors stand out."""

Floats = NDArray[np.float64]

# U users, C categories


def cluster_states(states: NDArray[np.float32], seed: int = 0) -> NDArray[np.int64]:
    """Part users by the direction of their centred states, largest cluster first.

    States share much that says nothing of a single user; the mean is taken away first, so that what differs counts.

    Args:
        states: Unit length, ``(U, D)``.
        seed: Of the first centres.

    Returns:
        The cluster of each user, ``(U,)``.
    """
    count = min(CLUSTERS, len(states) // FEWEST_USERS)
    if count < 2:  # noqa: PLR2004 - one cluster is everybody
        return np.zeros(len(states), np.int64)
    centred = states.astype(np.float64)
    centred -= centred.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    in_order = centred[np.lexsort(centred.T)]  # so that the names of users, by which rows are sorted, choose nothing
    first = in_order[np.random.default_rng(seed).choice(len(centred), count, replace=False)]
    code = nearest(centred, settled_centres(centred, first))
    sizes = np.bincount(code, minlength=count)
    place = np.empty(count, np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(count)
    return place[code]


def cluster_labels(code: NDArray[np.int64], expected: Floats, mix: Floats, categories: Categories) -> tuple[str, ...]:
    """Name each cluster by how active its users will be and by the category that stands out in their past.

    Args:
        code: The cluster of each user, ``(U,)``.
        expected: Active days expected over the horizon, ``(U,)``.
        mix: Past target events of each category, ``(U, C)``.
        categories: What the columns of ``mix`` are called.

    Returns:
        One label a cluster, all different.
    """
    everyone = _shares(mix.sum(axis=0))
    labels: list[str] = []
    for cluster in range(int(code.max(initial=-1)) + 1):
        inside = code == cluster
        own = _shares(mix[inside].sum(axis=0))
        most = int((own - everyone).argmax())
        rate = expected[inside].mean() / max(expected.mean(), 1e-12)
        named = categories.labels[most]
        often, seldom = mark(f"often, more {named}"), mark(f"seldom, more {named}")
        label = often if rate >= OFTEN else seldom if rate <= SELDOM else mark(f"more {named}")
        labels.append(_distinct(label, labels))
    return tuple(labels)


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / max(float(counts.sum()), 1e-12))


def _distinct(label: str, others: Sequence[str]) -> str:
    number = 2
    wanted = label
    while wanted in others:
        wanted = f"{label} ({number})"
        number += 1
    return wanted
