"""How much of a log's text the default backbone can read."""

from collections.abc import Sequence
from functools import cache

from recviz.model.config import RunConfig
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder

_LONGEST = 128
"""Tokens of an item's text that are looked at."""


def unknown_share(texts: Sequence[str]) -> float:
    """Return the share of the texts' tokens that the default backbone cannot read, 0 to 1.

    Raises:
        BackboneError: If it is not installed.
    """
    return _default_encoder().unknown_share(texts)


@cache
def _default_encoder() -> TextEncoder:
    return TextEncoder(load_backbone(RunConfig().backbone), _LONGEST)
