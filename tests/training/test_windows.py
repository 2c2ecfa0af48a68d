"""Windows over long histories."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recviz.data.sequences import SequenceStore, view_all
from recviz.training.windows import batch_size, make_windows, shuffled_batches


def store_of(lengths: list[int]) -> SequenceStore:
    total = sum(lengths)
    return SequenceStore(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.zeros(total, np.int32),
        np.arange(total, dtype=np.int64),
        np.zeros(total, np.int8),
        np.zeros(total, np.float32),
    )


@given(lengths=st.lists(st.integers(0, 60), min_size=1, max_size=6), length=st.integers(1, 20))
def test_every_query_belongs_to_exactly_one_window(lengths, length):
    windows = make_windows(view_all(store_of(lengths)), length)

    for user, n_events in enumerate(lengths):
        mine = windows.user == user
        for before in range(n_events + 1) if n_events else []:
            owners = (windows.above[mine] < before) & (before <= windows.stop[mine])
            assert owners.sum() == 1, (n_events, before)


@given(n_events=st.integers(1, 200), length=st.integers(2, 20))
def test_every_query_keeps_half_a_window_or_all_its_history(n_events, length):
    windows = make_windows(view_all(store_of([n_events])), length)

    for above, stop in zip(windows.above, windows.stop, strict=True):
        first_seen = max(0, stop - length)
        least = above + 1 - first_seen
        assert first_seen == 0 or least >= length // 2


def test_batches_hold_every_window_once():
    windows = make_windows(view_all(store_of([3, 50, 7, 1, 90])), 16)

    batches = shuffled_batches(windows, 4, np.random.default_rng(0))

    assert sorted(np.concatenate(batches)) == list(range(len(windows)))
    assert max(map(len, batches)) <= 4


@pytest.mark.parametrize(("windows", "wish", "size"), [(700, 0, 16), (5_000, 0, 50), (90_000, 0, 64), (1_500, 7, 7)])
def test_the_size_of_a_step_suits_the_log_unless_it_is_given(windows, wish, size):
    assert batch_size(windows, wish) == size


@given(weights=st.lists(st.floats(0.01, 4), min_size=1, max_size=40), size=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_weighted_pass_has_as_many_windows_each_about_as_often_as_its_weight_says(weights, size, seed):
    windows = make_windows(view_all(store_of([3] * len(weights))), 4)
    weight = np.array(weights)

    batches = shuffled_batches(windows, size, np.random.default_rng(seed), weight)

    times = np.bincount(np.concatenate(batches), minlength=len(weights))
    assert times.sum() == len(weights)
    assert np.abs(times - weight / weight.sum() * len(weight)).max() < 1 + 1e-6


@given(count=st.integers(1, 40), seed=st.integers(0, 99))
def test_a_pass_with_equal_weights_has_each_window_once(count, seed):
    windows = make_windows(view_all(store_of([3] * count)), 4)

    batches = shuffled_batches(windows, 5, np.random.default_rng(seed), np.full(count, 0.3))

    assert sorted(np.concatenate(batches)) == list(range(count))
