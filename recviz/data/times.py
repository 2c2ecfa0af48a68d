"""Times as logs write them: found out from the whole column, and asked where it does not tell."""

from dataclasses import dataclass
from typing import Literal

import polars as pl
from polars.expr.struct import ExprStructNameSpace

from recviz.data.findings import TimeFacts
from recviz.data.plan import TimeUnit
from recviz.errors import Problem
from recviz.language import mark

Layout = Literal["clock", "year first", "day first", "month first", "compact", "s", "ms", "us", "ns"]
"""``clock``: the file has times of its own type; ``compact``: 20240531; units: numbers since 1970."""
_WORDS: dict[Layout, str] = {
    "clock": mark("the file's own times"),
    "year first": mark("ISO 8601 (year-month-day)"),
    "day first": mark("day/month/year"),
    "month first": mark("month/day/year"),
    "compact": mark("year, month and day in 8 digits"),
    "s": mark("seconds since 1970"),
    "ms": mark("milliseconds since 1970"),
    "us": mark("microseconds since 1970"),
    "ns": mark("nanoseconds since 1970"),
}
_MICROSECONDS: dict[Layout, float] = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
_UNIT_FROM: tuple[tuple[Layout, float], ...] = (("s", 0.0), ("ms", 1e11), ("us", 1e14), ("ns", 1e17))
"""Seconds reach 1e11 in the year 5138, milliseconds were there in 1973."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = (
    r"^\s*(?P<a>\d{1,4})[-/. ](?P<b>\d{1,2}|[A-Za-z]{3,9})[-/. ,]+(?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?\s*$"
)
_NUMBER = r"^\s*-?\d{1,19}(?:\.\d+)?\s*$"
_COMPACT = r"^\s*(?:19|20|21)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s*$"
_TWO_DIGIT_YEARS_OF_2000 = 70
FITS = 0.5
"""A column holds times if more than this share of its cells fit one way of writing them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """How a column's times are read."""

    column: str
    layout: Layout
    is_ambiguous: bool
    n_mixed: int = 0
    """Times that can only be read with day and month the other way round."""

    def facts(self, first: str, last: str) -> TimeFacts:
        """Say it, with the span that was found."""
        return TimeFacts(
            column=self.column, words=_WORDS[self.layout], first=first, last=last, is_ambiguous=self.is_ambiguous
        )

    @property
    def problems(self) -> list[Problem]:
        """What has to be decided before the log may be stored."""
        if self.is_ambiguous:
            seen = (
                mark("numbers above 12 are in both places")
                if self.n_mixed
                else mark("no number is above 12 in either place")
            )
            return [
                Problem(
                    "Whether the day or the month comes first in its times cannot be told from the log",
                    f"column {self.column}: {seen}",
                    "Say which: --day-first or --month-first on the command line, day or month first on the Log page",
                )
            ]
        return []


def detect_times(frame: pl.LazyFrame, column: str, day_first: bool | None, unit: TimeUnit) -> TimeReading | None:  # noqa: FBT001 - a choice with a third answer
    """Find out how a column writes its times; ``None`` if it holds none.

    Args:
        frame: The rows.
        column: The column of times.
        day_first: Whether the day comes before the month; ``None`` finds out.
        unit: Unit of times that are numbers; ``auto`` goes by their size.
    """
    dtype = frame.collect_schema()[column]
    if isinstance(dtype, pl.Datetime | pl.Date):
        return TimeReading(column=column, layout="clock", is_ambiguous=False)
    text = pl.col(column).cast(pl.String)
    date = text.str.extract_groups(_DATE)
    a, b = date.struct["a"].cast(pl.Int32, strict=False), date.struct["b"].cast(pl.Int32, strict=False)
    is_year_first = date.struct["a"].str.len_chars() == 4  # noqa: PLR2004 - digits of a year
    number = pl.when(text.str.contains(_NUMBER)).then(text.cast(pl.Float64, strict=False)).abs()
    seen = (
        frame.filter(text.fill_null("").str.strip_chars() != "")
        .select(
            n=pl.len(),
            dates=date.struct["a"].count(),
            year_first=is_year_first.sum(),
            first_above=(~is_year_first & (a > 12)).sum(),  # noqa: PLR2004 - months
            second_above=(~is_year_first & (b > 12)).sum(),  # noqa: PLR2004 - months
            named=(date.struct["a"].is_not_null() & b.is_null()).sum(),
            numbers=number.count(),
            compact=text.str.contains(_COMPACT).sum(),
            size=number.median(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    return _decide(column, seen, day_first, unit)


def _decide(column: str, seen: dict[str, float], day_first: bool | None, unit: TimeUnit) -> TimeReading | None:  # noqa: FBT001 - a third state is unknown
    enough = FITS * seen["n"]
    if not seen["n"] or max(seen["dates"], seen["numbers"]) <= enough:
        return None
    if seen["numbers"] > enough:
        if unit == "auto" and seen["compact"] > enough:
            return TimeReading(column=column, layout="compact", is_ambiguous=False)
        layout = next(name for name, least in reversed(_UNIT_FROM) if seen["size"] >= least)
        return TimeReading(column=column, layout=layout if unit == "auto" else unit, is_ambiguous=False)
    if seen["year_first"] > enough:
        return TimeReading(column=column, layout="year first", is_ambiguous=False)
    if day_first is None:
        is_told = (seen["first_above"] > 0) != (seen["second_above"] > 0)
        is_ambiguous = not is_told and seen["named"] < seen["dates"]
        day_first = seen["first_above"] + seen["named"] >= seen["second_above"]
    else:
        is_ambiguous = False
    return TimeReading(
        column=column,
        layout="day first" if day_first else "month first",
        is_ambiguous=is_ambiguous,
        n_mixed=int(seen["second_above"] if day_first else seen["first_above"]),
    )


def with_instants(frame: pl.LazyFrame, reading: TimeReading, name: str) -> pl.LazyFrame:
    """Add a column's times in UTC, microseconds; null where a cell is no time of this writing.

    A time without an offset is UTC. Years of two digits are 1970 to 2069.
    """
    dtype = frame.collect_schema()[reading.column]
    if reading.layout not in ("year first", "day first", "month first"):
        return frame.with_columns(_instants(reading, dtype).alias(name))
    parts = pl.col(reading.column).cast(pl.String).str.extract_groups(_DATE)  # once, since it is what takes the time
    frame = frame.with_columns(parts.alias(name))
    return frame.with_columns(_written(pl.col(name).struct, reading.layout).alias(name))


def _instants(reading: TimeReading, dtype: pl.DataType) -> pl.Expr:
    cell = pl.col(reading.column)
    match reading.layout:
        case "clock":
            if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
                return cell.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
            return cell.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        case "compact":
            day = cell.cast(pl.String).str.strip_chars().str.to_date("%Y%m%d", strict=False)
            return day.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        case "s" | "ms" | "us" | "ns":
            return _since_1970(cell, dtype, _MICROSECONDS[reading.layout])
        case _:
            raise AssertionError(reading.layout)


def _since_1970(cell: pl.Expr, dtype: pl.DataType, microseconds: float) -> pl.Expr:
    """Read numbers exactly where they are whole; a fraction is good to about a microsecond."""
    text = cell.cast(pl.String).str.strip_chars() if dtype == pl.String else cell
    whole = text.cast(pl.Int64, strict=False)
    exact = whole * int(microseconds) if microseconds >= 1 else whole // round(1 / microseconds)
    rough = (text.cast(pl.Float64, strict=False) * microseconds).round().cast(pl.Int64, strict=False)
    is_fraction = text.cast(pl.Float64, strict=False) != whole.cast(pl.Float64)
    return pl.when(is_fraction.fill_null(value=True)).then(rough).otherwise(exact).cast(pl.Datetime("us", "UTC"))


def _written(part: ExprStructNameSpace, layout: Layout) -> pl.Expr:
    """Put the parts of a written time together; a year goes first only where the column's layout says so."""
    month_name = part["b"].str.slice(0, 3).str.to_lowercase()
    named = pl.coalesce(pl.when(month_name == name).then(number) for number, name in enumerate(_MONTHS, start=1))
    a, c = part["a"].cast(pl.Int32, strict=False), part["c"].cast(pl.Int32, strict=False)
    b = pl.coalesce(part["b"].cast(pl.Int32, strict=False), named.cast(pl.Int32))
    is_year_first = part["a"].str.len_chars() == 4  # noqa: PLR2004 - digits of a year
    day, month = (b, a) if layout == "month first" else (a, b)
    is_named = part["b"].str.contains(r"^[A-Za-z]")
    day, month = pl.when(is_named).then(a).otherwise(day), pl.when(is_named).then(b).otherwise(month)
    short = part["c"].str.len_chars() <= 2  # noqa: PLR2004 - digits of a short year
    century = pl.when(c < _TWO_DIGIT_YEARS_OF_2000).then(2000).otherwise(1900)
    year = pl.when(short).then(c + century).otherwise(c)
    if layout == "year first":
        date = _date(pl.when(is_year_first).then(a), b, c)
    else:
        date = _date(pl.when(~is_year_first).then(year), month, day)
    offset = _offset(part["zone"])
    clock = _clock(part["h"], part["mi"], part["s"], part["f"], part["half"])
    return (date.cast(pl.Datetime("us")) + clock - offset).dt.replace_time_zone("UTC")


def _date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return the date, null where there is no such day."""
    digits = [year.cast(pl.String).str.zfill(4), month.cast(pl.String).str.zfill(2), day.cast(pl.String).str.zfill(2)]
    return pl.concat_str(digits, separator="-").str.to_date("%Y-%m-%d", strict=False)


def _clock(hour: pl.Expr, minute: pl.Expr, second: pl.Expr, fraction: pl.Expr, half: pl.Expr) -> pl.Expr:
    """Return the time of day, midnight where none is written, null where there is no such time."""
    h, m, s = (part.cast(pl.Int64, strict=False).fill_null(0) for part in (hour, minute, second))
    is_afternoon = half.str.to_lowercase() == "pm"
    twelve = pl.when(half.is_null()).then(h).otherwise((h % 12) + pl.when(is_afternoon).then(12).otherwise(0))
    is_right = (h < 24) & (m < 60) & (s <= 60) & (half.is_null() | h.is_between(1, 12))  # noqa: PLR2004 - a clock's
    micro = fraction.str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0)
    return pl.when(is_right).then(((twelve * 60 + m) * 60 + s) * 1_000_000 + micro).cast(pl.Duration("us"))


def _offset(zone: pl.Expr) -> pl.Expr:
    """Return how far a written offset is ahead of UTC, none where there is none."""
    digits = zone.str.replace(":", "", literal=True)
    minutes = (
        digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(3, 2).cast(pl.Int64, strict=False)
    )  # fmt: skip
    signed = pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes).fill_null(0)
    return (signed * 60_000_000).cast(pl.Duration("us"))
