"""How numbers, dates, durations, ids and other people's text are written: one place for pages, figures and reports."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from recviz.language import mark_counted, tr, tr_counted

_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKDOWN = frozenset("\\`*_{}[]()#+-.!|<>$~&^=\"'")
_WORD_JOINER = "\u2060"
_COLON = re.compile(r":(?=\S)")
MINUS = "\u2212"
MINUTE, HOUR, DAY = 60, 3600, 86_400
"""Seconds."""
_LONG_AGO = (
    (14 * DAY, DAY, mark_counted("day")),
    (70 * DAY, 7 * DAY, mark_counted("week")),
    (math.inf, 30.44 * DAY, mark_counted("month")),
)
"""Below how many seconds, and of how many seconds, each unit is."""


def count(number: float) -> str:
    """Write a whole number: ``1,234``."""
    return _with_minus(f"{round(number):,}")


def decimal(number: float, places: int = 2) -> str:
    """Write a number to read, not to compute with: ``0.41``, ``3.2``, ``57``, ``1,234``.

    Args:
        number: Any finite number.
        places: Decimals of numbers below 1; one fewer from 1 on and none from 10 on.
    """
    size = abs(number)
    digits = places if size < 1 else max(places - 1, 0) if size < 10 else 0  # noqa: PLR2004 - a 10 is a 10
    smallest = 10.0**-digits
    if 0 < number < smallest / 2:
        return tr("under {limit}").format(limit=f"{smallest:g}")
    return _with_minus(f"{round(number, digits) or 0.0:,.{digits}f}")


def signed(number: float, places: int = 2) -> str:
    """Write a number with its sign: ``+0.62``; ``0.00`` has none."""
    text = f"{number:+,.{places}f}"
    return _with_minus(text if float(text.replace(",", "")) else text[1:])


def no_negative_zero(numbers: Iterable[float | None], places: int = 2) -> list[float | None]:
    """Round numbers that a table writes by a format of its own, so that none reads ``-0.00``."""
    return [None if number is None else round(number, places) + 0.0 for number in numbers]


def share(part: float, places: int | None = None) -> str:
    """Write a share of 1 in per cent: ``12 %``, ``4.1 %``, ``under 0.1 %``.

    Args:
        part: From 0 to 1 (changes may be outside).
        places: Decimals; without it, one below 10 % and none above.
    """
    percent = 100 * part
    if places is None:
        if 0 < percent < 0.05:  # noqa: PLR2004 - what would read 0.0
            return tr("under {limit}").format(limit="0.1 %")
        places = 1 if 0 < abs(percent) < 10 and round(percent, 1) != round(percent) else 0  # noqa: PLR2004 - below 10 % a decimal tells something
    return _with_minus(f"{percent:z.{places}f} %")  # z: no minus before a zero


def counted(number: float, one: str, many: str | None = None) -> str:
    """Write a whole number with its noun: ``1 event``, ``3 events``, ``2 categories``.

    Nouns that do not stand in a call of this function are marked by `mark_counted` where they stand.
    """
    return f"{count(number)} {tr_counted(one, many or one + 's', number)}"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(words)
    return tr("{first} and {last}").format(first=tr(", ").join(words[:-1]), last=words[-1])


def to_datetime(instant: int) -> datetime:
    """Turn microseconds since 1970 UTC into a date and time."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(instant))


def day(instant: int | str | datetime) -> str:
    """Write a date: ``12 Nov 2011``. Takes microseconds since 1970 UTC, ISO 8601 or a datetime."""
    at = _as_datetime(instant)
    return _date(tr("{day} {month} {year}"), at)


def day_short(instant: int | str | datetime) -> str:
    """Write a date whose year is clear: ``12 Nov``."""
    at = _as_datetime(instant)
    return _date(tr("{day} {month}"), at)


def moment(instant: int | str | datetime) -> str:
    """Write a date with its time: ``12 Nov 2011, 09:41 UTC``."""
    return tr("{day}, {time} UTC").format(day=day(instant), time=clock(instant))


def clock(instant: int | str | datetime) -> str:
    """Write the time of a day: ``09:41``."""
    return f"{_as_datetime(instant):%H:%M}"


def between(first: int | str | datetime, last: int | str | datetime) -> str:
    """Write two dates as a span: ``12 Nov 2011 to 3 Dec 2011``."""
    return tr("{first} to {last}").format(first=day(first), last=day(last))


def ago(instant: int | str | datetime, now: int | str | datetime) -> str:
    """Write how long before ``now``: ``just now``, ``12 min ago``, ``3 days ago``, ``5 weeks ago``."""
    seconds = (_as_datetime(now) - _as_datetime(instant)).total_seconds()
    if seconds < MINUTE:
        return tr("just now")
    if seconds < HOUR:
        return tr("{n} min ago").format(n=int(seconds // MINUTE))
    if seconds < DAY:
        return tr("{n} h ago").format(n=int(seconds // HOUR))
    length, unit = next((length, unit) for limit, length, unit in _LONG_AGO if seconds < limit)
    return tr("{time} ago").format(time=counted(int(seconds // length), unit))


def duration(seconds: float) -> str:
    """Write a duration: ``4 s``, ``2:10 min``, ``1:05 h``."""
    whole = max(round(seconds), 0)
    if whole < MINUTE:
        return tr("{seconds} s").format(seconds=whole)
    if whole < HOUR:
        return tr("{minutes}:{seconds:02d} min").format(minutes=whole // 60, seconds=whole % 60)
    return tr("{hours}:{minutes:02d} h").format(hours=whole // 3600, minutes=whole % 3600 // 60)


def size(octets: float) -> str:
    """Write a size on disk or in memory: ``12 kB``, ``3.4 MB``, ``1.2 GB``."""
    for limit, unit in ((1e6, "kB"), (1e9, "MB"), (math.inf, "GB")):
        if octets < limit:
            return f"{decimal(octets / limit * 1000 if limit < math.inf else octets / 1e9)} {unit}"
    raise ValueError(octets)  # not a number


def short_id(identifier: str, width: int = 14) -> str:
    """Shorten an id in its middle: ``A3SGXH7AUHU8GW-0001`` becomes ``A3SGXH7…W-0001``."""
    shown = plain(identifier)
    if len(shown) <= width:
        return shown
    head = width // 2
    return f"{shown[:head]}…{shown[len(shown) - (width - head - 1) :]}"


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Add their ids to names that several have: choices are known by their labels, so no two may be the same.

    Args:
        names: Id -> name.
    """
    often = Counter(names.values())
    return {one: name if often[name] == 1 else f"{name} ({short_id(one)})" for one, name in names.items()}


def shortened(text: str, width: int = 60) -> str:
    """Shorten a title at its end, at a word where there is one."""
    shown = plain(text)
    if len(shown) <= width:
        return shown
    cut = shown[: width - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return f"{(at_word if len(at_word) > width // 2 else cut).rstrip()}…"


def plain(text: str) -> str:
    """Make other people's text safe to stand in a line: what would turn or break the line becomes a visible mark."""
    return "".join(
        "\ufffd" if character in _BIDI_CONTROLS or unicodedata.category(character) == "Cc" else character
        for character in text
    )


def literal(text: str) -> str:
    """Make other people's text stand in Markdown (button and link labels) as it is, every sign of it.

    Backslashes stop marks; a word joiner after a colon inside a word stops ``:material/x:``, emoji and colour
    directives, which Streamlit replaces after the backslashes are gone.
    """
    marked = "".join(f"\\{sign}" if sign in _MARKDOWN else sign for sign in plain(text))
    return _COLON.sub(f":{_WORD_JOINER}", marked)


def _date(form: str, at: datetime) -> str:
    return form.format(day=at.day, month=f"{at:%b}", month_number=at.month, year=at.year)


def _as_datetime(instant: int | str | datetime) -> datetime:
    if isinstance(instant, datetime):
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if isinstance(instant, str):
        parsed = datetime.fromisoformat(instant)
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return to_datetime(instant)


def _with_minus(text: str) -> str:
    return text.replace("-", MINUS)
