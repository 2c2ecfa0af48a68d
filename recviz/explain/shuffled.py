"""The same run with its weights shuffled: what an explanation may not depend on survives in it.

References:
    Adebayo, J. et al. (2018). Sanity checks for saliency maps. NeurIPS (the model parameter randomisation test).
"""

import copy
from dataclasses import replace

import torch

from recviz.model.predictor import Predictor


def shuffled(predictor: Predictor, seed: int = 0) -> Predictor:
    """Return a twin whose every weight of the encoder, the heads and the item tables is another of the same tensor.

    The log, its counts and the population's level stay: they are data. So do the texts' pooled vectors; what the
    network makes of them does not.
    """
    twin = copy.copy(predictor)
    twin.network = copy.deepcopy(predictor.network)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in twin.network.parameters():
            order = torch.randperm(weight.numel(), generator=generator).to(weight.device)
            weight.copy_(weight.flatten()[order].view_as(weight))
        twin.item_text, twin.item_identity, twin._own_bias = twin._item_tables()  # noqa: SLF001 - as when it was opened
        twin.item_vectors = twin.ready(twin.item_text + twin.item_identity)
    twin.fingerprint = f"{predictor.fingerprint}:shuffled-{seed}"
    # what the run's own weights answered must not be read for these
    twin.kept = replace(predictor.kept, origin=f"{predictor.origin}-shuffled", of=twin.fingerprint)
    return twin
