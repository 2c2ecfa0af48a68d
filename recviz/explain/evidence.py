"""Evidence beside attribution: users in a like state and what they did next, and the item's nearest items.

What is shown as "next" lies before the origin, like everything else that an explanation may know.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.explain.moments import moment
from recviz.explain.scalars import candidate_position
from recviz.forecast.remembered import Remembered
from recviz.model.predictor import Predictor

USERS = 5_000
"""Most users whose states are compared; the latest active ones where there are more."""
NEXT = 5
"""Events that are shown of each user."""

Floats = NDArray[np.float64]

# U users, D width of a state, I candidates, H width of the language model


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEvent:
    """Something that a similar user did next."""

    item_id: str
    title: str
    kind: str
    time: str
    """ISO 8601 UTC; the position in a log that has an order only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarUser:
    """A user who was once in a state like this one."""

    user_id: str
    similarity: float
    """Cosine of the two states, from which the mean state is taken off, -1 to 1."""
    seen_at: str
    """The moment of that state."""
    n_next: int
    """Events between that moment and the origin (leave-one-out: those of the last known time)."""
    next: tuple[NextEvent, ...]
    """The first few of them."""
    took_item: bool
    """Whether the explained item is among them; ``False`` where no item is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearItem:
    """An item near another."""

    item_id: str
    title: str
    similarity: float
    """Cosine, -1 to 1."""
    had: bool
    """Whether the user had it before the origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks beside the attribution; nothing here was computed from it."""

    run: str
    user_id: str
    similar: tuple[SimilarUser, ...]
    """Most alike first."""
    share_took_item: float
    """Share of those similar users who took the item next."""
    share_of_everyone: float
    """Share of all compared users who did."""
    n_compared: int
    near_in_text: tuple[NearItem, ...]
    """By the untuned language model; empty where no item is asked for."""
    near_in_identity: tuple[NearItem, ...]
    """By what the run learnt of items beyond their texts; empty where this item has too few events for that."""


@dataclass(frozen=True, slots=True)
class _States:
    users: NDArray[np.intp]
    """``(U,)``."""
    instants: NDArray[np.int64]
    """The moment of each state, ``(U,)``."""
    vectors: Floats
    """Unit vectors of the states less their mean, ``(U, D)``."""
    mean: Floats
    """``(D,)``."""


def evidence_for(predictor: Predictor, user: int, item: int | None = None, n: int = 10) -> Evidence:
    """Find users who were once in a like state, and items near the explained one.

    States are those of the next visit's mark, one horizon before the origin (leave-one-out: just before the last known
    time), so that what those users did next is known and lies before the origin.

    Args:
        predictor: The model at its origin.
        user: Row of the user table.
        item: Row of the item table; ``None`` where a curve is explained.
        n: How many users, and items of each kind.

    Raises:
        UnsupportedError: If the item may not be recommended at this origin.
    """
    if item is not None:
        candidate_position(predictor, item)
    states = remembered_states(predictor)
    similarity = states.vectors @ _unit(
        _state(predictor, predictor.history(user), predictor.instant_of(user)) - states.mean
    )
    likest = [int(at) for at in np.argsort(-similarity, kind="stable") if states.users[at] != user][:n]
    similar = tuple(
        _similar_user(predictor, int(states.users[at]), int(states.instants[at]), float(similarity[at]), item)
        for at in likest
    )
    everyone = _took(predictor, states, item) if item is not None else np.zeros(len(states.users), dtype=bool)
    others = everyone[states.users != user]
    had = set(predictor.history(user).item.tolist())
    return Evidence(
        run=predictor.fingerprint,
        user_id=str(predictor.dataset.user_ids[user]),
        similar=similar,
        share_took_item=float(np.mean([one.took_item for one in similar])) if similar else 0.0,
        share_of_everyone=float(others.mean()) if len(others) else 0.0,
        n_compared=len(others),
        near_in_text=() if item is None else _near(predictor, predictor.pretrained_vectors, item, n, had),
        near_in_identity=()
        if item is None
        else _near(predictor, predictor.item_identity.double().cpu().numpy(), item, n, had),
    )


def _states_of_everyone(predictor: Predictor) -> _States:
    instants, users = [], []
    for user in predictor.users.tolist():
        instant = _reference(predictor, predictor.history(user))
        if instant is not None:
            users.append(user)
            instants.append(instant)
    known = [predictor.history(user).before(instant) for user, instant in zip(users, instants, strict=True)]
    if len(users) > USERS:
        latest = np.lexsort([[-len(history) for history in known], [-int(history.time[-1]) for history in known]])
        kept = np.sort(latest[:USERS])
        users, instants, known = ([part[at] for at in kept] for part in (users, instants, known))
    if not users:
        width = predictor.item_vectors.shape[1]
        return _States(np.empty(0, np.intp), np.empty(0, np.int64), np.empty((0, width)), np.zeros(width))
    states = predictor.predict(known, instants).z[:, 0].double().cpu().numpy()
    mean = states.mean(axis=0)
    return _States(np.array(users), np.array(instants), _unit(states - mean), mean)


remembered_states = Remembered(_states_of_everyone)


def _reference(predictor: Predictor, history: History) -> int | None:
    """Return the moment from which a user's "next" is looked at; ``None`` where nothing was before it."""
    if predictor.split.kind == "time":
        edges = predictor.split.edges(predictor.instant)
        instant = int(predictor.instant - (edges[-1] - edges[0]))
    else:
        instant = int(history.time[-1])
    return instant if len(history.before(instant)) else None


def _state(predictor: Predictor, history: History, instant: int) -> Floats:
    with torch.no_grad():
        state: Floats = predictor.predict([history], [instant]).z[0, 0].double().cpu().numpy()
    return state


def _similar_user(predictor: Predictor, user: int, instant: int, similarity: float, item: int | None) -> SimilarUser:
    dataset = predictor.dataset
    later = _later(predictor, user, instant)
    events = tuple(
        NextEvent(
            item_id=str(dataset.item_ids[later.item[at]]),
            title=dataset.title(int(later.item[at])),
            kind=dataset.manifest.kinds[int(later.kind[at])].name,
            time=moment(dataset, int(later.time[at])),
        )
        for at in range(min(NEXT, len(later)))
    )
    return SimilarUser(
        user_id=str(dataset.user_ids[user]),
        similarity=similarity,
        seen_at=moment(dataset, instant),
        n_next=len(later),
        next=events,
        took_item=item is not None and bool((later.item == item).any()),
    )


def _later(predictor: Predictor, user: int, instant: int) -> History:
    """Return the target events of a user from a moment on, as far as this origin knows them."""
    history = predictor.history(user)
    return history.take((history.time >= instant) & predictor.dataset.target_kinds[history.kind])


def _took(predictor: Predictor, states: _States, item: int) -> NDArray[np.bool_]:
    pairs = zip(states.users.tolist(), states.instants.tolist(), strict=True)
    return np.array([bool((_later(predictor, user, at).item == item).any()) for user, at in pairs], dtype=bool)


def _near(
    predictor: Predictor, vectors: NDArray[np.floating], item: int, n: int, had: set[int]
) -> tuple[NearItem, ...]:
    unit = _unit(vectors.astype(np.float64))  # (I, H)
    own = candidate_position(predictor, item)
    if not unit[own].any():
        return ()
    cosine = unit @ unit[own]
    cosine[own] = -np.inf
    cosine[~unit.any(axis=1)] = -np.inf
    nearest = [int(at) for at in np.argsort(-cosine, kind="stable")[:n] if np.isfinite(cosine[at])]
    dataset = predictor.dataset
    rows = predictor.candidates
    return tuple(
        NearItem(
            item_id=str(dataset.item_ids[rows[at]]),
            title=dataset.title(int(rows[at])),
            similarity=float(cosine[at]),
            had=int(rows[at]) in had,
        )
        for at in nearest
    )


def _unit(vectors: Floats) -> Floats:
    """Scale to length 1; the zero vector stays."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return unit
