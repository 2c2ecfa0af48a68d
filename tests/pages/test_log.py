"""Log: is my data what I think it is."""

import re

import pytest

from recviz.services import datasets
from tests.tiny import tiny_log


def _csv(table) -> bytes:
    return table.to_csv(index=False).encode()


def _upload(app, content: bytes, name: str = "shop.csv"):
    return app.file_uploader[0].upload(name, content, "text/csv").run()


def _said(app) -> str:
    return "\n".join(
        str(element.value) for element in (*app.title, *app.markdown, *app.caption, *app.warning, *app.text)
    ).replace("\\", "")


def test_a_log_goes_from_file_to_profile_and_is_stored_only_when_told(ws, visit):
    app = _upload(visit("log"), _csv(tiny_log()))
    app.button(key="log_check").click().run()
    assert "1,234 rows become 1,234 events; no row would be left out" in _said(app)
    assert datasets.list_datasets(ws) == ()

    app.text_input(key="log_name").set_value("My shop")
    app.button(key="log_store").click().run()

    assert not app.exception
    (row,) = datasets.list_datasets(ws)
    assert row.manifest.name == "My shop"
    assert app.query_params["dataset"] == row.manifest.id
    assert "My shop: 1,234 events of 48 users" in _said(app)
    assert not list(ws.settings.uploads.iterdir())


@pytest.mark.usefixtures("ws")
def test_a_rule_becomes_a_chip_and_leaves_rows_out_with_its_reason(visit):
    app = _upload(visit("log"), _csv(tiny_log()))

    app.multiselect[0].set_value(["amount > 1"]).run()
    app.button(key="log_check").click().run()

    assert not app.exception
    assert "would be left out" in _said(app)
    left_out = [frame.value for frame in app.dataframe if "Left out because" in frame.value.columns]
    assert "amount > 1" in left_out[0]["Left out because"][0]


@pytest.mark.usefixtures("ws")
def test_kinds_that_count_as_interest_are_chosen_among_those_that_were_found(ws, visit):
    app = _upload(visit("log"), _csv(tiny_log().assign(event=["view", "purchase"] * 617)))
    app.button(key="log_check").click().run()

    (interest,) = (choice for choice in app.multiselect if choice.label == "What counts as interest")
    interest.set_value(["purchase"]).run()
    app.button(key="log_check").click().run()
    app.button(key="log_store").click().run()

    assert not app.exception
    (row,) = datasets.list_datasets(ws)
    assert {kind.name: kind.is_target for kind in row.manifest.kinds} == {"view": False, "purchase": True}


def test_a_rule_that_cannot_be_read_is_told(visit):
    app = _upload(visit("log"), _csv(tiny_log()))

    app.multiselect[0].set_value(["amount is rather large"]).run()

    assert not app.exception
    assert "cannot be read" in _said(app)


@pytest.mark.usefixtures("ws")
def test_days_and_months_that_cannot_be_told_apart_are_asked_about(visit):
    table = tiny_log()
    at = [f"{1 + place % 12:02d}/{1 + place // 12 % 12:02d}/2025" for place in range(len(table))]

    app = _upload(visit("log"), _csv(table.assign(bought=at)))
    assert "does not tell" in _said(app)
    app.segmented_control[0].set_value("Day").run()
    app.button(key="log_check").click().run()

    assert not app.exception
    assert "1,234 rows become 1,234 events" in _said(app)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"user,item,time\n", "no rows"), (b"\x00\x01\x02\x03" * 64, "")],
)
def test_a_bad_file_is_told_and_nothing_is_stored(ws, visit, content, said):
    app = _upload(visit("log"), content)

    assert not app.exception
    assert len(app.text) > 0, "advice"
    assert said in _said(app).lower()
    assert datasets.list_datasets(ws) == ()


@pytest.mark.usefixtures("ws")
def test_a_hostile_file_name_and_title_are_shown_as_they_are(visit):
    table = tiny_log().assign(title="<img src=x onerror=alert(1)> $$ :material/home:")

    app = _upload(visit("log"), _csv(table), "../../<b>evil</b>.csv")

    assert not app.exception
    shown = [element.value for element in (*app.markdown, *app.caption)]
    assert any("img src" in text for text in shown), "the title is in the first histories"
    assert not [text for text in shown if re.search(r"(?<!\\)<(img|b)", text)]


@pytest.mark.usefixtures("ws", "log")
def test_the_profile_of_a_stored_log_has_a_headline_figures_and_charts(visit):
    app = visit("log")

    assert not app.exception
    assert "Tiny shop: 1,234 events of 48 users" in _said(app)
    assert [metric.value for metric in app.metric][:2] == ["48", "18"]
    assert len(app.get("plotly_chart")) == 2


def test_a_log_is_renamed_and_deleted_after_a_question(ws, log, visit):
    app = visit("log")
    app.text_input(key=f"log_rename_{log}").set_value("Renamed").run()
    app.button(key="log_rename_button").click().run()
    assert datasets.list_datasets(ws)[0].manifest.name == "Renamed"

    app.button(key="log_delete").click().run()
    assert len(datasets.list_datasets(ws)) == 1
    app.button(key="log_delete_sure").click().run()

    assert not app.exception
    assert datasets.list_datasets(ws) == ()


@pytest.mark.usefixtures("ws", "log")
def test_a_link_to_an_unknown_log_gets_a_friendly_page(visit):
    app = visit("log", dataset="nope")

    assert not app.exception
    assert any("nope" in text.value for text in app.text)


@pytest.mark.usefixtures("ws")
def test_a_file_on_the_server_is_offered_only_from_allowed_folders(visit, monkeypatch, tmp_path):
    monkeypatch.setenv("RECVIZ_IMPORT_FOLDERS", str(tmp_path / "allowed"))
    (tmp_path / "secret.csv").write_bytes(_csv(tiny_log()))
    app = visit("log")

    app.text_input[0].set_value(str(tmp_path / "allowed" / ".." / "secret.csv")).run()
    app.button(key="log_use_path").click().run()

    assert not app.exception
    assert len(app.text) > 0, "advice"
    assert not app.get("data_editor")
