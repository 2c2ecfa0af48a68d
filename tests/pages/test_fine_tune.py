"""Fine-tune: what will it cost, what will I get."""

import pytest

from recviz.data.split import END
from recviz.model.config import preset_config
from recviz.services import runs
from recviz.ui.launching import _launch
from tests.tiny import tiny_log

COLOURS = ("红色", "蓝色", "黄铜")
THINGS = ("帐篷", "杯子", "台灯", "睡袋", "炉具", "背包")


def _said(app) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption, *app.warning, *app.text))


@pytest.mark.usefixtures("ws")
def test_without_a_log_the_page_says_where_to_get_one(visit):
    app = visit("fine_tune")

    assert not app.exception
    assert "No log is chosen yet" in _said(app)


@pytest.mark.usefixtures("ws", "log")
def test_each_preset_says_what_it_costs_here_and_balanced_is_chosen(visit):
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
    assert app.title[0].value == "1 run waits for a free place"


def test_a_run_may_hold_out_nothing_and_is_told_to_be_for_use(ws, log, visit):
    app = visit("fine_tune")
    app.selectbox(key=f"fine_tune_{log}_balanced_split").set_value("nothing").run()
    words = _said(app)

    app.button(key="fine_tune_start").click().run()

    assert "Without a backtest nothing says how good the run is" in words
    assert "held out" not in "".join(str(bar.proto.body) for bar in app.get("html"))
    (job,) = runs.runs(ws)
    assert (ws.run_config(job.id).split, ws.run_config(job.id).cut) == ("time", END)


def test_each_users_last_event_held_out_takes_what_the_preset_says_of_that(ws, log, visit):
    """Catches: passes that stay those of the other split, because the form had drawn them already."""
    app = visit("fine_tune")
    app.button(key="fine_tune_fast").click().run()
    app.selectbox(key=f"fine_tune_{log}_fast_split").set_value("leave-one-out").run()
    there = app.number_input(key=f"fine_tune_{log}_fast_leave-one-out_passes").value
    app.selectbox(key=f"fine_tune_{log}_fast_split").set_value("time").run()
    back = app.number_input(key=f"fine_tune_{log}_fast_time_passes").value
    app.selectbox(key=f"fine_tune_{log}_fast_split").set_value("leave-one-out").run()

    app.button(key="fine_tune_start").click().run()

    (job,) = runs.runs(ws)
    config = ws.run_config(job.id)
    assert config == preset_config(
        "fast", dataset=log, split="leave-one-out", period=config.period, horizon=config.horizon
    )
    assert (there, config.passes, config.refit) == (16, 16, True)
    assert back == preset_config("fast").passes == 6


@pytest.mark.usefixtures("ws")
def test_a_log_with_an_order_only_is_told_the_cost_of_what_it_starts(store, visit):
    order = tiny_log().assign(seq_pos=range(len(tiny_log()))).drop(columns="bought")
    log = store(order)
    app = visit("fine_tune", dataset=log)

    balanced = [text.value for text in app.markdown if "of memory" in text.value][1]

    started = app.button(key="fine_tune_start").label.removeprefix("Start, ")
    assert balanced.startswith(f"**{started}**")


@pytest.mark.usefixtures("log")
def test_a_second_click_on_start_is_the_same_run(ws, visit):
    app = visit("fine_tune")
    start = app.button(key="fine_tune_start")
    once = app.session_state["recviz_fine_tune_key"]
    start.click().run()
    (first,) = runs.runs(ws)

    _launch(ws, ws.run_config(first.id), "Again", once)  # what a click that was on its way calls

    assert [job.id for job in runs.runs(ws)] == [first.id]


@pytest.mark.usefixtures("ws")
def test_the_command_under_the_form_names_what_differs_from_the_preset(log, visit):
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


@pytest.mark.usefixtures("ws")
def test_text_that_the_language_model_cannot_read_is_told_with_what_to_take_instead(store, visit):
    table = tiny_log()
    chinese = {
        title: f"{COLOURS[place % 3]}{THINGS[place // 3]}" for place, title in enumerate(table["title"].unique())
    }
    store(table.assign(title=table["title"].map(chinese)), "Chinese shop")

    app = visit("fine_tune")

    assert not app.exception
    (warning,) = [text.value for text in app.warning if "cannot read" in text.value]
    assert "multilingual-e5-small" in warning


@pytest.mark.parametrize("dataset", ["nope", "../../etc/passwd", "<script>"])
@pytest.mark.usefixtures("ws", "log")
def test_a_link_to_an_unknown_log_gets_a_friendly_page(visit, dataset):
    app = visit("fine_tune", dataset=dataset)

    assert not app.exception
    assert len(app.text) == 1
