"""The ranking that stands beside the model's is the one that the backtest judged best."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from recviz.baselines.ranking import ItemNeighbours, Popularity, past_items
from recviz.evaluate.backtest import FOLDER as EVALUATION
from recviz.evaluate.ranking import top_positions
from recviz.evaluate.result import Method
from recviz.model.config import RunConfig
from recviz.recommend.ranking import excluded_positions
from recviz.services.ranking_beside import ranked_beside
from tests.forecast.fakes import FakePredictor, shop
from tests.pages.finished import EVALUATION as FOUND


@pytest.fixture
def ws(tmp_path):
    predictor = FakePredictor(shop(tmp_path / "log", users=40, items=30, events=400))
    return SimpleNamespace(
        predictor=lambda _run, _origin: predictor,
        run_folder=lambda _run: tmp_path,
        run_config=lambda _run: RunConfig(),
    )


def judge(ws, **ndcg_of: dict[str, float]):
    """Write a backtest with these scores of each task's baselines."""
    tasks = [
        replace(
            FOUND.tasks[0],
            name=name,
            measure="ndcg@10",
            lower_is_better=False,
            methods=(
                Method(name="the model", is_model=True, scores={"ndcg@10": 0.9}),
                *(Method(name=one, is_model=False, scores={"ndcg@10": value}) for one, value in scores.items()),
            ),
        )
        for name, scores in ndcg_of.items()
    ]
    folder = ws.run_folder("run") / EVALUATION
    folder.mkdir()
    replace(FOUND, tasks=tuple(tasks)).write(folder)


@pytest.mark.parametrize(
    ("exclude_seen", "name", "fit"),
    [
        (True, "taken together", ItemNeighbours.fit),
        (False, "most popular", lambda past: Popularity.fit(past, "most popular")),
    ],
)
def test_it_ranks_as_the_backtest_does_by_the_best_of_its_task(ws, exclude_seen, name, fit):
    judge(
        ws,
        ranking={"most popular": 0.3, "taken together": 0.2},
        ranking_new={"most popular": 0.1, "taken together": 0.2, "the same model without text": 0.5},
    )
    predictor = ws.predictor("run", "cut")
    user = int(predictor.users[3])
    past = past_items(predictor.view, predictor.dataset.target_kinds, predictor.position, len(predictor.candidates))

    found = ranked_beside(ws, "run", str(predictor.dataset.user_ids[user]), exclude_seen=exclude_seen)

    score = fit(past).scores(np.array([user]))
    if exclude_seen:
        score[0, excluded_positions(predictor, np.array([user]))[0]] = -np.inf
    top = [at for at in top_positions(score)[0] if at >= 0]
    assert found.name == name
    assert list(found.rank) == [str(item) for item in predictor.dataset.item_ids[predictor.candidates[top]]]
    assert list(found.rank.values()) == list(range(1, len(top) + 1))
    assert found.first == next(iter(found.rank))


def test_a_run_that_was_not_judged_by_rankings_has_none_beside_it(ws):
    user = str(ws.predictor("run", "cut").dataset.user_ids[0])

    assert ranked_beside(ws, "run", user) is None
