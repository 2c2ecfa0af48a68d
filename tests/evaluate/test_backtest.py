import json

import numpy as np
import pandas as pd
import pytest

from recviz.errors import NotFoundError, RunFailedError, UnsupportedError
from recviz.evaluate.backtest import evaluate_run
from recviz.evaluate.result import MODEL, Evaluation
from recviz.forecast.categories import categories_of
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset


def silent(_what, _done, _all):
    pass


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return shop(tmp_path_factory.mktemp("backtest") / "log", users=60, items=30, events=2400)


@pytest.fixture(scope="module")
def found(log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    steps = []
    evaluation = evaluate_run(FakePredictor(log), folder, lambda *step: steps.append(step), categories_of)
    return evaluation, folder / "evaluation", steps


def test_every_task_stands_beside_its_baselines(found):
    evaluation, _, _ = found

    assert [task.name for task in evaluation.tasks] == ["counts", "shares", "ranking", "ranking_new", "ranking_repeats"]
    for task in evaluation.tasks:
        assert task.model.is_model
        assert task.model.name == MODEL
        scored = [method for method in task.methods if not method.failure]
        best = min(
            (method for method in scored if not method.is_model),
            key=lambda method: method.scores[task.measure] * (1 if task.lower_is_better else -1),
        )
        assert task.comparison.baseline == best.name
        assert task.comparison.difference == pytest.approx(
            task.model.scores[task.measure] - best.scores[task.measure], abs=1e-9
        )
        assert sum(stratum.users for stratum in task.strata) == task.users


def test_what_is_written_is_read_back(found):
    evaluation, folder, _ = found

    assert Evaluation.read(folder) == evaluation
    assert not list(folder.glob(".*"))


def test_results_of_single_users_add_up_to_the_scores(found):
    evaluation, folder, _ = found
    users, periods = pd.read_parquet(folder / "users.parquet"), pd.read_parquet(folder / "periods.parquet")
    counts = evaluation.task("counts")

    assert len(users) == evaluation.users
    assert users["deviance_model"].mean() == pytest.approx(counts.model.scores["deviance"])
    assert (users["deviance_model"] - users["deviance_baseline"]).mean() == pytest.approx(counts.comparison.difference)
    assert periods.groupby("user_id")["actual"].sum().sum() == users["actual"].sum()
    assert (users["actual"] > 0).mean() == pytest.approx(evaluation.active_share)


def test_progress_ends_when_the_work_does(found):
    _, _, steps = found

    assert steps[-1][1] == steps[-1][2]
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)


def test_kinds_that_are_no_targets_change_no_metric_of_the_baselines_or_of_the_truth(log, tmp_path):
    events = pd.read_parquet(log.folder / "events.parquet").assign(title="", category="")
    views = events[events["timestamp"] >= "2024-11-20"].head(200).assign(kind="view")
    with_views = make_dataset(tmp_path / "log", pd.concat([events, views]), targets=["event"])
    without = make_dataset(tmp_path / "other", events, targets=["event"])

    one, other = (
        evaluate_run(FakePredictor(each), tmp_path / each.id, silent).task("counts") for each in (with_views, without)
    )

    assert [method.scores for method in one.methods] == [method.scores for method in other.methods]


def test_the_order_of_rows_in_the_file_changes_nothing(log, tmp_path):
    events = pd.read_parquet(log.folder / "events.parquet").assign(title="", category="")
    shuffled = make_dataset(tmp_path / "shuffled", events.sample(frac=1, random_state=1))
    straight = make_dataset(tmp_path / "straight", events)

    one, other = (evaluate_run(FakePredictor(each), tmp_path / each.id, silent) for each in (shuffled, straight))

    assert one.tasks == other.tasks
    assert one.pit == other.pit


def test_a_log_with_an_order_only_is_judged_by_ranking_alone(tmp_path):
    rng = np.random.default_rng(0)
    events = pd.DataFrame(
        {
            "user_id": np.repeat([f"u{user}" for user in range(40)], 8),
            "item_id": [f"i{item}" for item in rng.integers(0, 50, 320)],
            "seq_pos": np.tile(np.arange(8), 40),
            "title": "a thing",
        }
    )
    predictor = FakePredictor(make_dataset(tmp_path / "log", events), split="leave-one-out")

    found = evaluate_run(predictor, tmp_path / "run", silent, categories_of)

    assert [task.name for task in found.tasks] == ["ranking"]
    assert found.headline.measure == "ndcg@10"
    assert "order only" in found.notes[0]
    assert not (tmp_path / "run" / "evaluation" / "users.parquet").exists()


def test_only_periods_that_the_log_covers_are_judged(log, tmp_path):
    predictor = FakePredictor(log, horizon=6)
    predictor.split = type(predictor.split)(
        kind="time", cut=predictor.split.cut, validation=0, now=predictor.split.edges(predictor.instant)[4] + 1,
        period="week", horizon=6,
    )  # fmt: skip

    found = evaluate_run(predictor, tmp_path, silent)

    assert found.periods_scored == 4
    assert len(found.pit) == 4
    assert any("4 of 6 weeks" in note for note in found.notes)
    assert found.task("shares") is None


def test_a_cut_at_the_logs_end_says_that_nothing_was_held_out(log, tmp_path):
    predictor = FakePredictor(log)
    predictor.instant = predictor.split.now

    with pytest.raises(UnsupportedError, match="Nothing was held out"):
        evaluate_run(predictor, tmp_path, silent)


def test_a_model_that_answers_with_no_number_is_refused(log, tmp_path):
    class Broken(FakePredictor):
        def _row(self, history):
            return super()._row(history) | {"mu": super()._row(history)["mu"] * float("nan")}

    with pytest.raises(RunFailedError, match="not finite"):
        evaluate_run(Broken(log), tmp_path, silent)


def test_a_run_that_was_not_evaluated_says_so(tmp_path):
    with pytest.raises(NotFoundError, match="has not been evaluated"):
        Evaluation.read(tmp_path)


def test_an_evaluation_of_another_format_is_not_guessed_at(found, tmp_path):
    _, folder, _ = found
    raw = json.loads((folder / "evaluation.json").read_text()) | {"format": 99}
    (tmp_path / "evaluation.json").write_text(json.dumps(raw))

    with pytest.raises(NotFoundError, match="another version"):
        Evaluation.read(tmp_path)


def test_the_file_is_plain_json_with_a_format_number(found):
    _, folder, _ = found

    raw = json.loads((folder / "evaluation.json").read_text())

    assert raw["format"] == 2
    assert raw["tasks"][0]["methods"][0]["scores"]["deviance"] > 0
