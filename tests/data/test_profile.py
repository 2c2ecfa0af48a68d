"""The profile, against figures counted by hand."""

from pathlib import Path

import pandas as pd
import pytest

from recviz.data.profile import profile_dataset
from tests.logs import make_dataset

EVENTS = pd.DataFrame(
    {
        "user_id": ["a", "a", "a", "a", "b", "c"],
        "item_id": ["x", "y", "x", "x", "x", "z"],
        "timestamp": ["2024-01-01", "2024-01-01", "2024-01-08", "2024-01-22", "2024-01-22", "2024-03-31"],
        "kind": ["buy", "buy", "buy", "return", "buy", "return"],
        "title": ["Ex", "Why", "Ex", "Ex", "Ex", ""],
    }
)


def test_figures_are_those_counted_by_hand(tmp_path: Path):
    log = make_dataset(tmp_path / "log", EVENTS, targets=["buy"])

    profile = profile_dataset(log)

    assert (profile.n_users, profile.n_items, profile.n_events, profile.n_active_users) == (3, 3, 6, 2)
    assert (profile.first, profile.last, profile.span_days) == ("2024-01-01", "2024-03-31", 91)
    assert profile.events_per_user == {"median": 1, "mean": 2, "q90": 4, "max": 4}
    assert profile.events_per_user_histogram == ((1, 1, 2), (2, 3, 0), (4, 7, 1))
    assert profile.activity[:5] == (
        ("2024-01-01", 2, 1), ("2024-01-08", 1, 1), ("2024-01-15", 0, 0), ("2024-01-22", 2, 2), ("2024-01-29", 0, 0),
    )  # fmt: skip
    assert sum(events for _, events, _ in profile.activity) == 6
    assert profile.repeat_share == pytest.approx(2 / 6)
    assert profile.basket_share == pytest.approx(2 / 6)
    assert profile.n_titles_missing == 1
    assert profile.top_items[0] == ("x", "Ex", 4)
    assert profile.kinds == (("buy", 4, True), ("return", 2, False))
    assert profile.histories[0].sentences[0] == "2024-01-01 00:00: buy Ex; buy Why."
    assert profile.unreadable_share is None


def test_two_rows_of_one_basket_are_no_repeat(tmp_path: Path):
    twice = EVENTS.iloc[[0, 0]]

    assert profile_dataset(make_dataset(tmp_path / "log", twice)).repeat_share == 0


@pytest.mark.parametrize(
    ("every_days", "n_days", "period"), [(1, 60, "day"), (7, 364, "week"), (20, 374, "week"), (90, 1500, "month")]
)
def test_the_suggested_period_follows_how_often_users_are_active(tmp_path: Path, every_days, n_days, period):
    days = pd.date_range("2020-01-01", periods=n_days // every_days, freq=f"{every_days}D")
    events = pd.DataFrame({"user_id": ["a"] * len(days), "item_id": "x", "timestamp": days})

    profile = profile_dataset(make_dataset(tmp_path / "log", events))

    steps = {"day": 1, "week": 7, "month": 31}[period]
    assert profile.period == period
    assert 1 <= profile.horizon * steps <= max(steps, profile.span_days / 4)
    assert str(profile.horizon) in profile.reason


def test_a_share_above_a_tenth_that_cannot_be_read_is_warned_of(tmp_path: Path):
    log = make_dataset(tmp_path / "log", EVENTS)

    bad, good = profile_dataset(log, lambda _: 0.11), profile_dataset(log, lambda _: 0.1)

    assert "Qwen/Qwen3-Embedding-0.6B" in bad.warnings[0]
    assert not any("cannot read" in warning for warning in good.warnings)


def test_a_log_with_an_order_only_says_what_it_cannot_do(tmp_path: Path):
    events = pd.DataFrame({"user_id": ["a", "a"], "item_id": ["x", "y"], "seq_pos": [0, 1]})

    profile = profile_dataset(make_dataset(tmp_path / "log", events))

    assert profile.activity == ()
    assert (profile.first, profile.span_days) == ("", 0)
    assert any("no interest curves" in warning for warning in profile.warnings)
    assert profile.histories[0].sentences == ("position 0: x.", "position 1: y.")


@pytest.mark.parametrize("rows", [[0], [0, 4], [4, 5]])
def test_the_smallest_logs_have_a_profile(tmp_path: Path, rows: list[int]):
    profile = profile_dataset(make_dataset(tmp_path / "log", EVENTS.iloc[rows]))

    assert profile.n_events == len(rows)
    assert profile.horizon >= 1
    assert profile.warnings
