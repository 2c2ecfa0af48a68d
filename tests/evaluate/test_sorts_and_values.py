"""Repeats, new and cold items apart; what of the catalogue is shown; values; later origins."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from recviz.errors import InvalidSettingError
from recviz.evaluate.answers import ask_hits, ask_top
from recviz.evaluate.backtest import evaluate_run
from recviz.evaluate.held_out import targets_after, valued_pairs
from recviz.evaluate.ranking import Targets, catalogue_scores, top_positions
from recviz.evaluate.result import Evaluation
from recviz.evaluate.rolling import origin_steps
from recviz.evaluate.value_task import chance_scores, number_scores
from recviz.forecast.categories import categories_of
from tests.evaluate.newcomers import shop_with_newcomers
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset

BEFORE, AFTER = "2025-01-06", "2025-03-03"


def silent(_what, _done, _all):
    pass


def named(predictor, targets):
    """Wanted item ids of each user id."""
    ids = predictor.dataset.item_ids[predictor.candidates]
    return {
        predictor.dataset.user_ids[user]: sorted(ids[np.flatnonzero(row)])
        for user, row in zip(targets.users, targets.wanted.toarray(), strict=True)
    }


def test_each_sort_holds_its_own_targets_and_ranks_among_its_own_candidates(tmp_path):
    rows = [("a", "tea", BEFORE), ("a", "cup", BEFORE), ("b", "pot", BEFORE), ("a", "tea", AFTER), ("a", "pot", AFTER),
            ("b", "new", AFTER), ("b", "odd", AFTER), ("a", "cup", "2025-03-29")]  # fmt: skip
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    items = pd.DataFrame({"item_id": ["tea", "cup", "pot", "new"], "title": ["tea", "cup", "pot", "new thing"]})
    predictor = FakePredictor(make_dataset(tmp_path / "log", events, items=items), horizon=4)

    sorts = {which: targets_after(predictor, 20, which) for which in ("all", "new", "repeats", "cold")}

    assert named(predictor, sorts["all"]) == {"a": ["pot", "tea"], "b": ["new"]}
    assert named(predictor, sorts["new"]) == {"a": ["pot"], "b": ["new"]}
    assert named(predictor, sorts["repeats"]) == {"a": ["tea"]}
    assert named(predictor, sorts["cold"]) == {"b": ["new"]}
    assert [targets.count.tolist() for targets in sorts.values()] == [[2, 2], [1, 2], [1], [2]]
    top = ask_top(predictor, [sorts["repeats"]])[0]
    ids = predictor.dataset.item_ids[predictor.candidates]
    assert sorted(ids[top[0, top[0] >= 0]]) == ["cup", "tea"]
    newcomers = targets_after(predictor, 20, "newcomers")
    assert named(predictor, newcomers) == {"b": ["new"]}
    top = ask_top(predictor, [newcomers])[0]
    assert ids[top[0, top[0] >= 0]].tolist() == ["new"]


def test_asking_for_several_sorts_at_once_is_asking_for_each(tmp_path):
    predictor = FakePredictor(shop(tmp_path / "log", users=30, items=20, events=900))
    sorts = [targets_after(predictor, 28, which) for which in ("all", "new", "repeats")]

    together = ask_top(predictor, sorts)

    for targets, top in zip(sorts, together, strict=True):
        assert (ask_top(predictor, [targets])[0] == top).all()
        assert ask_hits(predictor, targets).shape == top.shape


def test_nothing_is_ranked_that_may_not_be():
    scores = np.array([[5, 4, 3, 2, 1]], np.float32)
    barred = csr_array(np.array([[1, 0, 0, 0, 0]], np.float32))
    within = csr_array(np.array([[1, 0, 1, 0, 1]], np.float32))

    targets = Targets(np.array([0]), barred, np.array([1]), barred, within)
    top = top_positions(targets.left_of(scores))
    newest = top_positions(replace(targets, among=np.arange(5) > 2).left_of(scores))

    assert top[0, :3].tolist() == [2, 4, -1]
    assert newest[0, :2].tolist() == [4, -1]
    assert scores.tolist() == [[5, 4, 3, 2, 1]]


def test_coverage_counts_items_shown_and_bias_compares_their_popularity_with_what_was_wanted():
    wanted = csr_array(np.array([[0, 1, 0, 0], [0, 0, 1, 0]], np.float32))
    targets = Targets(np.array([0, 1]), wanted, np.array([1, 1]), None)
    top = np.full((2, 200), -1)
    top[:, 0] = 0

    found = catalogue_scores(top, targets, np.array([90, 20, 10, 0]))

    assert found == {"coverage@10": 0.25, "popularity_bias@10": pytest.approx(90 / 15 - 1)}


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    rng = np.random.default_rng(0)
    generous = rng.normal(0, 1, 60)
    folder = tmp_path_factory.mktemp("rated") / "log"
    log = shop(folder, users=60, items=20, events=2400)
    events = pd.read_parquet(log.folder / "events.parquet")
    user = events["user_id"].str[1:].astype(int)
    value = 3 + generous[user] + 0.3 * rng.standard_normal(len(events))
    return make_dataset(folder.parent / "rated", events.assign(value=value, title="", category=""))


def test_values_are_judged_beside_the_mean_and_the_biases(rated, tmp_path):
    found = evaluate_run(FakePredictor(rated), tmp_path, silent)

    task = found.task("value")
    assert [method.name for method in task.methods] == ["the model", "everyone's mean", "user and item biases"]
    assert task.comparison.baseline == "user and item biases"
    biases = task.method("user and item biases").scores
    assert biases["rmse"] < 0.5 < task.method("everyone's mean").scores["rmse"]
    assert task.comparison.verdict == "worse"  # the fake knows nothing of values
    assert sum(part.users for part in task.strata) == task.users
    assert any("usual range" in note for note in found.notes)
    assert Evaluation.read(tmp_path / "evaluation") == found


def test_values_beyond_the_usual_range_count_as_its_ends(rated):
    pairs = valued_pairs(FakePredictor(rated), 42)

    assert pairs.low < pairs.high
    assert pairs.actual.min() >= pairs.low
    assert pairs.past.value.max() <= pairs.high


def test_chances_of_yes_or_no_are_judged_by_log_loss_and_auc(rated, tmp_path):
    events = pd.read_parquet(rated.folder / "events.parquet").assign(title="", category="")
    events["value"] = (events["value"] > events["value"].median()).astype(float)
    log = make_dataset(tmp_path / "log", events, value_type="yes_no")

    task = evaluate_run(FakePredictor(log), tmp_path, silent).task("value")

    assert task.measure == "log_loss_user"
    assert task.method("user and item biases").scores["auc"] > 0.8
    assert task.method("everyone's mean").scores["auc"] == pytest.approx(0.5)


def test_value_scores_are_the_textbook_ones():
    actual, said = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.2, 0.4, 0.6])

    assert number_scores(actual, said)["rmse"] == pytest.approx(np.sqrt((0.01 + 0.04 + 0.36 + 0.36) / 4))
    assert chance_scores(actual, said)["auc"] == pytest.approx(0.75)
    assert chance_scores(actual, said)["log_loss"] == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.4]).mean())
    assert chance_scores(actual, np.array([1.0, 0, 1, 0]))["log_loss"] == pytest.approx(0, abs=1e-5)


def test_later_origins_know_more_and_are_judged_on_what_is_left(tmp_path):
    log = shop(tmp_path / "log", users=60, items=20, events=2400)
    asked = []

    class Later(FakePredictor):
        def predict(self, histories, instants=None):
            asked.extend(zip([len(history) for history in histories], instants, strict=True))
            assert all(not len(each) or each.time[-1] < at for each, at in zip(histories, instants, strict=True))
            return super().predict(histories, instants)

    found = evaluate_run(FakePredictor(log), tmp_path, silent, later=lambda: Later(log, "now"))

    assert [origin.periods for origin in found.origins] == [6, 4, 2]
    first, second, third = found.origins
    assert first.comparison == found.task("counts").comparison
    assert pd.Timestamp(second.day) - pd.Timestamp(first.day) == pd.Timedelta(weeks=2)
    assert len({at for _, at in asked}) == 2
    assert sum(first.pit) == pytest.approx(1)
    assert third.users >= first.users
    assert Evaluation.read(tmp_path / "evaluation").origins == found.origins


@pytest.mark.parametrize(("scored", "steps"), [(13, (0, 4, 8)), (3, (0, 1, 2)), (2, (0, 1)), (1, (0,)), (0, ())])
def test_origins_leave_something_to_judge(scored, steps):
    assert origin_steps(scored) == steps


def test_trust_is_told_of_weeks_and_of_tenths_of_users(tmp_path):
    log = shop(tmp_path / "log", users=60, items=20, events=2400)

    found = evaluate_run(FakePredictor(log), tmp_path, silent)

    assert sum(part.users for part in found.reliability_period) == found.users * found.periods_scored
    assert sum(part.users for part in found.deciles) == found.users
    expected = [part.expected for part in found.deciles]
    assert expected == sorted(expected)
    assert all(part.low <= part.actual <= part.high for part in found.deciles)


def test_only_the_baselines_that_were_chosen_stand_beside_the_model(tmp_path):
    log = shop(tmp_path / "log", users=40, items=20, events=1200)

    found = evaluate_run(FakePredictor(log), tmp_path, silent, categories_of, baselines="boosted,text")

    assert [len(task.methods) for task in found.tasks] == [3, 2, 3, 3, 3]
    with pytest.raises(InvalidSettingError, match="no baseline magic"):
        evaluate_run(FakePredictor(log), tmp_path, silent, baselines="magic")


def test_items_nobody_could_know_are_said_to_be_left_out(tmp_path):
    log = shop(tmp_path / "log", users=40, items=20, events=1200)
    events = pd.read_parquet(log.folder / "events.parquet").assign(title="", category="")
    late = events["timestamp"] >= "2024-11-25"
    events.loc[late & (events.index % 7 == 0), "item_id"] = "brand new"

    found = evaluate_run(FakePredictor(make_dataset(tmp_path / "with", events)), tmp_path, silent)

    assert found.task("ranking_cold") is None
    assert found.task("ranking_newcomers") is None
    assert sum("no table of items" in note for note in found.notes) == 1


@pytest.mark.parametrize("split", ["time", "leave-one-out"])
def test_newcomers_are_judged_beside_what_can_tell_them_apart(tmp_path, split):
    """Catches: baselines that score all newcomers alike, so that the order of the ids would be what is judged beside."""
    found = evaluate_run(FakePredictor(shop_with_newcomers(tmp_path), split=split, horizon=3), tmp_path, silent)

    cold, newcomers = found.task("ranking_cold"), found.task("ranking_newcomers")
    assert newcomers.users == cold.users > 10
    assert [method.name for method in newcomers.methods] == ["the model", "chance", "nearest text"]
    for method in newcomers.methods:
        assert method.scores["hr@10"] == 1, "there are three of them"
        assert 0 < method.scores["coverage@10"] <= 1
    assert 0.5 < newcomers.method("chance").scores["ndcg@10"] < 0.9
    assert cold.model.scores["ndcg@10"] < newcomers.model.scores["ndcg@10"]
