"""Runs side by side: what compares, and differences paired by user."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recviz.evaluate.backtest import evaluate_run
from recviz.evaluate.comparison import HeldOut, Judged, differing_users
from recviz.evaluate.comparison_rows import compare_runs
from recviz.evaluate.result import Comparison, Evaluation, Method, Task
from recviz.evaluate.user_scores import SCORES_FILE, TASKS, user_scores, write_user_scores
from recviz.forecast.categories import categories_of
from tests.evaluate.newcomers import shop_with_newcomers
from tests.forecast.fakes import FakePredictor

USERS = 200
DAY = 86_400_000_000
NO_COMPARISON = Comparison(
    measure="", baseline="", difference=0, low=0, high=0, gain=0, gain_low=0, gain_high=0, verdict="better"
)


def task(name, measure, value, baseline, *, lower):
    return Task(
        name=name, measure=measure, lower_is_better=lower, users=USERS, comparison=NO_COMPARISON,
        methods=(
            Method(name="the model", is_model=True, scores={measure: value}),
            Method(name="weak", is_model=False, scores={measure: 9.0 if lower else 0.0}),
            Method(name="strong", is_model=False, scores={measure: baseline}),
        ),
    )  # fmt: skip


def evaluation(periods=4, **changes):
    tasks = (task("counts", "deviance", 0.5, 0.4, lower=True), task("ranking", "ndcg@10", 0.3, 0.2, lower=False))
    whole = {"split": "time", "period": "week", "horizon": periods, "periods_scored": periods, "users": USERS}
    return Evaluation(**{**whole, "active_share": 0.5, "tasks": tasks, **changes})


def judged(name, error, *, weeks=4, seed=0, **changes):
    """Make a run whose expected days lie ``error`` times their noise off the truth."""
    truth = np.random.default_rng(1).poisson(1.0, (USERS, 6))[:, :weeks]
    noise = np.random.default_rng(seed).normal(0, 1, truth.shape)
    said = np.clip(truth + error * noise, 0.05, None)
    ids = np.repeat([f"u{user:03d}" for user in range(USERS)], weeks)
    table = pd.DataFrame(
        {
            "user_id": ids,
            "period": np.tile(np.arange(1, weeks + 1), USERS),
            "actual": truth.ravel().astype(float),
            "model": said.ravel(),
        }
    )
    users = pd.DataFrame(
        {"user_id": np.unique(ids), "actual": truth.sum(1), "p_active_horizon": 1 - np.exp(-said.sum(1))}
    )
    run = Judged(
        run=name.lower(), name=name, evaluation=evaluation(weeks), users=users, periods=table,
        held_out=HeldOut(log="shop", split="time", instant=19_000 * DAY, period="week"),
    )  # fmt: skip
    return replace(run, **changes)


def rows_of(found):
    return {row.measure: row for row in found.rows}


def test_a_run_that_errs_less_is_better_than_the_first_by_its_interval():
    found = compare_runs([judged("Rough", 1.0), judged("Fine", 0.2, seed=2)])

    row = rows_of(found)["mae"]
    assert found.compares == (True, True)
    assert row.comparisons[0] is None
    assert row.comparisons[1].verdict == "better"
    assert row.comparisons[1].baseline == "Rough"
    assert row.values[1] < row.values[0]
    assert 0 < row.comparisons[1].gain_low < row.comparisons[1].gain < row.comparisons[1].gain_high


def test_a_difference_inside_the_noise_is_no_difference():
    found = compare_runs([judged("One", 0.5, seed=3), judged("Two", 0.5, seed=4)])

    assert rows_of(found)["mae"].comparisons[1].verdict == "no difference seen"


def test_a_run_beside_itself_differs_by_nothing_at_all():
    found = compare_runs([judged("One", 0.5), judged("Again", 0.5)])

    for name in ("deviance", "mae", "brier"):
        same = rows_of(found)[name].comparisons[1]
        assert (same.difference, same.low, same.high, same.verdict) == (0, 0, 0, "no difference seen")


def test_the_best_baseline_stands_beside_the_runs():
    found = compare_runs([judged("One", 0.5), judged("Two", 0.2)])

    assert (rows_of(found)["deviance"].baseline, rows_of(found)["deviance"].baseline_value) == ("strong", 0.4)
    assert (rows_of(found)["ndcg@10"].baseline, rows_of(found)["ndcg@10"].baseline_value) == ("strong", 0.2)


HELD = judged("X", 0).held_out


@pytest.mark.parametrize(
    ("held_out", "said"),
    [
        (replace(HELD, log="forum"), "different logs"),
        (replace(HELD, split="leave-one-out"), "hold out different things"),
        (replace(HELD, instant=HELD.instant + 7 * DAY), "look ahead from different days, 15 Jan 2022 and 8 Jan 2022"),
        (replace(HELD, period="month"), "by the month"),
    ],
)
def test_what_was_judged_on_something_else_is_not_compared_and_said_so(held_out, said):
    found = compare_runs([judged("One", 0.5), judged("Other", 0.1, held_out=held_out), judged("Two", 0.4)])

    assert found.compares == (True, False, True)
    assert any(said in sentence for sentence in found.obstacles)
    assert all(row.values[1] is None and row.comparisons[1] is None for row in found.rows)
    assert rows_of(found)["mae"].comparisons[2] is not None


def test_runs_without_a_backtest_are_named():
    without = {"evaluation": None, "users": None, "periods": None}

    second = compare_runs([judged("One", 0.5), judged("Waiting", 0.1, **without)])
    first = compare_runs([judged("Waiting", 0.1, **without), judged("One", 0.5)])

    assert second.obstacles == first.obstacles == ("Waiting has no backtest, so it has no scores to compare.",)
    assert second.compares == (True, False)
    assert first.rows == ()


def test_runs_of_different_reach_are_compared_on_the_periods_that_both_have():
    short, long_ = judged("Short", 0.5), judged("Long", 0.5, weeks=6, seed=2)

    found = compare_runs([short, long_])

    within = long_.periods[long_.periods["period"] <= 4].groupby("user_id")[["actual", "model"]].sum()
    assert found.periods == 4
    assert rows_of(found)["mae"].values[1] == pytest.approx((within["actual"] - within["model"]).abs().mean())
    assert "brier" not in rows_of(found)
    assert rows_of(found)["deviance"].baseline == ""
    assert "first 4 weeks" in found.obstacles[0]


def test_values_over_horizons_that_differ_are_not_compared():
    values = (task("value", "rmse", 1.0, 1.2, lower=True),)
    long = judged("One", 0.5, weeks=6, evaluation=evaluation(6, tasks=values))
    short = judged("Two", 0.5, weeks=4, evaluation=evaluation(4, tasks=values))

    found = compare_runs([long, short])

    assert rows_of(found)["rmse"].values == (1.0, None)
    assert "values do not compare" in found.obstacles[0]


def test_shares_of_groups_that_differ_are_not_compared():
    shares = (task("shares", "log_loss_user", 1.0, 1.2, lower=True),)
    ours = judged("One", 0.5, evaluation=evaluation(tasks=shares))
    theirs = replace(ours, name="Two", run="two", held_out=replace(ours.held_out, groups="another reader"))

    found = compare_runs([ours, theirs])

    assert rows_of(found)["log_loss_user"].values == (1.0, None)
    assert "shares of the groups do not compare" in found.obstacles[0]


def test_next_items_have_no_interval_until_single_users_are_worked_out():
    ids = [f"u{user:03d}" for user in range(USERS)]
    values = np.random.default_rng(0).random(USERS)

    def scored(name, shift):
        scores = pd.DataFrame({"task": "ranking", "user_id": ids, "value": values + shift})
        return judged(name, 0.5, scores=scores)

    pending, done = (
        compare_runs([judged("One", 0.5), judged("Two", 0.5)]),
        compare_runs([scored("A", 0), scored("B", 0.1)]),
    )

    assert pending.is_pending
    assert rows_of(pending)["ndcg@10"].values == (0.3, 0.3)
    assert not done.is_pending
    gained = rows_of(done)["ndcg@10"].comparisons[1]
    assert gained.difference == pytest.approx(0.1)
    assert (gained.low, gained.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert gained.verdict == "better"


def test_users_are_ordered_by_how_far_the_runs_lie_apart():
    ours, theirs = judged("One", 0.3), judged("Two", 0.9, seed=5)

    table = differing_users({"one": ours.periods, "two": theirs.periods}, 4)

    totals = [side.periods.groupby("user_id")["model"].sum() for side in (ours, theirs)]
    apart = (totals[0] - totals[1]).abs().sort_values(ascending=False)
    assert table["user_id"].tolist()[:5] == apart.index.tolist()[:5]
    assert table["gap"].tolist()[:5] == pytest.approx(apart.tolist()[:5])
    assert table["gap"].is_monotonic_decreasing
    first = table.iloc[0]
    errors = {run: abs(first[f"expected_{run}"] - first["actual"]) for run in ("one", "two")}
    assert first["nearest"] == min(errors, key=errors.get)


def test_what_will_happen_is_not_known_so_no_run_is_nearest():
    ours, theirs = judged("One", 0.3), judged("Two", 0.9, seed=5)

    table = differing_users({run.run: run.periods.drop(columns="actual") for run in (ours, theirs)}, 4)

    assert table["actual"].isna().all()
    assert set(table["nearest"]) == {""}


def test_a_run_that_was_judged_before_a_task_was_added_leaves_the_others_comparison_of_it_alone():
    ids = [f"u{user:03d}" for user in range(USERS)]
    values = np.random.default_rng(0).random(USERS)
    newcomers = task("ranking_newcomers", "ndcg@10", 0.3, 0.2, lower=False)

    def scored(name, shift, *, tasks):
        scores = [pd.DataFrame({"task": each.name, "user_id": ids, "value": values + shift}) for each in tasks[1:]]
        return judged(name, 0.5, scores=pd.concat(scores), evaluation=evaluation(tasks=tasks))

    before = evaluation().tasks
    now = (*before, newcomers)

    found = compare_runs([scored("A", 0, tasks=now), scored("B", 0.1, tasks=now), scored("Older", 0.2, tasks=before)])

    row = next(row for row in found.rows if row.task == "ranking_newcomers")
    assert row.values[2] is None
    assert row.comparisons[1].verdict == "better"
    assert not found.is_pending


@pytest.mark.parametrize(("split", "n_tasks"), [("time", TASKS), ("leave-one-out", 4)])
def test_scores_of_single_users_average_to_the_evaluations_own(tmp_path, split, n_tasks):
    predictor = FakePredictor(shop_with_newcomers(tmp_path), split=split, horizon=3)
    found = evaluate_run(predictor, tmp_path, lambda *_: None, categories_of)

    parts = [*user_scores(predictor, categories_of)]
    write_user_scores(tmp_path, parts)

    assert len(parts) == n_tasks
    means = pd.read_parquet(tmp_path / SCORES_FILE).groupby("task")["value"].mean()
    asked = [one for one in found.tasks if one.name != "counts"]
    assert set(means.index) == {one.name for one in asked}
    for one in asked:
        assert means[one.name] == pytest.approx(one.model.scores[one.measure], abs=1e-9)


def test_a_table_without_users_in_common_is_empty_and_still_has_its_columns():
    one, two = (
        pd.DataFrame({"user_id": [user], "period": [1], "actual": [1.0], "model": [0.5]}) for user in ("a", "b")
    )

    table = differing_users({"x": one, "y": two}, 1)

    assert not len(table)
    assert {"user_id", "gap", "actual", "nearest", "expected_x", "expected_y"} <= set(table.columns)
