"""Typed words matched to item texts: by the untuned language model and by the words themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.errors import InvalidSettingError, NotFoundError, Problem, UnsupportedError
from recviz.forecast.remembered import Remembered
from recviz.forecast.words import SAYS_NOTHING, same_word, words
from recviz.model.predictor import Predictor

LOWER, UPPER = 2.5, 4.5
"""Score up to which an item's weight is 0, and from which it is 1; in standard deviations of similarity."""
WORD_BONUS = 3.5
"""Added to the score where every typed word is in the item's text; less where some are."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedItem:
    """One item that a topic matched, or that was added by hand."""

    item_id: str
    title: str
    similarity: float
    """How far the item's likeness to the topic stands out, in standard deviations."""
    words: tuple[str, ...]
    """The item's words that are the topic's."""
    weight: float
    """From 0 to 1: the part of the item's events that counts for the topic."""
    edited: bool
    """Whether the weight was set by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """A topic's items."""

    text: str
    items: tuple[MatchedItem, ...]
    """Highest weight first; those set to 0 by hand stay listed."""
    weight: Floats
    """Weight of each item of the item table, ``(items,)``."""


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What matching needs to know of the candidates' texts."""

    words: tuple[tuple[str, ...], ...]
    """Of each candidate, ``(I,)``."""
    mean: Floats
    """Mean cosine of each candidate with all others, ``(I,)``."""
    spread: Floats
    """Standard deviation of the same, ``(I,)``."""


def match_topic(predictor: Predictor, text: str, overrides: Mapping[str, float] | None = None) -> TopicMatch:
    """Find the items that typed words mean.

    An item's similarity is its cosine with the topic, standardised twice and the lower of both taken: against the
    catalogue's likeness to the topic, so that the item stands out, and against the item's likeness to the catalogue,
    so that words that mean nothing here match nothing. Words in common add to it. The weight rises in a line from 0 at
    `LOWER` to 1 at `UPPER`.

    Args:
        predictor: A run opened at an origin.
        text: The topic's words.
        overrides: Item id -> weight from 0 to 1, in place of what is matched; may add items.

    Raises:
        UnsupportedError: If no item matches.
        NotFoundError: If an override names no candidate item.
        InvalidSettingError: If an override is outside 0 to 1.
    """
    edited = _checked(predictor, overrides or {})
    scores, similarity, shared = _scores(predictor, text)
    weight = np.clip((scores - LOWER) / (UPPER - LOWER), 0.0, 1.0)  # (I,)
    if not weight.any() and not any(edited.values()):
        raise UnsupportedError.of(
            f"No item matches {text!r}", "the topic", "Try other words, such as those in the items' titles"
        )
    for at, value in edited.items():
        weight[at] = value
    listed = [int(at) for at in np.lexsort((-scores, -weight)) if weight[at] > 0 or at in edited]
    dataset = predictor.dataset
    over_table = np.zeros(len(dataset.items))
    over_table[predictor.candidates] = weight
    items = tuple(
        MatchedItem(
            item_id=str(dataset.item_ids[predictor.candidates[at]]),
            title=dataset.title(int(predictor.candidates[at])),
            similarity=float(similarity[at]),
            words=shared[at],
            weight=float(weight[at]),
            edited=at in edited,
        )
        for at in listed
    )
    return TopicMatch(text=text, items=items, weight=over_table)


def word_match(topic: Sequence[str], items: Sequence[Sequence[str]]) -> tuple[Floats, list[tuple[str, ...]]]:
    """Tell what part of the topic's words each item has.

    Args:
        topic: The topic's words; those that say nothing, such as "for", count only where there are no others.
        items: Each item's words.

    Returns:
        From 0 to 1, ``(items,)``, and the words of each item that are the topic's.
    """
    vocabulary = {word for item in items for word in item}
    telling = [word for word in topic if word not in SAYS_NOTHING] or topic
    alike = {typed: {word for word in vocabulary if same_word(typed, word)} for typed in dict.fromkeys(telling)}
    has = np.array([[not alike[typed].isdisjoint(item) for typed in alike] for item in items], dtype=np.float64)
    share = has.reshape(len(items), len(alike)).sum(1) / max(len(alike), 1)
    every = set().union(*alike.values())
    return share, [tuple(dict.fromkeys(word for word in item if word in every)) for item in items]


def _scores(predictor: Predictor, text: str) -> tuple[Floats, Floats, list[tuple[str, ...]]]:
    catalogue = _remembered_catalogue(predictor)
    share, shared = word_match(words(text), catalogue.words)
    vectors = predictor.pretrained_vectors
    cosine = (vectors @ predictor.embed_topic(text)).astype(np.float64)  # (I,)
    mean, spread = _of_others(cosine, cosine.sum(), (cosine**2).sum())
    standing_out = (cosine - mean) / spread
    unusual = (cosine - catalogue.mean) / catalogue.spread
    similarity = np.minimum(standing_out, unusual)
    has_words = np.array([bool(item) for item in catalogue.words], dtype=bool)
    return np.where(has_words, similarity + WORD_BONUS * share**2, -np.inf), similarity, shared


def _catalogue(predictor: Predictor) -> _Catalogue:
    vectors = predictor.pretrained_vectors.astype(np.float64)  # (I, H)
    total = vectors @ vectors.sum(0)
    squares = np.einsum("ih,ih->i", vectors @ (vectors.T @ vectors), vectors)
    itself = np.einsum("ih,ih->i", vectors, vectors)
    mean, spread = _of_others(itself, total, squares)
    return _Catalogue(tuple(tuple(words(each.text)) for each in predictor.item_texts), mean, spread)


def _of_others(own: Floats, total: Floats | float, squares: Floats | float) -> tuple[Floats, Floats]:
    """Return mean and spread of all values but each item's own, so that it stands out in a small catalogue too."""
    others = max(len(own) - 1, 1)
    mean = (total - own) / others
    return mean, np.sqrt(np.maximum((squares - own**2) / others - mean**2, 1e-6))


_remembered_catalogue = Remembered(_catalogue)


def _checked(predictor: Predictor, overrides: Mapping[str, float]) -> dict[int, float]:
    outside = [
        Problem(f"The weight {weight} of item {item!r} is not from 0 to 1", "weights of the topic", "Correct it")
        for item, weight in overrides.items()
        if not 0 <= weight <= 1
    ]
    if outside:
        raise InvalidSettingError(outside)
    positions = {int(predictor.position[predictor.dataset.item_index(item)]): w for item, w in overrides.items()}
    if -1 in positions:
        raise NotFoundError.of(
            "A weight is given to an item that was not there at the origin", "weights of the topic", "Leave it out"
        )
    return positions
