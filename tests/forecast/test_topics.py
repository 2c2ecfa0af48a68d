import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recviz.errors import InvalidSettingError, NotFoundError, UnsupportedError
from recviz.evaluate.negative_binomial import quantiles
from recviz.forecast.categories import categories_of, partition_interest
from recviz.forecast.curves import forecast_table, predict_users
from recviz.forecast.topic_view import clumped_shape, topic_interest, topic_table, topic_view
from recviz.forecast.topics import TopicMatch, match_topic, word_match
from recviz.forecast.words import same_word, words
from recviz.model.prediction import interest
from tests.forecast.fakes import FakePredictor, shop


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    return FakePredictor(shop(tmp_path_factory.mktemp("shop") / "log", items=60, events=600))


def test_words_of_a_title_match_whatever_their_case_and_ending(predictor):
    match = match_topic(predictor, "TEA Cups")

    matched = {item.title for item in match.items if item.weight > 0}
    assert all(title in matched for title in predictor.dataset.items["title"] if title.startswith("red tea cup"))
    assert match.items[0].weight == 1
    assert "tea" in match.items[0].words
    weights = [item.weight for item in match.items]
    assert weights == sorted(weights, reverse=True)


def test_words_that_mean_nothing_here_match_nothing(predictor):
    with pytest.raises(UnsupportedError, match="No item matches 'submarine'"):
        match_topic(predictor, "submarine")


@pytest.mark.parametrize("text", ["", "   ", "!!!", "<script>alert(1)</script>"])
def test_a_topic_without_a_known_word_is_refused_in_words(predictor, text):
    with pytest.raises(UnsupportedError, match="No item matches"):
        match_topic(predictor, text)


def test_weights_set_by_hand_replace_add_and_stay_listed(predictor):
    first = match_topic(predictor, "tea cup").items[0].item_id
    spade = str(predictor.dataset.items["item_id"][predictor.dataset.items["title"].str.startswith("garden")].iloc[0])

    match = match_topic(predictor, "tea cup", {first: 0.0, spade: 0.5})

    edited = {item.item_id: item.weight for item in match.items if item.edited}
    assert edited == {first: 0.0, spade: 0.5}
    assert match.weight[predictor.dataset.item_index(spade)] == 0.5
    assert match.weight[predictor.dataset.item_index(first)] == 0


def test_weights_set_by_hand_make_a_topic_of_words_that_match_nothing(predictor):
    match = match_topic(predictor, "submarine", {"i3": 1.0})

    assert [item.item_id for item in match.items] == ["i3"]


def test_weights_outside_zero_to_one_and_unknown_items_are_refused(predictor):
    with pytest.raises(InvalidSettingError, match=r"'i1'[\s\S]*'i2'"):
        match_topic(predictor, "tea", {"i1": 1.5, "i2": -0.1})
    with pytest.raises(NotFoundError, match="no item 'nowhere'"):
        match_topic(predictor, "tea", {"nowhere": 1.0})


def test_a_topics_curve_is_the_expected_events_of_its_weighted_items(predictor):
    match = match_topic(predictor, "garden spade")
    prediction = predict_users(predictor, predictor.users)
    weights = torch.from_numpy(match.weight[predictor.candidates]).float()[:, None]

    found = topic_interest(predictor, prediction, match)

    assert found.mean == pytest.approx(interest(prediction, predictor.item_vectors, weights)[..., 0].numpy(), rel=1e-5)
    assert (found.p_active_horizon >= found.p_active.max(1)).all()
    assert (found.p_active <= found.mean).all()


def test_a_topic_of_a_whole_category_is_that_category_and_of_everything_is_the_curve_itself(predictor):
    categories = categories_of(predictor)
    prediction = predict_users(predictor, predictor.users)
    kitchen = TopicMatch(
        text="", items=(), weight=(categories.code == categories.labels.index("kitchen")).astype(float)
    )
    everything = TopicMatch(text="", items=(), weight=np.ones(len(predictor.dataset.items)))

    part, whole = (topic_interest(predictor, prediction, match) for match in (kitchen, everything))

    by_category = partition_interest(predictor, prediction, categories)
    assert part.mean == pytest.approx(by_category[:, :, categories.labels.index("kitchen")], rel=1e-5)
    assert part.share == pytest.approx(part.mean.sum(1) / by_category.sum((1, 2)), rel=1e-5)
    assert whole.share == pytest.approx(1.0, rel=1e-5)
    table = forecast_table(predictor)
    assert whole.p_active.ravel() == pytest.approx(table["p_active"].to_numpy(), rel=1e-4)


def test_the_view_and_the_table_of_a_topic_say_the_same(predictor):
    match = match_topic(predictor, "wool scarf")
    user = int(predictor.users[2])

    view, table = topic_view(predictor, user, match), topic_table(predictor, match)

    rows = table[table["user_id"] == view_id(predictor, user)]
    assert list(table.columns) == list(forecast_table(predictor).columns)
    assert rows["mean"].to_numpy() == pytest.approx(view.mean, rel=1e-6)
    assert rows[["q025", "q10", "q25", "q50", "q75", "q90", "q975"]].to_numpy() == pytest.approx(view.bands)
    assert rows["p_active_horizon"].iloc[0] == pytest.approx(view.p_active_horizon)


def test_past_and_later_events_of_a_topic_are_counted_by_weight(predictor):
    user = int(predictor.users[0])
    everything = TopicMatch(text="", items=(), weight=np.full(len(predictor.dataset.items), 0.5))

    view = topic_view(predictor, user, everything)

    history, log = predictor.history(user), predictor.dataset.store.history(user)
    assert view.past.sum() == 0.5 * (history.time >= view.past_edges[0]).sum()
    later = (log.time >= view.edges[0]) & (log.time < view.edges[-1])
    assert np.nansum(view.actual) == 0.5 * later.sum()


def test_bands_of_clumped_events_have_their_simulated_variance():
    mu, depth, chance, shape = 0.8, 6.0, 0.3, 1.3
    draw = np.random.default_rng(0)
    days = mu * -np.expm1(depth * np.log1p(-chance))
    events = mu * depth * chance

    active = draw.poisson(draw.gamma(shape, 1 / shape, 300_000) * days)
    simulated = active + draw.poisson((events / days - 1) * active)

    found = clumped_shape(np.array([events]), np.array([days]), np.array([shape]))
    assert simulated.mean() == pytest.approx(events, rel=0.02)
    assert events + events**2 / found[0] == pytest.approx(simulated.var(), rel=0.03)
    assert quantiles(events, found[0], [0.9])[0] == pytest.approx(np.quantile(simulated, 0.9), abs=1)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("decoration", "decorations", True),
        ("bag", "bags", True),
        ("paint", "painted", True),
        ("car", "card", False),
        ("tea", "teapot", False),
        ("red", "red", True),
        ("christmas", "christening", False),
    ],
)
def test_words_are_alike_but_for_an_ending(one, other, alike):
    assert same_word(one, other) is alike
    assert same_word(other, one) is alike


def test_words_that_say_nothing_count_only_where_there_are_no_others():
    share, _ = word_match(["lamp", "for", "the", "desk"], [("lamp", "desk"), ("lamp", "for"), ("for", "the")])

    assert share.tolist() == [1.0, 0.5, 0.0]
    assert word_match(["the"], [("the", "lamp"), ("lamp",)])[0].tolist() == [1.0, 0.0]


def test_a_small_catalogue_matches_as_well_as_a_large_one(tmp_path):
    small = FakePredictor(shop(tmp_path / "log", items=6))

    matched = {item.title for item in match_topic(small, "wool scarf").items}

    assert matched == {title for title in small.dataset.items["title"] if title.startswith("wool scarf")}


def test_scripts_without_spaces_are_read_in_pairs_of_characters():
    assert words("Red-TEA cup 2") == ["red", "tea", "cup", "2"]
    assert words("圣诞装饰") == ["圣诞", "诞装", "装饰"]


@settings(deadline=None)
@given(
    topic=st.lists(st.sampled_from("xyz"), max_size=4), items=st.lists(st.lists(st.sampled_from("wxyz")), max_size=5)
)
def test_the_share_of_words_in_common_is_from_zero_to_one_and_one_where_all_are_there(topic, items):
    share, shared = word_match(topic, items)

    assert share.shape == (len(items),)
    for part, item, common in zip(share, items, shared, strict=True):
        assert 0 <= part <= 1 + 1e-12
        assert set(common) == set(item) & set(topic)
        if topic and set(topic) <= set(item):
            assert part == pytest.approx(1.0)


def view_id(predictor, user):
    return str(pd.Series(predictor.dataset.user_ids).iloc[user])
