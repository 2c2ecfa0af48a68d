"""The samplers of the shap library, on games whose players are told by masks alone.

shap draws from numpy's global generator and seeds it; its state is put back, so that nothing else is touched.
"""

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

Scores = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""From masks ``(C, P)`` to scores ``(C,)``."""

_lock = threading.Lock()  # the generator is one for all threads

# P players, M pairs of walks


def permutation_values(scores: Scores, n_players: int, pairs: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Return Shapley values by shap's permutation sampler and their standard errors, each ``(P,)``.

    Args:
        scores: The game.
        n_players: ``P``, at least 1.
        pairs: Orders walked forwards and backwards, at least 2.
        seed: Of the orders.

    References:
        Mitchell, R. et al. (2022). Sampling permutations for Shapley value estimation. JMLR 23.
    """
    with _quiet_shap() as shap:
        explainer = shap.PermutationExplainer(_by_floats(scores), np.zeros((1, n_players)), seed=seed)
        found = explainer(
            np.ones((1, n_players)), max_evals=pairs * (2 * n_players + 1), error_bounds=True, silent=True
        )
    # the walk back is not independent of the walk out, so the pairs alone count as draws
    return found.values[0], found.error_std[0] / np.sqrt(pairs)


def owen_values(scores: Scores, groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return Owen values by shap's partition explainer over a hierarchy of two levels, ``(P,)``.

    Args:
        scores: The game.
        groups: The group of each player, ``(P,)``; neighbours in a group are joined first, then the groups.
    """
    n_players = len(groups)
    if n_players == 1:
        ends = scores(np.array([[False], [True]]))
        return np.diff(ends)
    with _quiet_shap() as shap:
        # by name, since an import that broke off once leaves shap without this attribute for good
        from shap.maskers import Partition

        masker = Partition(np.zeros((1, n_players)), clustering=hierarchy(groups))
        explainer = shap.PartitionExplainer(_by_floats(scores), masker)
        found = explainer(np.ones((1, n_players)), max_evals=4 * n_players**2, batch_size=64, silent=True)
    values: NDArray[np.float64] = found.values[0]
    return values


def hierarchy(groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Build the tree as scipy's linkage has it, ``(P - 1, 4)``: balanced inside each group, and balanced above them."""
    rows: list[tuple[float, ...]] = []
    made = [len(groups)]

    def join(nodes: list[tuple[int, int]]) -> tuple[int, int]:
        if len(nodes) == 1:
            return nodes[0]
        half = len(nodes) // 2
        left, right = join(nodes[:half]), join(nodes[half:])
        size = left[1] + right[1]
        rows.append((left[0], right[0], float(size), size))
        made[0] += 1
        return made[0] - 1, size

    join([join([(int(at), 1) for at in np.flatnonzero(groups == group)]) for group in dict.fromkeys(groups.tolist())])
    return np.array(rows, dtype=np.float64)


def _by_floats(scores: Scores) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda masks: scores(np.asarray(masks) > 0)


@contextmanager
def _quiet_shap() -> Iterator[ModuleType]:
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its plots warn on import; none of them is drawn here
        import shap

        state = np.random.get_state()  # noqa: NPY002 - shap draws from this one
        try:
            yield shap
        finally:
            np.random.set_state(state)  # noqa: NPY002 - the state that shap draws from
