"""The cohort view of the Interest page: segments, who is heading where, and why."""

from types import SimpleNamespace

import pandas as pd
import pytest

from recviz.explain.drivers import Driver, Drivers
from recviz.explain.targets import Target
from recviz.model.level import LevelSpread
from recviz.services import cohorts
from recviz.services.workspace import Workspace
from recviz.ui.interest_cohort import band_words
from recviz.ui.interest_heading import filtered, shown_users
from tests.pages.ready import address, charts, open_page, words


def test_every_segment_is_compared_with_what_happened(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, view="Cohort")

    assert not app.exception
    assert "active days expected of" in words(app)
    segments = app.dataframe[1].value
    assert (segments["expected"] > 0).all()
    assert segments["actual"].notna().all()
    assert {"Activity", "First seen", "Last seen", "Category share"} <= set(segments["group"])
    assert all(chart.alt for chart in charts(app))


def test_the_users_of_a_segment_are_those_of_the_service(ready, tiny_workspace):
    dataset, run = ready
    table = cohorts.users(Workspace(tiny_workspace[0]), run, "activity:4")

    app = open_page("interest", dataset=dataset, run=run, view="Cohort", segment="activity:4")

    assert not app.exception
    assert f"Of {len(table)} users" in words(app)
    shown = app.dataframe[0].value
    assert shown["user_id"].tolist() == table["user_id"].tolist()
    assert shown["expected"].tolist() == pytest.approx(table["expected"].tolist())


def test_a_link_to_the_cohorts_opens_them_in_either_language(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, view="Cohort", lang="zh")

    assert not app.exception
    segments = app.dataframe[1].value
    assert {"活跃度", "首次出现", "最近出现", "类目占比"} <= set(segments["group"])
    assert "个用户中，" in words(app)
    assert address(app, "view") == "Cohort", "the address does not speak Chinese"


def test_a_link_keeps_who_is_looked_at(ready):
    dataset, run = ready

    app = open_page("interest", dataset=dataset, run=run, view="Cohort", heading="stays")

    assert not app.exception
    assert app.dataframe[0].value["direction"].eq("stays as active").all()
    assert address(app, "heading") == "stays"


@pytest.mark.parametrize("link", [{"segment": "no such"}, {"heading": "<b>up</b>"}, {"view": "x" * 5000}])
def test_a_broken_link_gives_the_page_with_its_usual_choice(ready, link):
    dataset, run = ready

    app = open_page("interest", **{"dataset": dataset, "run": run, "view": "Cohort", **link})

    assert not app.exception


def test_why_is_explained_beside_the_page(ready, monkeypatch):
    dataset, run = ready
    row = Driver(label="Tents", is_text=False, mean=0.4, standard_error=0.1, n_users=2)
    found = Drivers(
        run="r@0",
        target=Target(what="activity"),
        scalar="log activity",
        unit="nats",
        level="category",
        rows=(row,),
        candidate=(),
        covered=1.0,
        done=2,
        n_users=2,
    )
    asked = []

    def reasons(*given, **how):
        asked.append((given[2:], how["level"]))
        yield found

    monkeypatch.setattr(cohorts, "reasons", reasons)
    app = open_page("interest", dataset=dataset, run=run, view="Cohort", heading="stays")
    app.button(key="interest_reasons_start").click().run()
    app.run()

    assert not app.exception
    assert asked == [(("all", "stays"), "category")]
    assert "Tents lifts it most" in words(app)
    assert "an association" in words(app).lower()
    app.pills(key="interest_heading").set_value("rises").run()
    assert "Tents lifts it most" not in words(app)


def table():
    return pd.DataFrame(
        {
            "user_id": ["007", "Ann", "bob"],
            "direction": ["rises", "fades", "rises"],
            "recent_rate": [1.0, 2.0, 0.0],
            "expected": [9.0, 1.0, 5.0],
            "change": [0.5, -1.0, 0.4],
            "p_active_horizon": [0.9, 0.2, 0.5],
            "category": ["Tents", "", "Red mugs"],
            "category_share": [0.6, 0.0, 1.0],
            "events": [3, 0, 1],
            "last_seen": pd.to_datetime(["2024-01-01"] * 3, utc=True),
            "past": [[1, 0]] * 3,
            "curve": [[0.5, 0.5]] * 3,
        }
    )


@pytest.mark.parametrize(
    ("direction", "sought", "ids"),
    [
        (None, "", ["007", "Ann", "bob"]),
        ("rises", "", ["007", "bob"]),
        ("rises", " MUGS ", ["bob"]),
        (None, "aNN", ["Ann"]),
        ("may lapse", "", []),
        (None, ".*", []),
    ],
)
def test_users_are_found_by_heading_id_and_category(direction, sought, ids):
    assert filtered(table(), direction, sought)["user_id"].tolist() == ids


def test_users_are_shown_in_the_units_of_the_page():
    shown = shown_users(table())

    assert shown["returning"].tolist() == pytest.approx([90, 20, 50])
    assert shown["category"].tolist() == ["Tents (60 %)", "", "Red mugs (100 %)"]
    assert shown["direction"].tolist() == ["rises", "fades", "rises"]
    assert shown["curve"].tolist() == [[1, 0, 0.5, 0.5]] * 3


def test_the_band_says_whether_earlier_dates_told_how_far_everybody_moves_at_once():
    def said(**level):
        return band_words(SimpleNamespace(p_active_horizon=0.5, level=LevelSpread(**level)), "week")

    assert said() == "50 % are expected to return at all. The band takes users to vary independently."
    assert said(period=0.2, horizon=0.11, origins=2) == (
        "50 % are expected to return at all. The band takes users to vary independently, and the level of all to be off "
        "as far as it was at 2 earlier dates: 20 % in a single week, 11 % over the horizon."
    )
