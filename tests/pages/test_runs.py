"""Runs: is it going well."""

import json
from dataclasses import replace

import pytest
import streamlit as st

from recviz.data.split import END
from recviz.model.config import preset_config
from recviz.services import runs
from tests.pages.finished import EVALUATION, begin, fail, finish
from tests.tiny import tiny_log


@pytest.fixture
def run(ws, log) -> str:
    """A queued run."""
    return runs.launch(ws, preset_config("fast", dataset=log), "Quick <b>run</b>")


def _said(app) -> str:
    kinds = (*app.title, *app.markdown, *app.caption, *app.error, *app.text)
    return "\n".join(str(element.value) for element in kinds).replace("\\", "")


def _charts(app) -> list[str]:
    return [element.proto.spec for element in app.get("plotly_chart")]


def _keys(app) -> set[str]:
    return {button.key for button in app.button if button.key}


def _tab(app, name: str):
    """Open a part of the run; it is the tabs' own state that a click would set."""
    parts = 5 if "Against the baselines" in [tab.label for tab in app.tabs] else 4
    app.session_state[f"runs_tab_{parts}"] = name
    return app.run()


@pytest.mark.usefixtures("ws", "log")
def test_a_workspace_without_runs_says_where_they_come_from(visit):
    app = visit("runs")

    assert not app.exception
    assert "No run yet." in _said(app)


def test_a_queued_run_waits_and_can_be_cancelled(ws, run, visit):
    app = visit("runs")
    assert "waits for its turn" in _said(app)

    app.button(key="runs_cancel").click().run()

    assert not app.exception
    assert runs.run(ws, run).state == "cancelled"
    said = _said(app.run())
    assert "was cancelled" in said
    assert "It ended before its first step." in said


def test_a_run_at_work_shows_its_phase_its_curves_and_no_evaluation(ws, run, visit):
    begin(ws, run)

    app = visit("runs")

    assert not app.exception
    assert "is learning; best at step 20" in _said(app)
    assert "●</span>Learning, validated after each pass" in "".join(one.proto.body for one in app.get("html"))
    (chart,) = _charts(app)
    assert '"validation"' in chart
    assert "reading texts" not in chart


def test_a_refit_is_drawn_beside_the_phase_that_was_validated(ws, log, visit):
    run = runs.launch(ws, preset_config("balanced", dataset=log))
    begin(ws, run)
    lines = ws.run_folder(run) / "metrics.jsonl"
    refit = {"phase": "refit", "step": 5, "steps": 20, "pass_": 1, "losses": {"total": 2.5}, "validation": None}
    lines.write_text(lines.read_text() + json.dumps(refit) + "\n")
    ws.jobs.change(run, phase="refit")

    app = visit("runs")

    assert not app.exception
    assert "●</span>Learning anew from all before the cut" in "".join(one.proto.body for one in app.get("html"))
    assert "Learning anew from all before the cut" in _charts(app)[0]
    assert "step 5 of 20" in app.get("progress")[0].proto.text


def test_stop_and_finish_is_asked_for_once(ws, run, visit):
    begin(ws, run)
    app = visit("runs")

    app.button(key="runs_finish").click().run()

    assert not app.exception
    assert runs.run(ws, run).finish_early
    assert app.button(key="runs_finish").disabled
    assert app.button(key="runs_finish").label == "Finishing"


def test_a_failed_run_says_why_on_top_and_restarts_in_one_click_with_the_settings_to_try(ws, run, visit):
    fail(ws, run)
    ws.jobs.change(run, to_try="texts_per_step=96 batch_users=16")

    app = visit("runs")

    assert not app.exception
    assert "The GPU ran out of memory" in _said(app)
    assert "Try “Histories per step” 32" in _said(app)
    assert app.button(key="runs_restart").label == "Restart with texts per step 96 and histories per step 16"
    app.button(key="runs_restart").click().run()
    assert not app.exception
    assert runs.run(ws, run).state == "queued"
    config = ws.run_config(run)
    assert (config.texts_per_step, config.batch_users) == (96, 16)


def test_a_failed_run_with_no_setting_to_try_offers_to_go_on(ws, run, visit):
    fail(ws, run)

    app = visit("runs")
    app.button(key="runs_resume").click().run()

    assert not app.exception
    assert "runs_restart" not in _keys(app)
    assert runs.run(ws, run).state == "queued"


def test_what_stands_in_the_way_of_an_action_is_told_and_the_page_stays(ws, run, visit):
    app = visit("runs")
    runs.cancel(ws, run)  # from another browser

    app.button(key="runs_cancel").click().run()

    assert not app.exception
    assert any("cannot become" in text.value for text in app.text)
    assert "was cancelled" in _said(app)


def test_a_judged_run_stands_beside_its_baselines(ws, run, visit):
    finish(ws, run)

    app = visit("runs")

    assert not app.exception
    assert "9\u00a0% better than the best baseline, shrunken own rate" in _said(app)
    assert "Too few users to fit on." in _said(app)
    assert "The fit ran away." in _said(app)
    assert "all after one date" in _said(app), "of what groups share"
    assert len(_charts(app)) == 6, "one task, the chance to return, bands of users and of groups, weekly counts, tenths"
    assert len(_charts(_tab(app, "Learning"))) == 1


def test_a_run_judged_by_each_users_last_event_is_not_said_to_be_judged_on_no_weeks(ws, run, visit):
    finish(ws, run)
    replace(EVALUATION, split="leave-one-out", periods_scored=0).write(ws.run_folder(run) / "evaluation")

    assert "Judged on what was held out: the last event of 48 users." in _said(visit("runs", run=run))


def test_a_run_that_holds_nothing_out_is_not_said_to_be_judged(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log, cut=END))
    begin(ws, run)
    ws.jobs.move(run, "evaluating", "evaluating", phase="evaluating: working out everybody's curves")

    app = visit("runs")

    assert not app.exception
    strip = "".join(one.proto.body for one in app.get("html"))
    assert "●</span>Working out everybody's curves" in strip.replace("&#x27;", "'")
    assert "working out everybody's curves" in _said(app)
    assert "udg" not in _said(app) + strip + app.dataframe[0].value.to_string()


def test_a_run_says_what_it_used_of_the_machine(ws, run, visit):
    begin(ws, run)
    samples = [{"seconds": 2.0 * at, "cpu_percent": 150.0, "memory_mb": 800.0 + at} for at in range(5)]
    (ws.run_folder(run) / "usage.jsonl").write_text("".join(json.dumps(one) + "\n" for one in samples))

    app = _tab(visit("runs"), "Machine")

    assert not app.exception
    assert "1.5 cores busy on average" in _charts(app)[0]
    assert "Memory: 804 MB at most" in _charts(app)[1]
    assert len(_charts(app)) == 2, "no GPU, no chart of one"


def test_settings_of_a_run_are_told_in_words_and_what_differs_from_the_preset_comes_first(ws, log, visit):
    runs.launch(ws, preset_config("fast", dataset=log, horizon=4, rate=1e-3))

    app = _tab(visit("runs"), "Settings")

    assert not app.exception
    assert "**Fast, with 2 settings of its own**" in _said(app)
    own = app.table[0].value
    assert own["Setting"].tolist() == ["Steps ahead", "Learning rate, network"]
    assert own["This run"].tolist() == ["**4**", "**0\\.001**"]
    assert "--horizon 4" in app.code[0].value


def test_the_log_is_searched_and_comes_as_a_file(ws, run, visit):
    (ws.run_folder(run) / "log.txt").write_text("loading\nPass 1: done\nevaluating\n")

    app = _tab(visit("runs"), "Log")
    app.text_input(key="runs_log_words").set_value("pass DONE").run()

    assert not app.exception
    assert app.code[0].value == "Pass 1: done"
    assert "1 line with" in _said(app)
    assert "Download the whole log" in [one.proto.label for one in app.get("download_button")]


def test_the_table_is_narrowed_by_state_and_by_words(ws, run, visit):
    runs.cancel(ws, run)
    waiting = runs.launch(ws, ws.run_config(run), "Another")

    app = visit("runs")
    everything = app.dataframe[0].value
    app.button_group(key="runs_group").set_value("Waiting").run()
    only_waiting = app.dataframe[0].value
    app.button_group(key="runs_group").set_value(None).run()
    app.text_input(key="runs_words").set_value("quick tiny").run()
    only_quick = app.dataframe[0].value
    app.text_input(key="runs_words").set_value("nothing of the kind").run()

    assert not app.exception
    assert everything["Run"].tolist() == ["Another", "Quick <b>run</b>"]
    assert only_waiting["Run"].tolist() == ["Another"]
    assert only_waiting["Left"].tolist() == ["1st to start"]
    assert only_quick["Run"].tolist() == ["Quick <b>run</b>"]
    assert not app.dataframe
    assert "Clear the filter" in _said(app)
    assert runs.run(ws, waiting).state == "queued"


def test_the_order_of_the_queue_can_be_changed(ws, run, visit):
    later = runs.launch(ws, ws.run_config(run), "Later")
    app = visit("runs", run=later)
    assert "2nd of 2 to start" in _said(app)
    assert app.button(key="runs_down").disabled

    app.button(key="runs_first").click().run()

    assert not app.exception
    assert [job.id for job in runs.queue(ws)] == [later, run]
    assert "1st of 2 to start" in _said(app)


def test_a_run_alone_in_the_queue_has_no_order_to_change(run, visit):
    app = visit("runs", run=run)

    assert not _keys(app) & {"runs_first", "runs_up", "runs_down"}


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


def test_a_run_gets_another_name(ws, run, visit):
    app = visit("runs")

    app.menu_button(key="runs_more").click("rename").run()
    app.text_input(key="runs_name").set_value("Better name").run()
    app.button(key="runs_rename_sure").click().run()

    assert not app.exception
    assert runs.run(ws, run).name == "Better name"
    assert "Better name waits for its turn" in _said(app)


def test_deleting_a_run_asks_first_and_says_what_it_frees(ws, run, visit):
    finish(ws, run)
    app = visit("runs")

    app.menu_button(key="runs_more").click("delete").run()
    assert runs.run(ws, run).id == run
    assert "This frees" in _said(app)
    app.button(key="runs_delete_sure").click().run()

    assert not app.exception
    assert runs.runs(ws) == []


def test_a_run_at_work_cannot_be_deleted_and_says_why(ws, run, visit):
    begin(ws, run)
    app = visit("runs")

    app.menu_button(key="runs_more").click("delete").run()

    assert not app.exception
    assert "is at work and cannot be deleted now: cancel it first" in _said(app)
    assert "runs_delete_sure" not in _keys(app)


def test_a_clone_opens_the_form_with_the_settings_of_the_run(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log, horizon=4, width=32, dropout=0.0), "Small one")
    app = visit("runs", run=run)

    app.menu_button(key="runs_more").click("clone").run()
    app.switch_page("pages/fine_tune.py").run()  # the browser is there already; this driver goes back
    assert "These are the settings of **Small one**" in _said(app)
    app.number_input(key=f"fine_tune_{log}_fast_{run}_seed").set_value(3).run()
    app.button(key="fine_tune_start").click().run()

    assert not app.exception
    clone = next(job for job in runs.runs(ws) if job.id != run)
    config = ws.run_config(clone.id)
    assert clone.name == "Small one, changed"
    assert (config.preset, config.horizon, config.width, config.dropout, config.seed) == ("fast", 4, 32, 0.0, 3)


def test_the_settings_of_a_clone_outlive_a_reload_since_the_address_names_the_run(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log, horizon=4, width=32), "Small one")

    app = visit("fine_tune", dataset=log, like=run)

    assert not app.exception
    assert "These are the settings of **Small one**" in _said(app)
    assert app.number_input(key=f"fine_tune_{log}_fast_{run}_width").value == 32
    app.button(key="fine_tune_leave").click().run()
    assert "like" not in app.query_params
    assert app.number_input(key=f"fine_tune_{log}_fast_width").value == 96


@pytest.mark.parametrize("like", ["nobody-0", "../../etc", "of another log"])
def test_a_link_to_settings_that_are_not_there_shows_the_presets_and_says_so(ws, store, log, visit, like):
    if like == "of another log":
        like = runs.launch(ws, preset_config("fast", dataset=store(tiny_log().iloc[:-5], "Newer shop")))

    app = visit("fine_tune", dataset=log, like=like)

    assert not app.exception
    assert "is not among the runs of this log" in app.info[0].value
    assert "like" not in app.query_params
    assert app.button(key="fine_tune_start")


def test_a_clone_can_go_back_to_the_preset(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log, width=32))
    app = visit("runs", run=run)
    app.menu_button(key="runs_more").click("clone").run()
    app.switch_page("pages/fine_tune.py").run()

    app.button(key="fine_tune_leave").click().run()

    assert not app.exception
    assert app.number_input(key=f"fine_tune_{log}_fast_width").value == 96


def test_a_completed_run_with_no_other_log_says_where_to_bring_one(ws, run, visit):
    finish(ws, run)
    app = visit("runs")

    app.menu_button(key="runs_more").click("continue").run()

    assert not app.exception
    assert "There is no other log yet" in _said(app)


def test_a_completed_run_goes_on_on_a_newer_log_once(ws, run, store, visit, monkeypatch):
    finish(ws, run)
    newer = store(tiny_log().iloc[:-5], "Newer shop")
    monkeypatch.setattr(runs, "prepare_start", lambda *_: None)  # there is no model here to start from
    app = visit("runs", run=run)

    app.menu_button(key="runs_more").click("continue").run()
    assert app.button(key="runs_continue_sure").label.startswith("Start, about ")
    app.toggle(key="runs_continue_errors").set_value(True).run()
    app.button(key="runs_continue_sure").click().run()

    assert not app.exception
    (started,) = [job for job in runs.runs(ws) if job.id != run]
    config = ws.run_config(started.id)
    assert (config.continues, config.dataset, config.error_weight) == (run, newer, 1.0)
    assert started.name == "Quick <b>run</b>, continued"
    assert "continued waits for its turn" in _said(app)


def test_a_completed_run_learns_the_rest_of_its_log(ws, run, visit, monkeypatch):
    finish(ws, run)
    monkeypatch.setattr(runs, "prepare_start", lambda *_: None)  # there is no model here to start from
    app = visit("runs", run=run)

    app.menu_button(key="runs_more").click("rest").run()
    assert "It has no backtest of its own" in _said(app)
    app.button(key="runs_continue_sure").click().run()

    assert not app.exception
    (started,) = [job for job in runs.runs(ws) if job.id != run]
    config = ws.run_config(started.id)
    assert (config.continues, config.dataset, config.cut) == (run, ws.run_config(run).dataset, END)
    assert started.name == "Quick <b>run</b>, up to now"
    finish(ws, started.id)
    (ws.run_folder(started.id) / "evaluation" / "evaluation.json").unlink()
    ended = visit("runs", run=started.id)
    assert "rest" not in ended.menu_button(key="runs_more").options
    assert any("whose backtest says how good" in link.proto.label for link in ended.get("page_link"))


def test_a_run_that_cannot_be_continued_says_why_in_the_question(ws, run, store, visit):
    finish(ws, run)
    store(tiny_log().iloc[:-5], "Newer shop")
    app = visit("runs", run=run)

    app.menu_button(key="runs_more").click("continue").run()
    app.button(key="runs_continue_sure").click().run()

    assert not app.exception
    assert any(badge.value for badge in app.markdown if "Something to put right" in badge.value)
    assert [job.id for job in runs.runs(ws)] == [run]


def test_the_page_looks_again_by_itself_only_while_something_is_at_work(ws, run, visit, monkeypatch):
    every = []
    fragment = st.fragment
    monkeypatch.setattr(st, "fragment", lambda func, run_every=None: every.append(run_every) or fragment(func))

    app = visit("runs")
    every.clear()
    app.run()
    assert every == ["2s", "2s"], "the table and the run"
    runs.cancel(ws, run)
    app.run()
    every.clear()
    app.run()

    assert every == [None, None]
