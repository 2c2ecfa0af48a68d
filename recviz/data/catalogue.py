"""The tables of items and users: what a log says about each, from its first row in time that says it."""

from collections.abc import Sequence

import polars as pl

TEXT = ("title", "category")
"""Columns that every item table has, "" where unknown."""
LISTED = "listed"
"""Column of an item table that came with the log: "yes" for its own items, "no" for those that only events name."""


def first_in_time(events: pl.LazyFrame, key: str, columns: Sequence[str], instant: str) -> pl.DataFrame:
    """Give each key the earliest non-empty text of each column, so that nothing later can change it.

    Among rows of the same instant the smallest text is taken: the order of rows in a file never matters.

    Returns:
        One row a key, sorted by its bytes; ``key`` and ``columns``, "" where no row has a text.
    """
    table = events.select(key).unique().collect(engine="streaming")
    for column in columns:
        told = events.select(key, instant, pl.col(column).cast(pl.String)).filter(pl.col(column).fill_null("") != "")
        first = told.group_by(key).agg(pl.col(instant).min())
        texts = told.join(first, on=[key, instant]).group_by(key).agg(pl.col(column).min()).collect(engine="streaming")
        table = table.join(texts, on=key, how="left")
    return table.with_columns(pl.col(*columns).fill_null("") if columns else []).sort(key)


def complete_table(given: pl.DataFrame, ids: pl.Series, fallback: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add rows for the ids that a given table does not hold, and fill its empty texts from another table.

    Args:
        given: The table that came with the log: one row an id, first column the id.
        ids: Every id that must be there.
        fallback: A table of the same key, whose texts stand in where ``given`` has none.

    Returns:
        One row an id, sorted by the id's bytes, every column a text, "" where unknown.
    """
    key = given.columns[0]
    table = given.join(ids.rename(key).to_frame().unique(), on=key, how="full", coalesce=True)
    if fallback is not None:
        table = table.join(fallback.rename({name: f"{name}\0" for name in fallback.columns[1:]}), on=key, how="left")
        for name in fallback.columns[1:]:
            stand_in = pl.col(f"{name}\0").fill_null("")
            if name in given.columns:
                own = pl.col(name).fill_null("")
                stand_in = pl.when(own == "").then(stand_in).otherwise(own)
            table = table.with_columns(stand_in.alias(name))
    columns = [name for name in table.columns if not name.endswith("\0")]
    return table.select(pl.col(columns).cast(pl.String).fill_null("")).sort(key)


def mark_listed(items: pl.DataFrame, listed: pl.Series) -> pl.DataFrame:
    """Tell the items that may be recommended at any origin from those that are known by their events alone."""
    yes = pl.col("item_id").is_in(listed.to_list())
    return items.with_columns(pl.when(yes).then(pl.lit("yes")).otherwise(pl.lit("no")).alias(LISTED))


def with_text_columns(items: pl.DataFrame) -> pl.DataFrame:
    """Put item_id, title and category first, adding what is missing."""
    missing = [pl.lit("").alias(name) for name in TEXT if name not in items.columns]
    items = items.with_columns(missing)
    rest = [name for name in items.columns if name not in ("item_id", *TEXT)]
    return items.select("item_id", *TEXT, *rest)
