"""Networks and language models of a run, fresh or as they were trained."""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from recviz.data.dataset import Dataset
from recviz.data.split import Split, make_split
from recviz.errors import RunFailedError
from recviz.language import tr
from recviz.model.batch import Collator
from recviz.model.checkpoint import read_tensors
from recviz.model.config import RunConfig
from recviz.model.counts import MEMBERS, CountMember
from recviz.model.network import InterestNetwork, NetworkShape
from recviz.model.population import N_POPULARITY
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder
from recviz.text.tuning import with_lora

POPULARITY = "popularity_weight"
COUNTS = "counts."
GAIN, KNOWN = "own_gain", "is_known"


def build_network(config: RunConfig, dataset: Dataset, collator: Collator, sizes: tuple[int, int]) -> InterestNetwork:
    """Build the network of a run with fresh weights; ``sizes`` are the number of items and the width of the texts."""
    n_items, text_width = sizes
    shape = NetworkShape(
        text_width=text_width,
        n_items=n_items,
        n_kinds=int(collator.kind_place[-1]) + 1,
        periods=collator.periods,
        timed=dataset.has_times,
        value_is_chance=dataset.manifest.value_type == "yes_no",
    )
    return InterestNetwork(config, shape)


def network_weights(folder: Path) -> dict[str, Tensor]:
    """Read the network's weights from a model's folder, of this version or of one before it.

    Where popularity counted for the same in all periods (format 4), it still does; where it did not count how few items
    are new (formats 4 and 5), that still counts for nothing; where one network told of the counts (up to format 6), it is
    every member, and nothing is taken off what the events say of everybody; where all items' own vectors moved alike (up to
    format 7), they are as they were.
    """
    weights = _as_members(read_tensors(folder, "network"))
    weights.setdefault("shared_beyond", torch.zeros(len(weights["carry"]) - 1))
    if KNOWN in weights:
        weights[GAIN] = weights.pop(KNOWN).float()
    of_popularity = weights[POPULARITY]
    if of_popularity.dim() == 1:
        of_popularity = of_popularity.repeat(len(weights["carry"]), 1)
    weights[POPULARITY] = functional.pad(of_popularity, (0, N_POPULARITY - of_popularity.shape[1]))
    return weights


def _as_members(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    for name in CountMember().state_dict():
        weight = weights.pop(f"{COUNTS}{name}", None)
        if weight is not None:
            weights |= {f"{COUNTS}members.{at}.{name}": weight.clone() for at in range(MEMBERS)}
    return weights


def load_tuned(config: RunConfig, folder: Path) -> TextEncoder:
    """Load the backbone and put the run's tuned weights into it."""
    encoder = TextEncoder(load_backbone(config.backbone), config.max_tokens)
    if config.tuning == "lora":
        encoder.model = with_lora(encoder.model, config.lora_rank)
    if config.tuning != "frozen":
        missing = encoder.model.load_state_dict(read_tensors(folder, "text"), strict=False).unexpected_keys
        if missing:
            raise RunFailedError.of(
                tr("The tuned weights do not fit the backbone"),
                tr("{n} weights").format(n=len(missing)),
                tr("Train the run anew"),
            )
    for weight in encoder.parameters():
        weight.requires_grad = False
    return encoder.eval()


def split_of(dataset: Dataset, config: RunConfig) -> Split:
    """Return the instants of a run."""
    return make_split(dataset, config.split, config.cut, config.period, config.horizon)
