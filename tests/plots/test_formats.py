"""Formats of numbers, dates, ids and other people's text."""

import pytest

from recviz.plots import formats

DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("number", "written"),
    [(1234, "1,234"), (0, "0"), (-1234.4, "\u22121,234"), (1e7, "10,000,000")],
)
def test_whole_numbers_have_thousands_separators(number, written):
    assert formats.count(number) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.412, "0.41"),
        (3.249, "3.2"),
        (57.3, "57"),
        (1234.5, "1,234"),
        (0.001, "under 0.01"),
        (0.0, "0.00"),
        (-0.2, "\u22120.20"),
    ],
)
def test_decimals_are_as_precise_as_one_reads(number, written):
    assert formats.decimal(number) == written


@pytest.mark.parametrize(
    ("number", "written"), [(0.62, "+0.62"), (-0.081, "\u22120.08"), (-0.0001, "0.00"), (0, "0.00")]
)
def test_signed_numbers_carry_their_sign_unless_they_round_to_nought(number, written):
    assert formats.signed(number) == written


@pytest.mark.parametrize(
    ("part", "written"),
    [
        (-0.0004, "0 %"),
        (0.12, "12 %"),
        (0.041, "4.1 %"),
        (0.04, "4 %"),
        (0.0001, "under 0.1 %"),
        (0, "0 %"),
        (1, "100 %"),
    ],
)
def test_shares_are_written_in_per_cent(part, written):
    assert formats.share(part) == written


def test_nouns_follow_their_number():
    assert [formats.counted(1, "event"), formats.counted(3, "event"), formats.counted(2, "category", "categories")] == [
        "1 event",
        "3 events",
        "2 categories",
    ]


def test_days_are_the_same_from_every_form_of_an_instant():
    assert formats.day(15_290 * DAY) == formats.day("2011-11-12T00:00:00Z") == "12 Nov 2011"
    assert formats.day_short("2011-11-12") == "12 Nov"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(5, "just now"), (720, "12 min ago"), (7300, "2 h ago"), (3 * 86_400, "3 days ago"), (36 * 86_400, "5 weeks ago"),
     (100 * 86_400, "3 months ago"), (86_400, "1 day ago")],
)  # fmt: skip
def test_times_are_told_relative_to_now(seconds, written):
    assert formats.ago(0, seconds * 1_000_000) == written


@pytest.mark.parametrize(("seconds", "written"), [(4, "4 s"), (130, "2:10 min"), (3900, "1:05 h"), (-1, "0 s")])
def test_durations_have_a_unit(seconds, written):
    assert formats.duration(seconds) == written


@pytest.mark.parametrize(("octets", "written"), [(12_000, "12 kB"), (3_400_000, "3.4 MB"), (1.2e9, "1.2 GB")])
def test_sizes_have_a_unit(octets, written):
    assert formats.size(octets) == written


def test_long_ids_keep_both_ends():
    assert formats.short_id("A3SGXH7AUHU8GW-0001") == "A3SGXH7…W-0001"
    assert formats.short_id("17841") == "17841"


def test_a_right_to_left_override_cannot_turn_the_line():
    assert formats.plain("abc\u202egnp.exe\n") == "abc\ufffdgnp.exe\ufffd"


def test_markdown_sees_nothing_to_replace():
    written = formats.literal("*a* $$x$$ :material/home: [b](c) <script>")

    assert "\\*a\\*" in written
    assert "\\$\\$" in written
    assert ":material/home:" not in written
    assert written.count(":\u2060") == 1
    assert "\\<script\\>" in written


def test_names_that_several_have_carry_their_ids():
    assert formats.told_apart({"fast-1": "Run", "fast-2": "Run", "fast-3": "Other"}) == {
        "fast-1": "Run (fast-1)",
        "fast-2": "Run (fast-2)",
        "fast-3": "Other",
    }


def test_a_tables_own_format_never_sees_a_number_that_rounds_to_minus_nothing():
    shown = formats.no_negative_zero([-0.004, 0.004, None, -0.006])

    assert ["" if number is None else f"{number:+.2f}" for number in shown] == ["+0.00", "+0.00", "", "-0.01"]
