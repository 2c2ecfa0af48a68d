"""Events tell users apart; of the level that all share they say nothing at the end of the log."""

import numpy as np
import pytest
import torch

from recviz.model.checkpoint import read_tensors
from recviz.model.predictor import MODEL, load_predictor
from recviz.training.counts import rows_at
from recviz.training.targets import TargetRules
from tests.logs import make_dataset
from tests.training.small import small_frame, train


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    dataset = make_dataset(folder / "log", small_frame())
    train(dataset, folder / "run", passes=2, rate=0.02)
    return dataset, folder / "run"


def logs_of(predictor):
    """Return the logs of everybody's expected days at the cut: as the model says, and by its counts alone, ``(U, K)``."""
    histories = [predictor.history(int(user)) for user in predictor.users]
    rules = TargetRules(collator=predictor.collator, split=predictor.split, end=predictor.split.now, origins=1)
    rows = rows_at([(history, np.array([predictor.instant], np.int64)) for history in histories], rules)
    with torch.inference_mode():
        counted = predictor.network.counts(rows.features, rows.season).log_rate + rows.rate.log()[:, None]
    return predictor.predict(histories).mu.log(), counted


def test_at_the_cut_events_move_users_and_not_the_level_of_all(run):
    dataset, folder = run

    said, counted = logs_of(load_predictor(dataset, folder, "cut", "cpu"))

    moved, days = said - counted, counted.exp()
    assert float((moved * days).sum() / days.sum()) == pytest.approx(0.0, abs=1e-4)
    assert float(moved.std()) > 1e-3, "events say nothing at all"


def test_what_is_taken_off_is_what_events_would_have_said_of_all(run):
    """Catches: a level that is taken off although nothing was measured."""
    dataset, folder = run
    predictor = load_predictor(dataset, folder, "cut", "cpu")
    taken = read_tensors(folder / MODEL, "network")["shared_beyond"]
    predictor.network.shared_beyond.zero_()

    said, counted = logs_of(predictor)

    days = counted.exp()
    assert taken.abs().max() > 1e-3
    torch.testing.assert_close(((said - counted) * days).sum(dim=0) / days.sum(dim=0), taken, atol=1e-4, rtol=1e-3)
