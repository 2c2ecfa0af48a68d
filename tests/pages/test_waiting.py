"""A page's question stands on the screen while its answer is worked out, and a visitor who leaves need not wait."""

import threading

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from recviz.errors import NotFoundError
from recviz.language import speaking, tr
from recviz.ui import waiting
from recviz.ui.waiting import awaited


@pytest.fixture
def drawn(monkeypatch):
    """The headlines that are drawn."""
    headlines: list[str] = []
    monkeypatch.setattr(st, "subheader", lambda words, **_: headlines.append(words))
    return headlines


def test_a_quick_answer_needs_no_question_before_it(drawn):
    assert awaited("What?", "Counting", lambda: 7) == 7
    assert drawn == []


def test_a_slow_answer_comes_after_its_question(drawn, monkeypatch):
    looked = threading.Event()
    monkeypatch.setattr(waiting, "session", looked.set)

    assert awaited("What?", "Counting", lambda: looked.wait(60) and list(drawn)) == ["What?"]


def test_what_the_work_meets_is_raised(drawn):
    def fail() -> None:
        raise NotFoundError.of("no such run", "the link", "pick another")

    with pytest.raises(NotFoundError):
        awaited("What?", "Counting", fail)
    assert drawn == []


@pytest.mark.usefixtures("drawn")
def test_a_visitor_who_leaves_does_not_wait_for_the_answer(monkeypatch):
    left, ended = threading.Event(), threading.Event()

    def gone() -> None:
        raise StopException

    monkeypatch.setattr(waiting, "session", gone)
    with pytest.raises(StopException):
        awaited("What?", "Counting", lambda: left.wait(60) and ended.set())

    assert not ended.is_set()
    left.set()
    assert ended.wait(60)


def test_the_work_speaks_the_visitors_language():
    with speaking("zh_CN"):
        assert awaited("", "", lambda: tr("Opening the model")) == "正在打开模型"
