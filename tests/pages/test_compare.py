"""The Compare page: which run is better, and where do they differ?"""

import shutil

import pytest

from recviz.jobs.job import Job
from recviz.jobs.store import utc_now
from recviz.model.config import preset_config
from recviz.services import comparisons, runs
from recviz.services.comparisons import SettingDifference
from recviz.services.workspace import Workspace
from recviz.ui.compare_choice import completed_choice, distinct_names, split_known
from recviz.ui.compare_data import Chosen
from recviz.ui.compare_details import settings_table
from recviz.ui.compare_users import _columns
from tests.pages.finished import finish
from tests.pages.ready import address, charts, open_page, words
from tests.tiny import make_twin, tiny_log

HALF, CHECKBOX = 489, 33
"""Pixels of half the page in a window of 1440, and of the column by which a row is chosen."""
on_a_ready_workspace = pytest.mark.usefixtures("ready", "twins")


@pytest.fixture(scope="module")
def twins(tiny_workspace):
    """The tiny run, and a copy of it whose settings say another seed: two ready runs without training twice."""
    settings, dataset, run = tiny_workspace
    ws, twin = Workspace(settings), make_twin(settings, dataset, run)
    [*comparisons.work_out(ws, [run, twin])]
    yield run, twin
    ws.jobs.delete(twin)
    shutil.rmtree(settings.runs / twin)


@pytest.mark.usefixtures("ready")
def test_equal_runs_are_said_to_be_alike(twins):
    app = open_page("compare", runs=",".join(twins))

    assert not app.exception
    assert "predict activity" in words(app)
    assert "alike: what differs is inside the noise" in words(app)
    assert address(app, "runs") == ",".join(twins)


@pytest.mark.usefixtures("ready")
def test_the_table_shows_the_comparisons_own_numbers(tiny_workspace, twins):
    found = comparisons.compare(Workspace(tiny_workspace[0]), list(twins))

    app = open_page("compare", runs=",".join(twins))

    table = app.table[0].value
    assert len(table) == len(found.rows)
    assert "0 %" in table.iloc[0, 2]
    assert f"{found.rows[0].values[0]:.3f}".replace(".", "\\.") == table.iloc[0, 1]


@pytest.mark.usefixtures("ready")
def test_a_row_of_the_users_opens_both_curves(twins):
    app = open_page("compare", runs=",".join(twins))

    first = str(app.dataframe[0].value["user_id"].iloc[0])
    assert f"User {first}" in charts(app)[0].alt
    assert all(chart.alt for chart in charts(app))
    other = str(app.dataframe[0].value["user_id"].iloc[3])
    chosen = open_page("compare", runs=",".join(twins), user=other)
    assert f"User {other}" in charts(chosen)[0].alt


@pytest.mark.usefixtures("ready")
def test_only_the_setting_that_differs_is_shown_in_words(twins):
    app = open_page("compare", runs=",".join(twins))

    differing = app.table[1].value
    assert differing["Setting"].tolist() == ["Seed"]
    assert differing.iloc[0, 1:].tolist() == ["0", "7"]


@pytest.mark.usefixtures("ready")
def test_without_a_choice_the_run_in_sight_is_compared_with_the_newest_other(twins):
    app = open_page("compare", run=twins[0])

    assert not app.exception
    assert address(app, "runs") == ",".join(twins)


@pytest.mark.usefixtures("ready")
def test_a_run_that_is_not_here_gives_advice_and_the_others_stand(twins):
    app = open_page("compare", runs=f"{twins[0]},<b>nope</b>,{twins[1]}")

    assert not app.exception
    assert "There is no run '<b>nope</b>'" in words(app)
    assert "alike" in words(app)


@on_a_ready_workspace
@pytest.mark.parametrize("said", ["a," * 4000, "%00", ",,,", "..%2f..%2fetc"])
def test_a_broken_link_gives_a_friendly_page(said):
    app = open_page("compare", runs=said)

    assert not app.exception
    assert app.multiselect[0].value


@pytest.mark.usefixtures("ready")
def test_an_unknown_user_gives_advice_beside_the_scores(twins):
    app = open_page("compare", runs=",".join(twins), user="nobody")

    assert not app.exception
    assert "There is no user" in words(app)
    assert "alike" in words(app)


def test_numbers_of_two_runs_with_long_names_stand_beside_the_curves_uncut():
    """Catches: columns as wide as the names of the runs, so that the second one's numbers lie outside the table."""
    names = (
        "Balanced on the whole shop with two more layers (a1)",
        "Balanced on the whole shop with two more layers (b2)",
    )

    columns = _columns(Chosen(None, ("a1", "b2"), names))

    assert sum(column["width"] for column in columns.values()) + CHECKBOX <= HALF
    labels = [columns[name]["label"] for name in ("expected_a1", "expected_b2")]
    assert len({*labels}) == 2
    assert all(7 * len(label) <= columns["expected_a1"]["width"] - 16 for label in labels)


def test_one_run_alone_is_told_what_to_do_next(ws, log, visit):
    run = runs.launch(ws, preset_config("fast", dataset=log, horizon=6), "Alone")
    finish(ws, run)

    app = visit("compare", runs=run)

    assert not app.exception
    assert "One run is ready so far" in words(app)


@pytest.mark.usefixtures("ws")
def test_a_workspace_without_runs_is_told_where_they_come_from(visit):
    app = visit("compare")

    assert not app.exception
    assert "No run is ready yet" in words(app)


def test_runs_of_other_logs_are_said_not_to_compare(ws, store, log, visit):
    ids = []
    for dataset, name in ((log, "Here"), (store(tiny_log().head(900), "Other shop"), "There")):
        ids.append(runs.launch(ws, preset_config("fast", dataset=dataset, horizon=6), name))
        finish(ws, ids[-1])

    app = visit("compare", runs=",".join(ids))

    assert not app.exception
    assert "There and Here learnt from different logs" in words(app)
    assert "The scores of There and Here do not compare" in words(app)


@pytest.mark.usefixtures("ready")
def test_a_run_that_is_taken_away_by_hand_stays_away(twins):
    app = open_page("compare", runs=",".join(twins))

    app.multiselect[0].set_value([twins[0]]).run()

    assert app.multiselect[0].value == [twins[0]]
    assert "Pick a second run" in words(app)
    assert address(app, "runs") == twins[0]


def job(run, log="shop", state="completed", name="Run"):
    return Job(id=run, name=name, dataset=log, preset="fast", created=utc_now(), state=state)


def test_a_choice_is_filled_up_with_ready_runs_of_the_same_log():
    jobs = {one.id: one for one in (job("new"), job("other", "forum"), job("failed", state="failed"), job("old"))}

    assert completed_choice([], jobs, "old") == ["old", "new"]
    assert completed_choice(["other"], jobs, "old") == ["other"]
    assert completed_choice(["old", "failed"], jobs, "") == ["old", "failed"]
    assert completed_choice([], jobs, "gone") == ["new", "old"]
    assert completed_choice([], {}, "") == []


def test_a_link_names_each_run_once():
    assert split_known(["a", "b", "a", " ", "x"], {"a": job("a"), "b": job("b")}) == (["a", "b"], ["x"])


def test_runs_of_one_name_are_told_apart():
    names = distinct_names({"a1": job("a1"), "b2": job("b2"), "c": job("c", name="Mine", state="failed")})

    assert names == {"a1": "Run (a1)", "b2": "Run (b2)", "c": "Mine, failed"}


def test_settings_are_compared_in_the_analysts_words():
    table = settings_table(
        (SettingDifference("tuning", ("frozen", "lora")), SettingDifference("rate", (5e-5, 0.5))), ("One", "Two")
    )

    assert table["Setting"].tolist() == ["How much of it learns", "Learning rate, network"]
    assert table["One"].tolist() == ["nothing", "5e-05"]
    assert table["Two"].tolist() == ["LoRA", "0.500"]
