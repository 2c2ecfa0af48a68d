"""Explanations of many users by run id, and beside a page."""

import threading

import numpy as np
import pytest

from recviz.errors import NotFoundError
from recviz.explain.targets import Target
from recviz.services import explanation_groups
from recviz.services.background import Background, cancel_all
from recviz.services.explanation_groups import against_cohort, words_that_drive

TARGET = Target(what="activity", k=1)


@pytest.fixture
def cohorts(monkeypatch):
    """Two segments: everybody, and the second user alone."""

    def users(_, segment):
        if segment not in {"all", "one"}:
            raise NotFoundError.of("There is no segment", segment, "Pick one")
        return np.array([0, 1] if segment == "all" else [1])

    monkeypatch.setattr(explanation_groups, "users_of", users)


@pytest.mark.usefixtures("cohorts")
def test_a_user_is_compared_with_the_others_of_a_segment(ws):
    *_, found = against_cohort(ws, "r", "001", "all", TARGET, origin="now")

    assert found.n_users == 1
    assert sum(row.difference for row in found.rows) == pytest.approx(found.difference, abs=1e-4)


@pytest.mark.usefixtures("cohorts")
def test_words_are_summed_over_a_segment_or_everybody_and_over_no_more_than_asked(ws):
    def ends(**asked):
        *_, last = words_that_drive(ws, "r", TARGET, origin="now", **asked)
        return last.n_users

    assert (ends(), ends(segment="one"), ends(most=1)) == (2, 1, 1)


@pytest.mark.usefixtures("cohorts")
def test_a_segment_that_there_is_not_is_refused(ws):
    with pytest.raises(NotFoundError):
        next(words_that_drive(ws, "r", TARGET, segment="nobody", origin="now"))


def test_background_work_has_its_latest_result_at_hand_until_the_last():
    """Catches: results lost when the work ends; a caller that waits."""
    go = threading.Event()

    def results():
        yield 1
        go.wait(10)
        yield 2

    work = Background(results()).start()
    while work.latest is None:
        pass
    assert (work.latest, work.is_running) == (1, True)
    go.set()
    work.wait(10)

    assert (work.latest, work.is_running) == (2, False)


def test_cancelled_work_stops_after_the_result_at_hand():
    """Catches: a thread that works on for nobody."""
    go = threading.Event()
    made = []

    def results():
        for number in range(100):
            made.append(number)
            yield number
            go.wait(10)

    work = Background(results()).start()
    while work.latest is None:
        pass
    work.cancel()
    go.set()
    work.wait(10)

    assert not work.is_running
    assert made == [0, 1]


@pytest.mark.parametrize(
    "error", [NotFoundError.of("There is no item", "this log", "Pick another"), OSError("No space left on device")]
)
def test_an_error_of_background_work_reaches_who_asks(error):
    """Catches: a page that waits for ever, or begins the work again and again."""

    def results():
        yield 1
        raise error

    work = Background(results()).start()
    work.wait(10)

    with pytest.raises(type(error)):
        _ = work.latest


def test_all_work_is_stopped_and_waited_for_before_python_ends():
    """Catches: a thread inside torch when Python ends, which aborts the process."""
    gate = threading.Event()

    def results():
        yield 1
        gate.wait(10)
        yield 2
        yield 3

    work = Background(results()).start()
    threading.Timer(0.05, gate.set).start()

    cancel_all(10)

    assert not work.is_running
    assert work.latest == 2
