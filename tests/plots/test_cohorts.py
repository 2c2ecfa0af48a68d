"""Where many users are heading and why, in words and bars."""

import pandas as pd

from recviz.explain.cohorts import CohortContrast
from recviz.explain.drivers import Driver, Drivers
from recviz.explain.targets import Target
from recviz.plots.cohorts import doing, heading_words, reasons_chart, reasons_finding
from recviz.plots.why import cohort_words, drivers_words


def drivers(*rows, unit="nats"):
    return Drivers(
        run="r@0", target=Target(what="activity"), scalar="log activity", unit=unit, level="category",
        rows=tuple(
            Driver(label=label, is_text=is_text, mean=mean, standard_error=0.1, n_users=3) for label, is_text, mean in rows
        ),
        candidate=(), covered=1.0, done=4, n_users=4,
    )  # fmt: skip


def test_users_are_counted_by_where_they_are_heading():
    assert heading_words(pd.Series(["rises", "rises", "fades", "stays"])) == (
        "Of 4 users 2 rise, 1 fades, 0 may lapse and 1 stays as active"
    )
    assert doing("rises", 1) == "1 user rises"
    assert doing("may lapse", 3) == "3 users may lapse"


def test_a_dash_drives_nothing():
    found = drivers(("-", True, 0.9), ("tent", True, 0.5), (".", True, -0.7))

    assert drivers_words(found) == "Over 4 users: \u201ctent\u201d raise it most"


def test_a_cohort_is_named_in_quotes():
    found = CohortContrast(
        run="r@0", user_id="17841", target=Target(what="activity"), scalar="s", unit="nats", by="category", score=0.7,
        cohort_score=0.0, rows=(), done=1, n_users=1,
    )  # fmt: skip

    assert cohort_words(found, "more Gardening") == (
        "User 17841 is above \u201cmore Gardening\u201d: 2.0 times their typical number"
    )


def test_what_lifts_and_what_lowers_most_is_said_in_per_cent():
    found = drivers(("Tents", False, 0.5), ("<b>old</b>", True, -0.2), ("Mugs", False, 0.1))

    assert reasons_finding(found, "rises") == (
        "What moves the expected activity of those who rise: Tents lifts it most (+65 %) and "
        "\u201c<b>old</b>\u201d lowers it most (\u221218 %)"
    )
    assert "No past event" in reasons_finding(drivers(), None)


def test_the_largest_effect_is_drawn_on_top_and_other_peoples_text_stays_text():
    chart = reasons_chart(drivers(("Tents", False, 0.5), ("<b>old</b>", True, -0.2)))

    bars = chart.figure.data[0]
    assert bars.y == ("\u201c&lt;b&gt;old&lt;/b&gt;\u201d", "Tents")
    assert bars.x == (-0.2, 0.5)
    assert bars.marker.color[0] != bars.marker.color[1]
    assert "3 users of 4 have it" in bars.customdata[1]
    assert chart.alt.startswith("What moves the expected activity of 4 users: Tents +65 %")
