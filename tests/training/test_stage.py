"""What a step lets the model see of the items."""

import pytest
import torch

from recviz.model.config import ALMOST_ALL
from tests.training.small import small_frame, trained

STARTS_AT = 0.02
"""Standard deviation of the items' own vectors before training."""


def test_what_only_events_can_tell_of_an_item_is_hidden_together(tmp_path):
    hidden, shown = (
        trained(small_frame(), tmp_path, name, identity_dropout=share, weight_decay=0.0).network
        for name, share in (("hidden", ALMOST_ALL), ("shown", 0.0))
    )

    assert not hidden.item_bias.any()
    often = hidden.own_gain > 1
    assert float(hidden.identities()[often].std()) == pytest.approx(STARTS_AT, rel=0.1)
    assert shown.item_bias.any()
    assert not torch.equal(shown.identity.weight, hidden.identity.weight)
