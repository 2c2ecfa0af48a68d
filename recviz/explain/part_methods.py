"""Ways to divide an event over its parts: one interface, one score, one pair of ends for each part.

Every method gets the same `PartPath` and returns one number for each place: the tokens, then identity, kind, value and
time. What the places sum to is compared with what the parts change together; what is missing is told as a gap.

References:
    Sundararajan, M., Taly, A., Yan, Q. (2017). Axiomatic attribution for deep networks. ICML (integrated gradients).
    Shrikumar, A. et al. (2017). Learning important features through propagating activation differences. ICML
    (gradient x input).
    Zeiler, M., Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV (occlusion).
    Lundberg, S., Lee, S.-I. (2017). A unified approach to interpreting model predictions. NeurIPS; Owen, G. (1977).
    Values of games with a priori unions (the partition explainer).
"""

import numpy as np
import torch
from numpy.typing import NDArray

from recviz.explain.choices import PartMethod
from recviz.explain.path import PartPath, Units
from recviz.explain.shap_library import owen_values

NODES = 32
"""Gauss-Legendre nodes of the integral."""

# E events, T tokens, P = T + 4 places, U units of one event (words and other parts)


def divide(path: PartPath, method: PartMethod = "integrated gradients", nodes: int = NODES) -> NDArray[np.float64]:
    """Divide each event's effect over its places.

    Args:
        path: The score as a function of the events' parts.
        method: integrated gradients follows the straight line from baseline to part; gradient x input takes the slope
            at the part alone, times the distance; word occlusion puts one word (or other part) at its baseline;
            partition gives Owen values over event, field and word.
        nodes: Of the integral, for integrated gradients.

    Returns:
        In the scalar's unit, ``(E, P)``; 0 on padding. Methods that know words only give each token an equal part.
    """
    match method:
        case "integrated gradients":
            return integrated_gradients(path, nodes, np.arange(len(path)))
        case "gradient x input":
            return _gradient_times_input(path)
        case "word occlusion":
            return _occlusion(path)
        case "partition":
            return _partition(path)


def integrated_gradients(path: PartPath, nodes: int, events: NDArray[np.int64]) -> NDArray[np.float64]:
    """Follow the line from baseline to part for some of the path's events, ``(n, P)``; see `divide`."""
    from captum.attr import IntegratedGradients

    index = torch.from_numpy(events).to(path.texts.embeddings.device)
    inputs = tuple(part[index] for part in path.inputs())
    gradients = IntegratedGradients(path.score).attribute(
        inputs,
        tuple(part[index] for part in path.baselines()),
        additional_forward_args=(index,),
        n_steps=nodes,
        method="gausslegendre",
        internal_batch_size=max(len(index), path.rows_at_once),
    )
    return _placed(gradients)


def _gradient_times_input(path: PartPath) -> NDArray[np.float64]:
    found = []
    index = torch.arange(len(path), device=path.texts.embeddings.device)
    for rows in index.split(path.rows_at_once):
        moved = [part[rows].detach().requires_grad_() for part in path.inputs()]
        slopes = torch.autograd.grad(path.score(*moved, rows).sum(), moved)
        ends = zip(slopes, moved, path.baselines(), strict=True)
        found.append(_placed(tuple(slope * (part - base[rows]) for slope, part, base in ends)))
    return np.concatenate(found)


def _occlusion(path: PartPath) -> NDArray[np.float64]:
    units = [path.units(row) for row in range(len(path))]
    index = np.concatenate([np.full(1 + len(unit), row) for row, unit in enumerate(units)])
    present = np.concatenate([_without_one(unit) for unit in units])
    found = path.scores_with(index, present)
    values = np.zeros((len(path), present.shape[1]))
    start = 0
    for row, unit in enumerate(units):
        scores = found[start : start + 1 + len(unit)]
        values[row] = _spread(unit, scores[0] - scores[1:])
        start += 1 + len(unit)
    return values


def _partition(path: PartPath) -> NDArray[np.float64]:
    rows = []
    for row in range(len(path)):
        unit = path.units(row)

        def scores(masks: NDArray[np.bool_], row: int = row, unit: Units = unit) -> NDArray[np.float64]:
            return path.scores_with(np.full(len(masks), row), _places_of(unit, masks))

        rows.append(_spread(unit, owen_values(scores, unit.field)))
    return np.stack(rows)


def _without_one(unit: Units) -> NDArray[np.bool_]:
    """All places, then all but each unit's, ``(1 + U, P)``."""
    return _places_of(unit, np.concatenate([np.ones((1, len(unit)), dtype=bool), ~np.eye(len(unit), dtype=bool)]))


def _places_of(unit: Units, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Turn present units ``(R, U)`` into present places ``(R, P)``; padding and markers always are."""
    return np.where(unit.of_place >= 0, present[:, np.maximum(unit.of_place, 0)], True)  # noqa: FBT003 - a value


def _spread(unit: Units, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide each unit's value evenly over its places, ``(P,)``."""
    stands = unit.of_place >= 0
    sizes = np.bincount(unit.of_place[stands], minlength=len(unit))
    spread: NDArray[np.float64] = np.where(stands, (values / sizes)[np.maximum(unit.of_place, 0)], 0.0)
    return spread


def _placed(parts: tuple[torch.Tensor, ...]) -> NDArray[np.float64]:
    """Sum over widths and put the parts side by side, ``(E, P)``."""
    tokens, *others = (part.detach().double().sum(-1).cpu().numpy() for part in parts)
    return np.column_stack([tokens, *others])
