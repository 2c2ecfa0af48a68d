import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recviz.errors import InvalidLogError
from recviz.forecast.categories import categories_of, given_categories, partition_interest, shares_table
from recviz.forecast.clusters import fit_centres, nearest, typical_words
from recviz.forecast.curves import predict_users
from recviz.model.prediction import interest
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    return FakePredictor(shop(tmp_path_factory.mktemp("shop") / "log"))


def test_categories_that_partition_the_items_add_up_to_the_total(predictor):
    prediction = predict_users(predictor, predictor.users)
    everything = torch.ones(len(predictor.candidates), 1)

    parts = partition_interest(predictor, prediction, categories_of(predictor))
    total = interest(prediction, predictor.item_vectors, everything)[..., 0].double().numpy()

    assert parts.shape[2] == 3
    assert parts.sum(2) == pytest.approx(total, rel=1e-5)


def test_each_categorys_interest_is_that_of_its_one_hot_weights(predictor):
    prediction = predict_users(predictor, predictor.users)
    categories = categories_of(predictor)
    one_hot = torch.from_numpy(np.eye(len(categories))[categories.code[predictor.candidates]]).float()

    parts = partition_interest(predictor, prediction, categories)

    assert parts == pytest.approx(interest(prediction, predictor.item_vectors, one_hot).numpy(), rel=1e-4, abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(labels=st.lists(st.sampled_from(["a", "b", "?", "long tail"]), min_size=0, max_size=9))
def test_shares_add_up_to_one_under_any_mapping_given_afterwards(predictor, labels):
    mapping = pd.DataFrame({"item_id": [f"i{at}" for at in range(len(labels))], "category": labels})

    table = shares_table(predictor, mapping)

    assert list(table.columns) == ["user_id", "category", "share"]
    assert table.groupby("user_id")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert table["user_id"].nunique() == len(predictor.users)
    assert (table["share"] >= 0).all()
    assert not table.duplicated(["user_id", "category"]).any()


def test_items_that_the_mapping_leaves_out_are_of_the_unknown_category(predictor):
    mapping = pd.DataFrame({"item_id": ["i0", "not in the log"], "category": ["known", "elsewhere"]})

    table = shares_table(predictor, mapping)

    assert set(table["category"]) == {"known", "?"}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"item": ["i0"], "group": ["a"]}, "no column 'item_id'[\\s\\S]*no column 'category'"),
        ({"item_id": ["i0", "i0"], "category": ["a", "b"]}, "names 1 items more than once.*first 'i0'"),
    ],
)
def test_a_mapping_that_cannot_be_read_says_why(predictor, mapping, message):
    with pytest.raises(InvalidLogError, match=message):
        shares_table(predictor, pd.DataFrame(mapping))


def test_number_ids_in_a_mapping_are_read_as_text():
    ids = np.array(["007", "12"], dtype=object)

    found = given_categories(ids, pd.DataFrame({"item_id": [12, 7], "category": ["twelve", "seven"]}))

    assert [found.labels[code] for code in found.code] == ["?", "twelve"]


def without_categories(folder, rename=lambda item: item, after=()):
    titles = [f"{colour} {thing}" for thing in ("tea cup", "garden spade", "wool scarf") for colour in "ABCDEFGH"]
    rows = [(f"u{at % 5}", rename(at), title, f"2024-01-{at % 28 + 1:02d}") for at, title in enumerate(titles)]
    rows += [("u0", rename(at), titles[at], "2024-12-01") for at in range(3)]
    rows += list(after)
    return make_dataset(folder, pd.DataFrame(rows, columns=["user_id", "item_id", "title", "timestamp"]))


def by_title(predictor):
    categories = categories_of(predictor)
    titles = predictor.dataset.items["title"].iloc[predictor.candidates]
    return dict(zip(titles, (categories.labels[categories.code[at]] for at in predictor.candidates), strict=True))


def test_without_categories_items_are_clustered_by_text_alone_whatever_their_ids(tmp_path):
    one = FakePredictor(without_categories(tmp_path / "one", lambda at: f"i{at}"))
    other = FakePredictor(without_categories(tmp_path / "other", lambda at: f"z{99 - at}"))

    clusters, renamed = by_title(one), by_title(other)

    assert clusters == renamed
    assert categories_of(one).source == "clusters"
    assert len(set(clusters.values())) > 1


def test_items_first_seen_after_the_cut_join_clusters_but_move_none(tmp_path):
    late = [("u1", "late", "purple tea cup saucer", "2024-11-20")]
    early = by_title(FakePredictor(without_categories(tmp_path / "without"), "cut"))

    now = by_title(FakePredictor(without_categories(tmp_path / "with", after=late), "now"))

    assert now.pop("purple tea cup saucer") in set(early.values())
    assert now == early


def test_clusters_are_named_by_words_frequent_in_them_and_rare_elsewhere():
    texts = [("red tea cup", 0), ("blue tea cup", 0), ("red wool scarf", 1), ("blue wool scarf", 1), ("?", 2)]

    labels = typical_words(texts, 4)

    assert set(labels[0].split(", ")[:2]) == {"cup", "tea"}
    assert set(labels[1].split(", ")[:2]) == {"scarf", "wool"}
    assert len(set(labels)) == 4


def test_clustering_finds_groups_that_lie_apart():
    draw = np.random.default_rng(0)
    centres = np.eye(16)[:14]
    vectors = np.repeat(centres, 150, axis=0) + draw.normal(0, 0.03, (14 * 150, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    code = nearest(vectors, fit_centres(vectors))

    assert all(len(set(group)) == 1 for group in code.reshape(14, 150))
