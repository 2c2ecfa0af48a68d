"""Links into the app: every view is one, and an unknown, foreign or broken one gives a friendly page (fault 30)."""

import pytest

from recviz.model.config import preset_config
from recviz.services import runs
from recviz.ui.session import LONGEST
from tests.pages.finished import finish
from tests.pages.ready import address, open_page, words
from tests.tiny import tiny_log

PAGES = ("home", "log", "fine_tune", "interest", "compare")
BROKEN = {
    "a missing run": {"run": "nope"},
    "a path for a run": {"run": "../../etc/passwd"},
    "a missing log": {"dataset": "log-0000"},
    "a missing user": {"user": "<script>alert(1)</script>"},
    "a missing item": {"item": "nope"},
    "a period below the first": {"k": "-1"},
    "a period beyond all numbers": {"k": "1e999"},
    "an unknown origin": {"origin": "tomorrow"},
    "a point that is none": {"of": "activity:-1"},
    "600 KiB": {"topic": "A" * 600 * 1024},
    "a word of no meaning": {"zzz": "\u202e\x00"},
    "widgets that are not there": {"view": "nope", "segment": "nope", "heading": "nope", "runs": "nope"},
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_link_gives_a_friendly_page(ready, page, what):
    dataset, run = ready

    app = open_page(page, **{"dataset": dataset, "run": run, **BROKEN[what]})

    assert not app.exception
    assert "Traceback" not in words(app)


@pytest.mark.parametrize(("said", "shown"), [("tomorrow", "cut"), ("now", "now")])
def test_an_origin_that_is_none_is_the_usual_one(ready, said, shown):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, origin=said)

    assert app.segmented_control(key="interest_origin").value == shown


def test_a_word_that_is_too_long_is_cut_in_the_address_too(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, topic="A" * 600 * 1024)

    assert all(len(word) <= LONGEST for said in app.query_params.values() for word in said)


def test_a_run_of_another_log_brings_its_own_log(ws, store, log, visit):
    other = store(tiny_log().head(900), "Other shop")
    run = runs.launch(ws, preset_config("fast", dataset=other, horizon=6), "There")
    finish(ws, run)

    app = visit("home", dataset=log, run=run)

    assert not app.exception
    assert address(app, "dataset") == other
    assert app.selectbox(key="shell_log").value == other


def test_a_deleted_run_is_told_with_the_way_to_others(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log, horizon=6), "Gone")
    finish(ws, run)
    runs.delete(ws, run)

    app = visit("interest", dataset=log, run=run)

    assert not app.exception
    assert f"There is no run '{run}'" in words(app)
