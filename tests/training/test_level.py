"""How far everybody's level was off before is measured before the cut, out of sample, and is in the bands of groups."""

import numpy as np
import pandas as pd
import pytest

from recviz.data.split import make_split
from recviz.forecast.cohorts import cohort_view
from recviz.forecast.segments import find_segment
from recviz.model.assembly import candidate_items
from recviz.model.checkpoint import read_facts
from recviz.model.config import RunConfig
from recviz.model.level import LevelSpread
from recviz.model.predictor import MODEL, load_predictor
from recviz.training.ending import MEASURING
from recviz.training.level import LevelError, level_error, past_origins, spread_of
from tests.logs import make_dataset
from tests.training.small import train

DAY = 86_400_000_000
WEEKS, HORIZON = 40, 6


def shop(n_users=120, busy_from=None, seed=0):
    """Users who come about once a week; from week ``busy_from`` on all come three times as often."""
    rng = np.random.default_rng(seed)
    rate = np.full(WEEKS * 7, 1 / 7)
    if busy_from is not None:
        rate[busy_from * 7 :] *= 3
    came = rng.random((n_users, WEEKS * 7)) < rate
    came[:, 0] = True
    user, day = np.nonzero(came)
    return pd.DataFrame(
        {
            "user_id": [f"u{at}" for at in user],
            "item_id": [f"i{at}" for at in rng.integers(0, 5, len(user))],
            "timestamp": pd.Timestamp("2025-01-06") + pd.to_timedelta(day * 24 + 9, unit="h"),
        }
    )


def measured(folder, frame):
    dataset = make_dataset(folder / "log", frame)
    config = RunConfig(horizon=HORIZON)
    split = make_split(dataset, "time", None, "week", HORIZON)
    items = candidate_items(dataset, split)
    found = [level_error(dataset, split, items, config, at) for at in past_origins(dataset, split)]
    return split, found


def test_errors_that_independent_users_explain_leave_nothing_and_shared_ones_are_found():
    rng = np.random.default_rng(0)

    def drawn(level):
        expected = np.full(8, 400.0)
        errors = []
        for _ in range(200):
            shared = rng.gamma(1 / level**2, level**2) if level else 1.0
            actual = rng.poisson(expected * shared).astype(float)
            errors.append(LevelError(actual, expected, expected, float(expected.sum())))
        return spread_of(errors)

    alone, together = drawn(0.0), drawn(0.15)

    assert alone.period < 0.01
    assert alone.horizon < 0.01
    assert together.period == pytest.approx(0.15, rel=0.15)
    assert together.horizon == pytest.approx(0.15, rel=0.15)
    assert together.origins == 200


def test_nothing_to_measure_at_leaves_bands_as_they_are():
    assert spread_of([]) == LevelSpread()


def test_a_jump_of_everybody_is_found_and_a_steady_log_has_next_to_none(tmp_path):
    split, steady = measured(tmp_path, shop())
    busy = measured(tmp_path / "busy", shop(busy_from=WEEKS - 2 * HORIZON))[1]

    assert [split.cut - at for at in past_origins_of(tmp_path)] == [n * HORIZON * 7 * DAY for n in (1, 2, 3)]
    assert spread_of(steady).horizon < 0.12
    assert spread_of(busy).horizon > 0.5  # three times as many came as the weeks before could tell


def past_origins_of(folder):
    dataset = make_dataset(folder / "again", shop())
    return past_origins(dataset, make_split(dataset, "time", None, "week", HORIZON))


def test_what_came_after_the_cut_changes_nothing(tmp_path):
    frame = shop()
    cut = frame.timestamp.min().normalize() + pd.Timedelta(weeks=WEEKS - HORIZON)
    kept = frame[(frame.timestamp < cut) | (frame.index % 3 > 0)]
    kept = pd.concat([kept, frame[frame.timestamp == frame.timestamp.max()]]).drop_duplicates()

    one, other = measured(tmp_path, frame)[1], measured(tmp_path / "less", kept)[1]

    assert len(kept) < len(frame) - 100
    assert all(
        np.array_equal(a.expected, b.expected) and np.array_equal(a.actual, b.actual)
        for a, b in zip(one, other, strict=True)
    )


def test_few_users_and_short_logs_are_not_measured(tmp_path):
    few = measured(tmp_path, shop(n_users=12))[1]
    dataset = make_dataset(tmp_path / "short", shop())

    assert few == [None, None, None]
    assert past_origins(dataset, make_split(dataset, "time", None, "week", WEEKS // 2 + 1)) == ()
    assert past_origins(dataset, make_split(dataset, "leave-one-out", None, "week", HORIZON)) == ()


def test_a_model_keeps_what_was_measured_and_one_of_before_has_none(tmp_path):
    frame = shop(busy_from=WEEKS - 2 * HORIZON)
    dataset, folder = make_dataset(tmp_path / "log", frame), tmp_path / "run"
    told = train(dataset, folder, cut=None, passes=1, refit=False)
    predictor = load_predictor(dataset, folder, "cut", "cpu")
    everybody = cohort_view(predictor, find_segment(predictor, "all"))

    facts = read_facts(folder / MODEL)
    assert predictor.level.horizon == facts["level"]["horizon"] > 0.5
    assert predictor.level.origins == 3
    assert [(step.step, step.steps) for step in told if step.phase == MEASURING] == [(0, 3), (1, 3), (2, 3)]

    before = load_predictor(predictor.dataset, folder, "cut", "cpu")
    before.level = LevelSpread()
    narrow = cohort_view(before, find_segment(before, "all"))
    assert everybody.mean == pytest.approx(narrow.mean)
    assert np.all(np.ptp(everybody.total_bands) > 2 * np.ptp(narrow.total_bands))
    assert np.all(everybody.bands[:, 0] <= narrow.bands[:, 0])
    assert np.all(everybody.bands[:, -1] > narrow.bands[:, -1])
