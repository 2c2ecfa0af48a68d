"""Cohorts in a workspace whose model is a fake, or is known by hand."""

import io

import numpy as np
import pandas as pd
import pytest

from recviz.errors import InvalidSettingError, NotFoundError
from recviz.model.config import preset_config
from recviz.services import cohorts
from recviz.services.exports import table_bytes
from recviz.services.workspace import Workspace
from recviz.settings import Settings
from tests.forecast.fakes import FakePredictor, shop


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with one run whose model is a fake; one user's id is a formula."""
    made = Workspace(Settings(workspace=tmp_path / "workspace"))
    ids = [f"u{at % 40}" if at % 40 else "=HYPERLINK(1)" for at in range(500)]
    log = shop(made.settings.datasets / "log", users=40, events=500, user_id=ids)
    (made.settings.runs / "run-1").mkdir()
    preset_config("fast", dataset="log", horizon=6).write(made.settings.runs / "run-1")
    model = FakePredictor(log)
    monkeypatch.setattr(made, "predictor", lambda _run, _origin: model)
    return made


def test_users_heading_one_way_are_a_part_of_the_segment(workspace):
    everyone = cohorts.users(workspace, "run-1", "all")

    parts = [cohorts.users(workspace, "run-1", "all", direction=way) for way in everyone["direction"].unique()]

    assert sum(map(len, parts)) == len(everyone)
    assert all(len({*part["direction"]}) == 1 for part in parts)


def test_an_export_is_exact_in_parquet_and_harmless_in_a_spreadsheet(workspace):
    table = cohorts.export_users(cohorts.users(workspace, "run-1", "all"))

    exact = pd.read_parquet(io.BytesIO(table_bytes(table, "parquet")))
    sheet = pd.read_csv(io.BytesIO(table_bytes(table, "csv")), dtype={"user_id": str})

    assert "=HYPERLINK(1)" in exact["user_id"].tolist()
    assert exact["expected_1"].tolist() == table["expected_1"].tolist()
    assert "'=HYPERLINK(1)" in sheet["user_id"].tolist()
    assert not sheet["user_id"].str.startswith("=").any()


def test_an_export_of_nobody_has_its_header(workspace):
    table = cohorts.export_users(cohorts.users(workspace, "run-1", "all").iloc[:0])

    assert len(pd.read_parquet(io.BytesIO(table_bytes(table, "parquet")))) == 0
    assert table_bytes(table, "csv").decode("utf-8-sig").startswith("user_id,direction")


def test_reasons_are_summed_over_no_more_users_than_asked(workspace, monkeypatch):
    asked = []

    def drawn(_predictor, users, _target, **_how):
        asked.extend(users)
        yield from ()

    monkeypatch.setattr(cohorts, "drivers", drawn)

    list(cohorts.reasons(workspace, "run-1", "all", most=5))

    assert len(asked) == len({*asked}) == 5
    assert {*asked} <= {*workspace.predictor("run-1", "cut").users}


def test_reasons_of_nobody_are_refused(workspace, monkeypatch):
    monkeypatch.setattr(cohorts, "who", lambda *_: np.zeros(0, np.intp))

    with pytest.raises(InvalidSettingError, match="Nobody"):
        next(cohorts.reasons(workspace, "run-1", "all", "rises"))


def test_a_segment_that_there_is_not_is_refused(workspace):
    with pytest.raises(NotFoundError, match="no segment"):
        cohorts.users(workspace, "run-1", "nobody")
