"""Conditions on one column, read from text by a tiny grammar and turned into expressions; nothing is evaluated."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from recviz.errors import InvalidLogError

Operator = Literal[">=", "<=", "==", "!=", ">", "<", "starts with", "contains", "is empty", "is not empty"]
_WORDS = r"starts\s+with|contains|is\s+not\s+empty|is\s+empty"
_GRAMMAR = re.compile(
    rf"(?P<column>'[^']+'|\"[^\"]+\"|.+?)\s*(?P<op>>=|<=|==|!=|>|<|=|\s(?:{_WORDS})(?=\s|$))(?P<rest>.*)"
)
_UNARY = ("is empty", "is not empty")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one column with a literal, such as ``Quantity > 0``."""

    column: str
    op: Operator
    literal: str = ""
    is_quoted: bool = False
    """Whether the literal was written in quotes: then it is compared as text even if it looks like a number."""

    def __str__(self) -> str:
        quotes = '"' if "'" in self.literal else "'"
        literal = f"{quotes}{self.literal}{quotes}" if self.is_quoted else self.literal
        column = f"'{self.column}'" if _GRAMMAR.search(f"{self.column}") else self.column
        return f"{column} {self.op} {literal}".strip()

    @property
    def number(self) -> float | None:
        """The literal as a number, where it is one and was not quoted."""
        if self.is_quoted:
            return None
        try:
            return float(self.literal)
        except ValueError:
            return None


def parse_condition(text: str) -> Condition:
    """Read ``COLUMN OPERATOR LITERAL``; quotes around a column or literal are optional.

    Operators: ``> >= < <= == !=``, ``starts with``, ``contains``, ``is empty``, ``is not empty``.

    Raises:
        InvalidLogError: If the text is not of that form, or compares the size of something that is not a number
            or a date.
    """
    match = _GRAMMAR.fullmatch(text.strip())
    condition = None if match is None else _condition(match)
    if condition is None:
        raise InvalidLogError.of(
            "This condition cannot be read",
            repr(text),
            f'Write it like "Quantity > 0", with one of {", ".join(get_args(Operator))}',
        )
    return condition


def _condition(match: re.Match[str]) -> Condition | None:
    words = " ".join(match["op"].split())
    op = next((op for op in get_args(Operator) if op == ("==" if words == "=" else words)), None)
    literal, is_quoted = _unquoted(match["rest"].strip())
    if op is None or (op in _UNARY) == bool(literal or is_quoted):
        return None
    return Condition(_unquoted(match["column"].strip())[0], op, literal, is_quoted)


def _unquoted(text: str) -> tuple[str, bool]:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1], True
    return text, False


def expression(condition: Condition, text: pl.Expr, instant: pl.Expr | None = None) -> pl.Expr:
    """Turn a condition into an expression that is true or false, never null.

    Args:
        condition: What must hold.
        text: The column's cells as text.
        instant: The column's cells as times, if they are times: then sizes are compared with a date.

    Raises:
        InvalidLogError: If sizes are compared with something that is neither a number nor a date.
    """
    text = text.fill_null("")
    match condition.op:
        case "is empty" | "is not empty":
            return (text == "") == (condition.op == "is empty")
        case "starts with":
            return text.str.starts_with(condition.literal)
        case "contains":
            return text.str.contains(condition.literal, literal=True)
        case "==" | "!=":
            return _equal(condition, text) == (condition.op == "==")
        case ">" | ">=" | "<" | "<=":
            return _sized(condition, text, instant)


def _equal(condition: Condition, text: pl.Expr) -> pl.Expr:
    same = text == condition.literal
    if condition.number is None:
        return same
    return same | (text.cast(pl.Float64, strict=False) == condition.number).fill_null(value=False)


def _sized(condition: Condition, text: pl.Expr, instant: pl.Expr | None) -> pl.Expr:
    left: pl.Expr
    right: pl.Expr
    if instant is not None and not _is_plain_number(condition):
        left, right = instant, _instant(condition)
    elif condition.number is not None:
        left, right = text.cast(pl.Float64, strict=False), pl.lit(condition.number)
    else:
        raise InvalidLogError.of(
            f"{condition.literal!r} is not a number", f'condition "{condition}"', "Compare sizes with a number"
        )
    result = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[condition.op]
    return result.fill_null(value=False)


def _is_plain_number(condition: Condition) -> bool:
    return condition.number is not None


def _instant(condition: Condition) -> pl.Expr:
    parsed = pl.Series([condition.literal]).str.to_datetime(time_zone="UTC", time_unit="us", strict=False)
    if parsed.null_count():
        raise InvalidLogError.of(
            f"{condition.literal!r} is not a date", f'condition "{condition}"', "Write the date as 2024-05-31"
        )
    return pl.lit(parsed.item())
