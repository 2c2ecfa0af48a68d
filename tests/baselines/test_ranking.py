import numpy as np
import pandas as pd
import pytest

from recviz.baselines.ranking import ItemNeighbours, OwnItems, Popularity, TextNeighbours, past_items
from recviz.data.sequences import view_all
from recviz.data.split import to_microseconds
from tests.logs import make_dataset

EVENTS = pd.DataFrame(
    [("a", "bread", "2024-01-01"), ("a", "butter", "2024-01-01"), ("b", "bread", "2024-01-02"),
     ("b", "butter", "2024-01-02"), ("c", "bread", "2024-01-03"), ("c", "rope", "2024-02-01"),
     ("d", "rope", "2024-02-02"), ("d", "rope", "2024-02-03")],
    columns=["user_id", "item_id", "timestamp"],
)  # fmt: skip
BREAD, BUTTER, ROPE = range(3)
A, B, C, D = range(4)


@pytest.fixture
def past(tmp_path):
    log = make_dataset(tmp_path / "log", EVENTS)
    return past_items(view_all(log.store), log.target_kinds, np.arange(3), 3)


def test_popularity_counts_events_and_forgets_what_is_old(past):
    february = to_microseconds(pd.Timestamp("2024-02-01"))

    ever, lately = Popularity.fit(past, "ever"), Popularity.fit(past, "lately", february)

    assert ever.scores(np.array([A, B])).tolist() == [[3, 2, 3]] * 2
    assert lately.scores(np.array([A])).tolist() == [[0, 0, 3]]


def test_what_a_user_took_most_comes_before_what_is_popular(past):
    scores = OwnItems.fit(past).scores(np.array([C, D]))

    assert np.argsort(-scores[0]).tolist()[2] == BUTTER
    assert scores[1].argmax() == ROPE
    assert scores[1, BREAD] > scores[1, BUTTER]
    assert (scores[0, [BREAD, ROPE]] > 1).all()


def test_nearest_text_follows_the_mean_of_the_history(past):
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)

    scores = TextNeighbours.fit(past, vectors).scores(np.array([A, D]))

    assert scores[0] == pytest.approx([0.8, 0.6 * 0.8 + 0.8 * 0.4, 0.4])
    assert scores[1].argmax() == ROPE


def test_items_taken_by_the_same_users_are_near(past):
    neighbours = ItemNeighbours.fit(past)

    near = neighbours.near.toarray()

    assert near[BREAD, BUTTER] == pytest.approx(2 / np.sqrt(3 * 2))
    assert near[BUTTER, ROPE] == 0
    assert neighbours.scores(np.array([C]))[0, BUTTER] > 0


def test_an_item_that_is_no_candidate_is_left_out(tmp_path):
    log = make_dataset(tmp_path / "log", EVENTS)

    past = past_items(view_all(log.store), log.target_kinds, np.array([0, -1, 1]), 2)

    assert past.counts.toarray().tolist() == [[1, 0], [1, 0], [1, 1], [0, 2]]
