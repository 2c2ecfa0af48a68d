"""Formats for pages: the same ones that figures and reports use, under the name that pages import."""

from recviz.plots.formats import (
    ago,
    count,
    counted,
    day,
    day_short,
    decimal,
    duration,
    literal,
    moment,
    plain,
    share,
    short_id,
    shortened,
    signed,
    size,
)

__all__ = [
    "ago",
    "count",
    "counted",
    "day",
    "day_short",
    "decimal",
    "duration",
    "literal",
    "moment",
    "plain",
    "share",
    "short_id",
    "shortened",
    "signed",
    "size",
]
