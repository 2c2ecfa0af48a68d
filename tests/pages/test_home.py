"""Home: where am I, what next."""

import pytest

from recviz.model.config import preset_config
from recviz.services import runs
from tests.pages.finished import finish
from tests.tiny import tiny_log


def _texts(app):
    return [element.value for element in (*app.title, *app.markdown, *app.caption)]


@pytest.mark.usefixtures("ws")
def test_an_empty_workspace_says_what_the_app_is_for_and_offers_two_ways_in(visit):
    app = visit("home")

    assert not app.exception
    assert app.title[0].value == "What will each user want in the coming weeks, and why?"
    assert [button.label for button in app.button] == ["Try the sample shop", "Bring your own log"]


@pytest.mark.usefixtures("ws")
def test_bring_your_own_log_leads_to_the_log_page(visit):
    app = visit("home").button(key="home_bring").click().run()

    assert not app.exception
    assert "Bring a log" in app.title[0].value


def test_the_sample_shop_is_stored_and_its_run_is_queued_once(ws, visit):
    app = visit("home").button(key="home_sample").click().run(timeout=120)

    assert not app.exception
    jobs = runs.runs(ws)
    assert [job.name for job in jobs] == ["Demo"]
    assert app.query_params["run"] == jobs[0].id
    assert any("waits for its turn" in text for text in _texts(app))


@pytest.mark.usefixtures("ws", "log")
def test_a_stored_log_without_a_run_leads_to_fine_tuning(visit):
    app = visit("home")

    assert not app.exception
    assert app.title[0].value == "Tiny shop is in: fine-tune a model on it next"
    assert app.metric[0].value == "1,234"


def test_a_judged_run_is_the_headline_with_its_best_baseline(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log), "Quick")
    finish(ws, run)

    app = visit("home")

    assert not app.exception
    assert "predicts activity 9\u00a0% better than the best baseline" in app.title[0].value.replace("\\", "")
    assert app.metric[3].value == "+9 %"


@pytest.mark.usefixtures("ws")
def test_a_name_with_marks_in_it_is_shown_as_it_is(store, visit):
    store(tiny_log(), "**Bold** $x$ <b>shop</b>")

    app = visit("home")

    assert not app.exception
    shown = app.title[0].value.replace("\\", "")
    assert shown.startswith("**Bold** $x$ <b>shop</b> is in")
    assert "\\*\\*Bold" in app.title[0].value
