"""Explain: the list of items that nobody has had yet."""

import numpy as np
import pytest

from recviz.services import recommendations
from recviz.services.workspace import Workspace
from tests.pages.ready import address, open_page, words

USER = "10004"


@pytest.fixture
def ws(tiny_workspace):
    return Workspace(tiny_workspace[0])


@pytest.fixture
def newcomers(ws, ready, monkeypatch):
    """Two items that the user has not had, of which it is said that nobody has."""
    ids = [item.item_id for item in recommendations.recommend_user(ws, ready[1], USER)][:2]

    def had(predictor):
        found = np.ones(predictor.dataset.manifest.n_items, dtype=bool)
        found[[predictor.dataset.item_index(item) for item in ids]] = False
        return found

    monkeypatch.setattr(recommendations, "_had", had)
    return ids


def test_items_that_nobody_has_had_are_listed_as_the_command_line_writes_them(ws, ready, newcomers):
    dataset, run = ready
    app = open_page("explain", dataset=dataset, run=run, user=USER, seen="too")

    app.toggle(key="explain_newcomers").set_value(True).run()

    table = recommendations.recommend_table(ws, run, newcomers=True)
    written = table[table["user_id"] == USER]
    assert not app.exception
    assert sorted(written["item_id"]) == sorted(newcomers)
    assert (app.dataframe[0].value["probability"] / 100).tolist() == pytest.approx(written["score"].tolist(), rel=1e-5)
    assert address(app, "seen") == "nobody"
    assert not app.toggle(key="explain_seen").value


@pytest.mark.usefixtures("newcomers")
def test_the_headline_says_among_which_items_the_chance_is(ready):
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user=USER, seen="nobody")

    assert app.toggle(key="explain_newcomers").value
    assert f"is number 1 for user {USER} among items that nobody has had" in words(app)
    assert "% among items that nobody has had" in words(app)


def test_where_everything_has_been_had_there_is_no_such_list(ready):
    """Catches: a link from another origin that leaves the page with nothing to choose."""
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user=USER, seen="nobody")

    assert not app.exception
    assert "explain_newcomers" not in {toggle.key for toggle in app.toggle}
    assert len(app.dataframe[0].value) > 1
