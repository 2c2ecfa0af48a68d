import numpy as np
import pandas as pd
import pytest

from recviz.errors import UnsupportedError
from recviz.recommend.effect import long_term_effect, usual_event
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset


class Watched(FakePredictor):
    """Also keeps what it was asked."""

    def predict(self, histories, instants=None):
        self.asked = (histories, instants)
        return super().predict(histories, instants)


def test_the_effect_of_an_item_is_the_change_of_the_whole_curve_when_it_is_appended_at_the_origin(tmp_path):
    predictor = Watched(shop(tmp_path / "log"))
    user, items = int(predictor.users[1]), predictor.candidates[:3]

    found = long_term_effect(predictor, user, items)

    histories, instants = predictor.asked
    history = predictor.history(user)
    assert [len(each) - len(history) for each in histories] == [0, 1, 1, 1]
    assert [int(each.item[-1]) for each in histories[1:]] == items.tolist()
    assert {int(each.time[-1]) for each in histories[1:]} == {predictor.instant}
    assert set(instants) == {predictor.instant + 1}  # strictly after the event, and all at the same instant
    mu = predictor.predict(histories).mu.double().numpy()
    assert found.total_change() == pytest.approx(mu[1:].sum(1) - mu[0].sum())
    assert found.with_item.shape == (3, 6)


def test_the_usual_event_is_of_the_most_frequent_target_kind_before_the_cut_at_its_median_value(tmp_path):
    rows = [("a", "x", f"2024-01-0{day}", "view", value) for day, value in enumerate([1, 2, 9], start=1)]
    rows += [("a", "x", f"2024-01-0{day}", "return", 50) for day in range(1, 6)]
    rows += [("b", "x", "2024-01-05", "buy", 7)]
    rows += [("b", "x", f"2024-03-{day}", "buy", 7) for day in range(20, 29)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "kind", "value"])
    log = make_dataset(tmp_path / "log", frame, targets=["view", "buy"])

    found = usual_event(FakePredictor(log, "now", horizon=2))

    assert log.manifest.kinds[found.kind].name == "view"
    assert found.value == 2


def test_a_log_without_values_appends_none(tmp_path):
    assert np.isnan(usual_event(FakePredictor(shop(tmp_path / "log"))).value)


def test_where_there_are_no_curves_there_is_no_long_term_effect(tmp_path):
    frame = pd.DataFrame({"user_id": ["a", "a", "b"], "item_id": ["x", "y", "x"], "seq_pos": [0, 1, 0]})
    predictor = FakePredictor(make_dataset(tmp_path / "log", frame))

    with pytest.raises(UnsupportedError, match="order only"):
        long_term_effect(predictor, 0, [0])
