"""Whom the Explain page and the report begin with, on a predictor whose answers are known by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recviz.errors import NotFoundError
from recviz.explain.removal import INDIVIDUAL
from recviz.services import first_example
from recviz.services.first_example import telling_user
from tests.explain.linear import LinearPredictor
from tests.logs import make_dataset

WORDS = ["red", "blue", "oak", "tin", "wool", "tea", "sky", "ink", "fog", "elm"]


def shop(folder, events_of: dict[str, list[int]]) -> LinearPredictor:
    rows = [
        {
            "user_id": user,
            "item_id": f"i{item}",
            "timestamp": pd.Timestamp("2024-01-01") + pd.Timedelta(days=4 * at),
            "title": f"{WORDS[item]} cup",
        }
        for user, items in events_of.items()
        for at, item in enumerate(items)
    ]
    items = pd.DataFrame(
        {"item_id": [f"i{at}" for at in range(len(WORDS))], "title": [f"{word} cup" for word in WORDS]}
    )
    return LinearPredictor(make_dataset(folder / "shop", pd.DataFrame(rows), items))


@pytest.fixture
def predictor(tmp_path):
    """Four users; the last has so many events that the earlier ones count together."""
    return shop(
        tmp_path,
        {"a": [0, 1, 0, 1], "b": [2, 3, 2, 4], "c": [5, 5, 6, 6], "long": [7, 8] * INDIVIDUAL},
    )


@pytest.fixture
def opened(predictor, tmp_path):
    return SimpleNamespace(
        predictor=lambda _run, _origin: predictor, settings=SimpleNamespace(cache=tmp_path / "cache")
    )


@pytest.fixture
def judged(monkeypatch):
    """Give every user's explanation a badge, and note who was explained, in turn."""

    def badges(of: dict[str, str]) -> list[str]:
        seen: list[str] = []

        def explain(_ws, _run, user, _item, _origin):
            seen.append(user)
            return SimpleNamespace(trust=SimpleNamespace(badge=of.get(user, "weak")))

        monkeypatch.setattr(first_example, "explain_recommendation", explain)
        return seen

    return badges


def test_who_owes_most_to_the_own_history_comes_first_if_that_is_faithful(opened, judged):
    seen = judged({})
    telling_user(opened, "r")
    first, second = seen[:2]

    judged({first: "faithful", second: "faithful"})
    assert telling_user(opened, "r") == first
    judged({second: "faithful"})
    assert telling_user(opened, "r") == second
    judged({})
    assert telling_user(opened, "r") == first


def test_few_users_are_explained_and_the_likeliest_to_tell_are_among_them(opened, judged, predictor):
    seen = judged({})

    telling_user(opened, "r")

    assert len(seen) == first_example.EXPLAINED
    users = np.array([list(predictor.dataset.user_ids).index(user) for user in seen])
    _, owed = first_example._owed_to_history(predictor, users)
    assert list(owed) == sorted(owed, reverse=True)


def test_histories_that_are_judged_event_by_event_are_preferred(opened, judged, monkeypatch):
    monkeypatch.setattr(first_example, "ASKED", 3)
    seen = judged({})

    telling_user(opened, "r")

    assert sorted(seen) == ["a", "b", "c"]


def test_a_user_who_had_everything_is_taken_where_there_is_no_other(tmp_path):
    predictor = shop(tmp_path, {"all": list(range(len(WORDS)))})
    ws = SimpleNamespace(predictor=lambda _run, _origin: predictor, settings=SimpleNamespace(cache=tmp_path / "cache"))

    assert telling_user(ws, "r") == "all"


def test_nobody_with_a_history_is_told(opened, predictor):
    predictor.users = predictor.users[:0]

    with pytest.raises(NotFoundError, match="No user has a history"):
        telling_user(opened, "r")
