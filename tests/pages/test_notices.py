"""A notice when a run ends while one looks at another page."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from recviz.jobs.job import Job
from recviz.jobs.store import utc_now
from recviz.model.config import preset_config
from recviz.services import runs
from recviz.ui.notices import ended_words
from tests.pages.finished import fail, finish

JOB = Job(id="balanced-1", name="Balanced <b>x</b>", dataset="shop", preset="balanced", created=utc_now())

SHELL = """
import streamlit as st
from recviz.services import runs
from recviz.ui.caches import workspace
from recviz.ui.notices import tell_ended

tell_ended(runs.runs(workspace()), in_sight=st.session_state["in_sight"])
"""
"""What surrounds every page, as far as notices go."""


@pytest.fixture
def run(ws, log) -> str:
    """A queued run."""
    return runs.launch(ws, preset_config("fast", dataset=log), "Quick run")


def _notices(app) -> list[str]:
    return [toast.value.replace("\\", "") for toast in app.toast]


def test_a_run_that_ends_elsewhere_is_told_once(ws, run, visit):
    app = visit("fine_tune")
    assert _notices(app) == []

    finish(ws, run)

    assert _notices(app.run()) == ["**Quick run is ready**: +9 % (5 to 13). See it under Runs."]
    assert _notices(app.run()) == []
    assert not app.exception


def test_a_failed_run_says_why_in_its_notice(ws, run, visit):
    app = visit("fine_tune")

    fail(ws, run)

    assert _notices(app.run()) == ["**Quick run failed**: The GPU ran out of memory. Runs says what to do."]


def test_a_run_that_had_ended_before_the_tab_was_opened_is_no_news(ws, run, visit):
    finish(ws, run)

    app = visit("fine_tune")

    assert _notices(app) == []


def test_a_run_that_is_resumed_and_ends_again_is_news_again(ws, run, visit):
    fail(ws, run)
    app = visit("fine_tune")
    runs.resume(ws, run)
    app.run()

    fail(ws, run)

    assert len(_notices(app.run())) == 1


def test_what_ends_in_sight_is_no_news_there_nor_on_the_next_page(ws, run):
    app = AppTest.from_string(SHELL, default_timeout=60)
    app.session_state["in_sight"] = True
    app.run()
    runs.cancel(ws, run)

    assert _notices(app.run()) == []
    app.session_state["in_sight"] = False
    assert _notices(app.run()) == []
    assert not app.exception


def test_after_a_night_the_rest_is_counted(ws, run, visit):
    more = [runs.launch(ws, ws.run_config(run), f"Run {number}") for number in range(5)]
    app = visit("fine_tune")

    for one in (run, *more):
        runs.cancel(ws, one)

    notices = _notices(app.run())
    assert len(notices) == 4
    assert notices[-1] == "3 more runs have ended. See them under Runs."


def test_a_notice_shows_a_name_as_it_is():
    words = ended_words(replace(JOB, state="cancelled"))

    assert words.replace("\\", "") == "**Balanced <b>x</b> was cancelled**. See it under Runs."
    assert "<b>" not in words
