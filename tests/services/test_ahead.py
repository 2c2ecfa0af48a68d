"""What the pages open with is worked out before anybody asks."""

from types import SimpleNamespace

import pytest

from recviz.errors import UnsupportedError
from recviz.services import ahead
from recviz.services.ahead import look_ahead


@pytest.fixture
def ws(monkeypatch):
    """Three runs, the newest still learning; notes what is asked of which."""
    asked: list[tuple[str, ...]] = []
    jobs = [SimpleNamespace(id=run, state=state)
            for run, state in (("newest", "running"), ("ready", "completed"), ("old", "completed"))]  # fmt: skip
    monkeypatch.setattr(ahead.runs, "runs", lambda ws: ws.jobs)
    monkeypatch.setattr(ahead.forecasts, "user_lists", lambda _, run, origin: asked.append(("users", run, origin)))
    monkeypatch.setattr(ahead.forecasts, "segments", lambda _, run, origin: asked.append(("segments", run, origin)))
    monkeypatch.setattr(ahead, "telling_user", lambda _, run: asked.append(("explanation", run)))
    return SimpleNamespace(jobs=jobs, asked=asked, predictor=lambda run, origin: asked.append(("model", run, origin)))


def test_the_newest_finished_run_is_looked_into_users_of_now_first(ws):
    assert len([*look_ahead(ws)]) == 6
    assert ws.asked == [
        ("model", "ready", "cut"),
        ("model", "ready", "now"),
        ("users", "ready", "now"),
        ("users", "ready", "cut"),
        ("segments", "ready", "cut"),
        ("explanation", "ready"),
    ]


def test_it_stops_between_two_pieces_when_it_is_told_to(ws):
    next(look_ahead(ws))

    assert ws.asked == [("model", "ready", "cut")]


def test_what_a_run_cannot_answer_is_left_out(ws, monkeypatch):
    def refuse(*_: object) -> None:
        raise UnsupportedError.of("no curves", "the log", "ask for a ranking")

    monkeypatch.setattr(ahead.forecasts, "user_lists", refuse)
    monkeypatch.setattr(ahead.forecasts, "segments", refuse)

    assert [*look_ahead(ws)] == ["model, cut", "model, now", "explanation"]


def test_a_workspace_without_a_finished_run_has_nothing_to_work_out(ws):
    ws.jobs = ws.jobs[:1]

    assert [*look_ahead(ws)] == []
    assert ws.asked == []
