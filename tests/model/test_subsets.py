"""Subsets of a history in one go are what removing the other events gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.model.subsets import collate_subsets
from recviz.model.values import ValueLevels
from tests.model.test_network import N_ITEMS, collator

OWN = ("own_item", "own_weight", "own_value")
LEVELS = ValueLevels(total=np.arange(N_ITEMS) / 2.0, count=np.arange(N_ITEMS), mean=0.2, prior=3.0, is_chance=False)
events = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, N_ITEMS - 1), st.integers(0, 1), st.sampled_from([1.0, 2.5, np.nan])),
    min_size=1,
    max_size=9,
)


@settings(max_examples=60, deadline=None)
@given(events=events, data=st.data(), max_history=st.sampled_from([2, 4, 16]))
def test_a_subset_is_the_history_without_the_others(events, data, max_history):
    """Catches: ranks counted over absent events, a window of absent ones, another season, wrong own shares or values."""
    day, item, kind, value = (np.array(column) for column in zip(*sorted(events, key=str), strict=True))
    order = np.argsort(day, kind="stable")
    log = History(
        item[order].astype(np.int32),
        day[order].astype(np.int64) * MICROSECONDS_PER_DAY // 2,
        kind[order].astype(np.int8),
        value[order].astype(np.float32),
    )
    instant = 9 * MICROSECONDS_PER_DAY
    rows = st.lists(st.lists(st.booleans(), min_size=len(log), max_size=len(log)), min_size=1, max_size=4)
    present = np.array(data.draw(rows))
    position = np.array([0, 1, -1, 3, 4, 5, 6, 7, 8])
    collate = collator(max_history=max_history, span_days=800.0, position=position, values=LEVELS)

    found = collate_subsets(collate, log, instant, present)

    left = [log.take(row) for row in present]
    expected = collate(left, [np.array([instant], np.int64)] * len(left), [len(row) for row in left])
    for name in expected.__dataclass_fields__:
        assert getattr(found, name).dtype == getattr(expected, name).dtype, name
        if name not in OWN:
            assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
    assert found.own_value.numpy() == pytest.approx(expected.own_value.numpy(), abs=1e-6)
    assert own_shares(found) == pytest.approx(own_shares(expected), abs=1e-6)


def own_shares(batch):
    shares = np.zeros((len(batch), N_ITEMS))
    for row in range(len(batch)):
        np.add.at(shares[row], batch.own_item[row].numpy(), batch.own_weight[row].numpy())
    return shares
