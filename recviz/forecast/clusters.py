"""Clusters of item texts, for logs without categories: fitted before the cut, named by their typical words."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from recviz.forecast.words import SAYS_NOTHING, words
from recviz.model.predictor import Predictor

UNKNOWN = "?"
"""The category of items that have none."""
FEWEST, MOST = 12, 20
TEXTS_PER_CLUSTER = 12
"""The number of clusters is the root of texts / 12, from 12 to 20: 480 texts make 12, 3,700 make 18."""
FEWEST_TEXTS = 5
"""In a small catalogue a cluster holds at least so many texts on average."""
LARGEST_FIT = 20_000
ROUNDS = 50
WORDS_PER_LABEL = 3
Floats = NDArray[np.float64]


def cluster_items(predictor: Predictor) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Cluster the candidates by text; what came after the cut joins the nearest cluster and moves none.

    Returns:
        Labels, and the cluster of each item of the item table, ``(items,)``; items without text or outside the
        candidates are in the last cluster, "?".
    """
    texts = [each.text for each in predictor.item_texts]  # (I,)
    distinct = sorted({text: row for row, text in reversed([*enumerate(texts)]) if text}.items())
    n_at_cut = len(predictor.trained_items.rows)  # they come first at any origin
    fitted = [(text, row) for text, row in distinct if row < n_at_cut]
    code = np.zeros(len(predictor.position), np.int64)
    if not fitted:
        return (UNKNOWN,), code
    vectors = predictor.pretrained_vectors.astype(np.float64)
    centres = fit_centres(vectors[[row for _, row in fitted]])
    clusters = nearest(vectors[[row for _, row in distinct]], centres)
    of_text = {text: int(cluster) for (text, _), cluster in zip(distinct, clusters, strict=True)}
    labels = typical_words([(text, of_text[text]) for text, _ in fitted], len(centres))
    code[:] = len(centres)
    code[predictor.candidates] = [of_text.get(text, len(centres)) for text in texts]
    return (*labels, UNKNOWN), code


def fit_centres(vectors: Floats, seed: int = 0) -> Floats:
    """Find cluster centres of unit vectors by k-means on the sphere.

    Args:
        vectors: Unit vectors in an order that does not depend on ids, ``(n, H)``.
        seed: Of the first centres.

    Returns:
        Unit vectors, ``(clusters, H)``.
    """
    step = -(-len(vectors) // LARGEST_FIT)
    sample = vectors[::step]
    count = int(np.clip(round((len(vectors) / TEXTS_PER_CLUSTER) ** 0.5), FEWEST, MOST))
    count = max(min(count, len(vectors) // FEWEST_TEXTS), 1)
    return settled_centres(sample, _first_centres(sample, count, np.random.default_rng(seed)))


def settled_centres(vectors: Floats, centres: Floats) -> Floats:
    """Move centres by Lloyd's steps on the sphere until no vector changes its centre.

    Args:
        vectors: Unit vectors, ``(n, H)``.
        centres: First centres, ``(clusters, H)``; one that loses all its vectors stays where it is.

    Returns:
        Unit vectors, ``(clusters, H)``.
    """
    code = nearest(vectors, centres)
    for _ in range(ROUNDS):
        sums = np.eye(len(centres))[code].T @ vectors
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 0, sums / np.maximum(norms, 1e-12), centres)
        moved = nearest(vectors, centres)
        if np.array_equal(moved, code):
            break
        code = moved
    return centres


def nearest(vectors: Floats, centres: Floats) -> NDArray[np.int64]:
    """Return the centre of highest cosine for each vector, ``(n,)``."""
    return np.asarray((vectors @ centres.T).argmax(1), np.int64)


def typical_words(texts: list[tuple[str, int]], count: int) -> list[str]:
    """Name each cluster by the words that are frequent in it and rare elsewhere (class-based tf-idf).

    Args:
        texts: Distinct item texts and their clusters.
        count: Number of clusters.

    Returns:
        One label a cluster, all different.

    References:
        Grootendorst, M. (2022). BERTopic: neural topic modeling with a class-based TF-IDF procedure.
    """
    inside: list[Counter[str]] = [Counter() for _ in range(count)]
    for text, cluster in texts:
        inside[cluster].update(set(words(text)) - SAYS_NOTHING)
    overall = sum(inside, Counter())
    average = sum(overall.values()) / max(count, 1)
    labels: list[str] = []
    for counter in inside:
        total = max(sum(counter.values()), 1)
        score = {word: n / total * np.log1p(average / overall[word]) for word, n in counter.items() if len(word) > 1}
        best = sorted(score, key=lambda word: (-score[word], word))
        label = ", ".join(best[:WORDS_PER_LABEL]) or "other"
        labels.append(label if label not in labels else f"{label} ({len(labels) + 1})")
    return labels


def _first_centres(vectors: Floats, count: int, draw: np.random.Generator) -> Floats:
    """Choose spread-out first centres (k-means++)."""
    chosen = [int(draw.integers(len(vectors)))]
    distance = 1 - vectors @ vectors[chosen[0]]
    while len(chosen) < count:
        weight = np.clip(distance, 0, None)
        if weight.sum() <= 0:
            break
        chosen.append(int(draw.choice(len(vectors), p=weight / weight.sum())))
        distance = np.minimum(distance, 1 - vectors @ vectors[chosen[-1]])
    return vectors[chosen]
