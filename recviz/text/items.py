"""An item's text, and where each field stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

SEPARATOR = ". "


@dataclass(frozen=True, slots=True)
class FieldSpan:
    """One field's place in an item's text, in characters."""

    field: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class ItemText:
    """What the language model reads of one item."""

    text: str
    spans: tuple[FieldSpan, ...]


def item_texts(items: pd.DataFrame, fields: Sequence[str]) -> list[ItemText]:
    """Join each item's fields into one text; empty fields and repeats of an earlier field are left out.

    Args:
        items: The item table; missing values are "".
        fields: Its text columns, most telling first.
    """
    columns = [items[field].astype(str).tolist() for field in fields]
    return (
        [join_fields(fields, values) for values in zip(*columns, strict=True)]
        if columns
        else [ItemText("", ()) for _ in range(len(items))]
    )


def join_fields(fields: Sequence[str], values: Sequence[str]) -> ItemText:
    """Join one item's field values into its text."""
    text, spans = "", []
    for field, value in zip(fields, values, strict=True):
        clean = " ".join(value.split())
        if not clean or clean in text:
            continue
        start = len(text) + (len(SEPARATOR) if text else 0)
        text = f"{text}{SEPARATOR}{clean}" if text else clean
        spans.append(FieldSpan(field, start, len(text)))
    return ItemText(text, tuple(spans))
