"""Runs: is it going well."""

import pytest

from recviz.model.config import preset_config
from recviz.services import runs
from tests.pages.finished import begin, fail, finish


@pytest.fixture
def run(ws, log) -> str:
    """A queued run."""
    return runs.launch(ws, preset_config("fast", dataset=log), "Quick <b>run</b>")


def _said(app) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption, *app.error, *app.text)).replace(
        "\\", ""
    )


def _charts(app) -> list[str]:
    return [element.proto.spec for element in app.get("plotly_chart")]


@pytest.mark.usefixtures("ws", "log")
def test_a_workspace_without_runs_says_where_they_come_from(visit):
    app = visit("runs")

    assert not app.exception
    assert "No run yet." in _said(app)


def test_a_queued_run_waits_and_can_be_cancelled(ws, run, visit):
    app = visit("runs")
    assert "Waiting for its turn" in _said(app)

    app.button(key="runs_cancel").click().run()

    assert not app.exception
    assert runs.run(ws, run).state == "cancelled"
    assert "was cancelled" in _said(app.run())


def test_a_run_at_work_shows_its_curves_and_no_evaluation(ws, run, visit):
    begin(ws, run)

    app = visit("runs")

    assert not app.exception
    assert "Learning; best at step 20" in _said(app)
    (chart,) = _charts(app)
    assert '"validation"' in chart
    assert "reading texts" not in chart


def test_a_failed_run_says_why_and_what_to_do(ws, run, visit):
    fail(ws, run)

    app = visit("runs")

    assert not app.exception
    assert "The GPU ran out of memory" in _said(app)
    assert "Try batch_users 32" in _said(app)
    assert app.button(key="runs_resume").label == "Resume"


def test_a_judged_run_stands_beside_its_baselines(ws, run, visit):
    finish(ws, run)

    app = visit("runs")

    assert not app.exception
    assert "9\u00a0% better than the best baseline, shrunken own rate" in _said(app)
    assert "Too few users to fit on." in _said(app)
    assert len(_charts(app)) == 4, "learning, one task, reliability, coverage"


def test_a_name_with_marks_in_it_is_shown_as_it_is(ws, run, visit):
    finish(ws, run)

    app = visit("runs")

    assert "Quick <b>run</b> is ready" in _said(app)
    assert all("<b>run</b>" not in element.value for element in app.markdown)


@pytest.mark.parametrize("link", ["nope", "../../etc", "balanced-0000", "%00"])
@pytest.mark.usefixtures("ws", "run")
def test_a_link_to_an_unknown_run_gets_a_friendly_page(visit, link):
    app = visit("runs", run=link)

    assert not app.exception
    assert any("There is no run" in text.value for text in app.text)


def test_deleting_a_run_asks_first(ws, run, visit):
    finish(ws, run)
    app = visit("runs")

    app.button(key="runs_delete").click().run()
    assert runs.run(ws, run).id == run
    app.button(key="runs_delete_sure").click().run()

    assert not app.exception
    assert runs.runs(ws) == []
