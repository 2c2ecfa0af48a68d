"""The numbers agree with the independent scorers: ``scored/expected.json`` is their output on the files beside it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recviz.baselines.activity import Horizon, active_days
from recviz.baselines.boosted import BoostedCounts
from recviz.baselines.counts import CountForecast, OwnRate, PopulationRate, ShrunkenRate
from recviz.baselines.ranking import Popularity, past_items
from recviz.baselines.shares import BlendedMix, EveryonesMix, ShrunkenMix, past_mix
from recviz.data.split import make_split, origin_view, to_microseconds
from recviz.evaluate.bootstrap import Losses, compare
from recviz.evaluate.counts import count_scores, user_deviance
from recviz.evaluate.held_out import activity_after, categories_after, last_event_targets, targets_after, window_targets
from recviz.evaluate.ranking import baseline_hits, hits_of, ranking_scores
from recviz.evaluate.shares import share_scores, user_log_loss
from tests.forecast.fakes import FakePredictor
from tests.logs import make_dataset

FOLDER = Path(__file__).parent / "scored"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
CUT = to_microseconds(pd.Timestamp("2025-10-06"))
COUNT_KEYS = {"deviance": "poisson_deviance_week", "mae": "mae", "rmse": "rmse", "brier": "brier", "auc": "auc",
              "gini": "ngini", "spearman": "spearman", "bias": "bias", "wape": "aggregate_wape"}  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    events = pd.read_parquet(FOLDER / "events.parquet")
    items = pd.read_parquet(FOLDER / "categories.parquet").assign(title="")
    return make_dataset(tmp_path_factory.mktemp("scored") / "log", events, items)


@pytest.fixture(scope="module")
def predictor(dataset):
    return FakePredictor(dataset, horizon=13)


@pytest.fixture(scope="module")
def activity(predictor):
    return activity_after(predictor)


def given(name, key, columns, users, dataset):
    """Read a table of the fixture as an array of users and columns."""
    table = pd.read_parquet(FOLDER / name).pivot_table(index="user_id", columns=key, values=columns)
    return table.reindex(dataset.user_ids[users]).to_numpy()


def expected_counts(name):
    return pytest.approx({ours: EXPECTED["forecast_score"]["counts"][name][key] for ours, key in COUNT_KEYS.items()})


def test_a_given_forecast_scores_as_the_scorer_says(dataset, activity):
    mean = given("forecast.parquet", "week", "mean", activity.users, dataset)
    chance = given("forecast.parquet", "week", "p_active_horizon", activity.users, dataset)[:, 0]

    assert count_scores(activity.actual, mean, chance) == expected_counts("FORECAST")


@pytest.mark.parametrize(
    ("baseline", "name"),
    [(PopulationRate(), "population mean, last 13 weeks"), (OwnRate(), "own rate, last 13 weeks"),
     (ShrunkenRate(), "shrunken own rate (NBD)"), (BoostedCounts(), "LightGBM Poisson, direct")],
)  # fmt: skip
def test_baselines_of_volume_are_the_scorers(activity, baseline, name):
    said = baseline.forecast(activity.past, activity.horizon)
    said = CountForecast(said.mean[activity.users], None if said.shape is None else said.shape[activity.users])

    scores = count_scores(activity.actual, said.mean, said.chance_active())

    expected = EXPECTED["forecast_score"]["counts"][name]
    defined = {ours: value for ours, value in scores.items() if value is not None}
    assert len(defined) >= 6
    assert defined == pytest.approx({ours: expected[COUNT_KEYS[ours]] for ours in defined}, rel=1e-4)


def test_the_paired_difference_and_its_interval_are_the_scorers(dataset, activity):
    mean = given("forecast.parquet", "week", "mean", activity.users, dataset)
    best = ShrunkenRate().forecast(activity.past, activity.horizon).mean[activity.users]
    losses = Losses("shrunken own rate", user_deviance(activity.actual, best))

    found = compare(user_deviance(activity.actual, mean), losses, "deviance", lower_is_better=True)

    expected = EXPECTED["forecast_score"]["against_best"]["counts, deviance"]
    assert found.difference == pytest.approx(expected["difference"], rel=1e-4)
    assert [found.low, found.high] == pytest.approx(expected["interval"], rel=1e-3)
    assert found.gain == pytest.approx(-expected["difference"] / losses.per_user.mean(), rel=1e-4)
    assert found.verdict == "better"


def test_mixes_score_as_the_scorer_says(dataset, predictor, activity):
    code, labels = pd.factorize(dataset.items["category"], sort=True)
    since = to_microseconds(pd.Timestamp("2025-10-06") - pd.Timedelta(days=91))
    past = past_mix(predictor.view, dataset.target_kinds, code, len(labels), since)
    actual = categories_after(predictor, code, len(labels), activity.covered)
    both = np.flatnonzero((past.own.sum(1) > 0) & (actual.sum(1) > 0))
    shares = given("shares.parquet", "category", "share", both, dataset)

    scores = {
        "FORECAST": share_scores(actual[both], shares),
        "everyone, last 13 weeks": share_scores(actual[both], EveryonesMix().mix(past)[both]),
        "Dirichlet a=20": share_scores(actual[both], ShrunkenMix(20).mix(past)[both]),
        "half Dirichlet a=10, half everyone": share_scores(actual[both], BlendedMix().mix(past)[both]),
    }

    expected = EXPECTED["forecast_score"]["shares"]
    assert len(both) == expected["users"]
    for name, found in scores.items():
        assert found == pytest.approx({key: expected[name][key] for key in found}), name
    difference = user_log_loss(actual[both], shares) - user_log_loss(actual[both], ShrunkenMix(20).mix(past)[both])
    against = EXPECTED["forecast_score"]["against_best"]["shares, log-loss per user"]
    assert difference.mean() == pytest.approx(against["difference"])


def recommended(targets, dataset, *, new_only):
    """The fixture's recommendations as candidate positions, ranks closed up where items are barred."""
    recs = pd.read_parquet(FOLDER / "recs.parquet").sort_values(["user_id", "rank"])
    lists = recs.groupby("user_id")["item_id"].agg(list)
    top = np.full((len(targets.users), 200), -1, np.int64)
    for row, user in enumerate(dataset.user_ids[targets.users]):
        items = np.array([dataset.item_index(item) for item in lists[user]])
        if new_only:
            items = items[targets.barred[[row]][:, items].toarray()[0] == 0]
        top[row, : len(items)] = items
    return top


@pytest.mark.parametrize(
    ("new_only", "name"), [(False, "rank_score"), (True, "rank_score new items"), (True, "rank_score leave-one-out")]
)
def test_rankings_score_as_the_scorer_says(dataset, predictor, new_only, name):
    leave_one_out = name.endswith("leave-one-out")
    at = FakePredictor(dataset, split="leave-one-out") if leave_one_out else predictor
    targets = last_event_targets(at) if leave_one_out else window_targets(at, 28, new_only=new_only)

    scores = ranking_scores(hits_of(recommended(targets, dataset, new_only=new_only), targets.wanted), targets.count)

    expected = EXPECTED[name]["RECS"]
    assert len(targets.users) == expected["users"]
    assert scores == pytest.approx({key: expected[key] for key in scores}, abs=1e-5)


def test_cold_items_score_as_the_scorer_says(dataset, predictor):
    targets = targets_after(predictor, 28, "cold")

    top = recommended(targets, dataset, new_only=True)
    scores = ranking_scores(hits_of(top, targets.wanted), targets.count)

    expected = EXPECTED["rank_score new items"]["RECS, cold targets"]
    assert len(targets.users) == expected["users"]
    assert 0 < scores["hr@10"] < 1
    assert scores == pytest.approx({key: expected[key] for key in scores}, abs=1e-5)


def test_popularity_ranks_as_the_scorer_says_but_for_ties(dataset, predictor):
    past = past_items(predictor.view, dataset.target_kinds, predictor.position, len(predictor.candidates))
    targets = window_targets(predictor, 28, new_only=False)

    found = ranking_scores(baseline_hits(Popularity.fit(past, "all"), targets), targets.count)

    expected = EXPECTED["rank_score"]["popularity, all history"]
    assert found == pytest.approx({key: expected[key] for key in found}, abs=0.04)


def test_the_fixture_is_cut_where_the_scorers_cut_it(dataset):
    split = make_split(dataset, "time", None, "week", 13)

    days = active_days(origin_view(dataset, split, "cut"), dataset.target_kinds)

    assert split.cut == CUT
    assert days.day.max() < Horizon.of(split.edges(CUT)).origin
