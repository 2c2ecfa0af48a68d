"""Explain: what a number is compared with, as choices and as words of the address."""

from types import SimpleNamespace

import numpy as np

from recviz.forecast.segments import Segment
from recviz.services import forecasts
from recviz.ui.explain_against import cohort_labels
from tests.pages.ready import open_page, words

OPENED = SimpleNamespace(ws=None, run="run", origin="cut")


def segment(key: str, group: str, label: str, **facts: bool) -> Segment:
    return Segment(key=key, group=group, label=label, rows=np.arange(3), **facts)


def test_cohorts_of_one_name_are_told_apart(monkeypatch):
    """Catches: "within 28 days before the origin" twice in the list, of the first event and of the last."""
    lately = "within 28 days before the origin"
    found = (
        segment("all", "Everybody", "All users"),
        segment("first:0", "First seen", lately),
        segment("last:0", "Last seen", lately),
        segment("first:1", "First seen", "29 to 91 days before"),
        segment("Last seen=1", "Last seen", lately, is_attribute=True),
    )
    monkeypatch.setattr(forecasts, "segments", lambda *_: found)

    labels = cohort_labels(OPENED)

    assert labels == {
        "all": "All users",
        "first:0": f"First seen: {lately}",
        "last:0": f"Last seen: {lately} (last:0)",
        "first:1": "29 to 91 days before",
        "Last seen=1": f"Last seen: {lately} (Last seen=1)",
    }


def test_a_cohort_that_is_not_there_is_told_on_top_before_anything_is_worked_out(ready):
    """Catches: advice inside one tab below an answer that compares with nothing."""
    dataset, run = ready

    app = open_page("explain", dataset=dataset, run=run, user="10004", against="cohort:nonsense")

    assert not app.exception
    assert "There is no cohort 'nonsense'" in words(app)
    assert "is first for user 10004" not in words(app)
    assert not app.tabs
