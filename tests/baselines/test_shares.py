import numpy as np
import pandas as pd
import pytest

from recviz.baselines.shares import BlendedMix, EveryonesMix, PastMix, ShrunkenMix, past_mix
from recviz.data.sequences import view_all
from recviz.data.split import to_microseconds
from tests.logs import make_dataset


def test_own_mix_and_everyones_recent_mix_are_counted(tmp_path):
    events = pd.DataFrame(
        {
            "user_id": ["a", "a", "b"],
            "item_id": ["x", "y", "y"],
            "timestamp": ["2024-01-01", "2024-03-01", "2024-03-02"],
        }
    )
    log = make_dataset(tmp_path / "log", events)

    past = past_mix(
        view_all(log.store), log.target_kinds, np.array([0, 2]), 3, to_microseconds(pd.Timestamp("2024-02-01"))
    )

    assert past.own.tolist() == [[1, 0, 1], [0, 0, 1]]
    assert past.everyone == pytest.approx(np.array([0.5, 0.5, 2.5]) / 3.5)


@pytest.mark.parametrize("baseline", [EveryonesMix(), ShrunkenMix(), BlendedMix()], ids=lambda baseline: baseline.name)
def test_shares_add_up_to_one_also_for_a_user_without_history(baseline):
    past = PastMix(np.array([[0.0, 0.0], [30.0, 1.0]]), np.array([0.3, 0.7]))

    mix = baseline.mix(past)

    assert mix.sum(1) == pytest.approx(1)
    assert mix[0] == pytest.approx(past.everyone)


def test_shrinking_adds_so_many_events_of_everyones_mix():
    past = PastMix(np.array([[20.0, 0.0]]), np.array([0.5, 0.5]))

    assert ShrunkenMix(20).mix(past)[0].tolist() == [0.75, 0.25]
