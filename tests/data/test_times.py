"""Times: unit and writing found from the whole column, day and month never guessed."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recviz.data.times import detect_times, with_instants

MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001 - as files have them, without a zone


def times(cells: list[object], day_first=None, unit="auto") -> list[datetime | None]:
    frame = pl.LazyFrame({"t": cells})
    reading = detect_times(frame, "t", day_first, unit)
    assert reading is not None
    return with_instants(frame, reading, "at").collect()["at"].to_list()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (1700000000, "seconds since 1970"),
        ("1700000000", "seconds since 1970"),
        (1700000000000, "milliseconds since 1970"),
        (1700000000000000, "microseconds since 1970"),
        (1700000000000000000, "nanoseconds since 1970"),
        (1700000000.0, "seconds since 1970"),
        ("2023-11-14T22:13:20Z", "ISO 8601 (year-month-day)"),
        ("2023-11-14 22:13:20", "ISO 8601 (year-month-day)"),
        ("2023-11-15T00:13:20+02:00", "ISO 8601 (year-month-day)"),
        ("2023-11-14T16:43:20.000-0530", "ISO 8601 (year-month-day)"),
        ("14/11/2023 22:13:20", "day/month/year"),
        ("14.11.2023 22:13:20", "day/month/year"),
        ("11/14/2023 10:13:20 PM", "month/day/year"),
        ("14-Nov-2023 22:13:20", "day/month/year"),
        (datetime(2023, 11, 14, 22, 13, 20), "the file's own times"),  # noqa: DTZ001 - as files have them, without a zone
        (datetime(2023, 11, 15, 0, 13, 20, tzinfo=timezone(timedelta(hours=2))), "the file's own times"),
    ],
)
def test_one_instant_is_the_same_however_it_is_written(cell: object, words: str):
    frame = pl.LazyFrame({"t": [cell]})
    reading = detect_times(frame, "t", None, "auto")

    assert reading is not None
    assert reading.facts("", "").words == words
    assert not reading.is_ambiguous
    assert times([cell]) == [datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)]


def test_mixed_offsets_come_to_one_time_line():
    assert (
        times(["2024-01-01T12:00:00+01:00", "2024-01-01T11:00:00Z", "2024-01-01 11:00"])
        == [datetime(2024, 1, 1, 11, tzinfo=UTC)] * 3
    )


@pytest.mark.parametrize("cell", ["2024-02-30", "2024-01-01 25:00", "soon", "", None, "2024-13-01", "01/02/2024"])
def test_what_is_no_time_stays_out(cell: str | None):
    assert times(["2024-01-01", "2024-01-02", cell, "2024-01-03"])[2] is None


@pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y %H:%M"])
def test_day_or_month_first_is_asked_where_no_number_is_above_12(pattern: str):
    cells = [datetime(2024, month, day).strftime(pattern) for month in range(1, 13) for day in range(1, 13)]  # noqa: DTZ001 - as files have them, without a zone

    reading = detect_times(pl.LazyFrame({"t": cells}), "t", None, "auto")

    assert reading is not None
    assert reading.is_ambiguous
    assert "--day-first or --month-first" in reading.problems[0].mend


@pytest.mark.parametrize(("pattern", "words"), [("%d/%m/%Y", "day/month/year"), ("%m/%d/%Y", "month/day/year")])
def test_one_number_above_12_decides_for_the_whole_column(pattern: str, words: str):
    cells = [datetime(2024, 3, 4).strftime(pattern)] * 50 + [datetime(2024, 5, 13).strftime(pattern)]  # noqa: DTZ001 - as files have them, without a zone

    reading = detect_times(pl.LazyFrame({"t": cells}), "t", None, "auto")

    assert reading is not None
    assert reading.facts("", "").words == words
    assert reading.problems == []
    assert times(cells)[0] == datetime(2024, 3, 4, tzinfo=UTC)


def test_numbers_above_12_in_both_places_are_asked_about():
    reading = detect_times(pl.LazyFrame({"t": ["13/01/2024", "01/14/2024", "02/03/2024"]}), "t", None, "auto")

    assert reading is not None
    assert "in both places" in reading.problems[0].where


@pytest.mark.parametrize(("day_first", "month"), [(True, 4), (False, 3)])
def test_the_answer_to_the_question_is_obeyed(day_first, month: int):
    assert times(["03/04/2024"], day_first=day_first)[0] == datetime(2024, month, 7 - month, tzinfo=UTC)


def test_a_unit_that_is_given_is_obeyed():
    assert times([86_400_000], unit="ms") == [datetime(1970, 1, 2, tzinfo=UTC)]


@settings(max_examples=60, deadline=None)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=6), shift=st.integers(-11, 12))
def test_every_iso_time_is_read_exactly(moments: list[datetime], shift: int):
    zone = timezone(timedelta(hours=shift))

    assert times([at.astimezone(zone).isoformat() for at in moments]) == moments


@settings(max_examples=60, deadline=None)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=6), day_first=st.booleans())
def test_every_date_with_a_slash_is_read_as_told(moments: list[datetime], day_first):
    pattern = "%d/%m/%Y %H:%M:%S" if day_first else "%m/%d/%Y %I:%M:%S %p"

    assert times([at.strftime(pattern) for at in moments], day_first=day_first) == moments
