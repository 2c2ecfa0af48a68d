"""What an item's vector is made of beside its text, and what of it is compared with states."""

import torch
from torch import Tensor
from torch.nn import functional

SHORTEST = 1.0
"""Shorter item vectors are scored as short as they are: an item of which nothing is known has no direction."""

GAIN_IS_ONE = 9
"""Events of an item whose own vector moves as its weights do; fewer move it less, more move it farther."""
LARGEST_GAIN = 20.0
"""Just above the largest that was met in measuring, 19.4."""

# I items, D width


def directions(vectors: Tensor) -> Tensor:
    """Turn item vectors ``(..., D)`` into what states are compared with: of length 1, so that an item is near or far.

    How often it sells is its bias's to say; in the length, it would put what sells before what is near, and items without
    a vector of their own behind all others.

    References:
        Yi, X. et al. (2019). Sampling-bias-corrected neural modeling for large corpus item recommendations. RecSys.
    """
    return functional.normalize(vectors, dim=-1, eps=SHORTEST)


def own_gain(n_events: Tensor, has_text: Tensor, least: int) -> Tensor:
    """Return how far items' own vectors move for what their weights do, ``(I,)``: as the square root of their events.

    The optimiser moves every weight as far, whether three events or three thousand tell it where to. In steps that are right
    for the three, what is often had stays where its text put it; in longer ones, the three are thrown about. An item without
    a text has a gain of 1: where no item has one, there is nothing to keep to, and the rate is right as it is.

    Args:
        n_events: Target events of each item that are learnt from, ``(I,)``.
        has_text: bool ``(I,)``.
        least: Items with fewer events have no vector of their own, and a gain of 0.
    """
    beside_text = (n_events / GAIN_IS_ONE).sqrt().clamp(max=LARGEST_GAIN)
    return torch.where(n_events >= max(1, least), torch.where(has_text, beside_text, 1), 0)
