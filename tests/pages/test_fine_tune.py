"""Fine-tune: what will it cost, what will I get."""

import pytest

from recviz.services import runs
from tests.tiny import tiny_log

CHINESE = ["红色帐篷", "蓝色杯子", "黄铜台灯"]


def _said(app) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption, *app.warning, *app.text))


def test_without_a_log_the_page_says_where_to_get_one(ws, visit):
    app = visit("fine_tune")

    assert not app.exception
    assert "No log is chosen yet" in _said(app)


def test_each_preset_says_what_it_costs_here_and_balanced_is_chosen(ws, log, visit):
    app = visit("fine_tune")

    assert not app.exception
    costs = [text.value for text in app.markdown if "of memory" in text.value]
    assert len(costs) == 3
    assert app.button(key="fine_tune_balanced").label == "Chosen"


def test_start_queues_the_settings_of_the_form_and_opens_the_run(ws, log, visit):
    app = visit("fine_tune")
    app.button(key="fine_tune_fast").click().run()
    app.number_input(key=f"fine_tune_{log}_fast_horizon").set_value(4).run()
    app.number_input(key=f"fine_tune_{log}_fast_width").set_value(32).run()

    app.button(key="fine_tune_start").click().run()

    assert not app.exception
    (job,) = runs.runs(ws)
    config = ws.run_config(job.id)
    assert (config.preset, config.horizon, config.width, config.tuning) == ("fast", 4, 32, "frozen")
    assert app.query_params["run"] == job.id
    assert app.title[0].value == "Runs"


def test_the_command_under_the_form_names_what_differs_from_the_preset(ws, log, visit):
    app = visit("fine_tune")
    app.number_input(key=f"fine_tune_{log}_balanced_seed").set_value(7).run()

    assert f"recviz train {log} --preset balanced" in app.code[0].value
    assert "--seed 7" in app.code[0].value


def test_a_setting_that_cannot_work_is_told_and_nothing_starts(ws, log, visit):
    app = visit("fine_tune")

    app.number_input(key=f"fine_tune_{log}_balanced_heads").set_value(5).run()

    assert not app.exception
    assert "width 96 is not a multiple of heads 5" in app.text[0].value
    assert runs.runs(ws) == []


def test_text_that_the_language_model_cannot_read_is_told_with_what_to_take_instead(ws, store, visit):
    table = tiny_log()
    store(table.assign(title=[CHINESE[place % 3] for place in range(len(table))]), "Chinese shop")

    app = visit("fine_tune")

    assert not app.exception
    (warning,) = [text.value for text in app.warning if "cannot read" in text.value]
    assert "multilingual-e5-small" in warning


@pytest.mark.parametrize("dataset", ["nope", "../../etc/passwd", "<script>"])
def test_a_link_to_an_unknown_log_gets_a_friendly_page(ws, log, visit, dataset):
    app = visit("fine_tune", dataset=dataset)

    assert not app.exception
    assert len(app.text) == 1
