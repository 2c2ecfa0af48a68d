"""What a log says about its items and users: in its own rows, and in tables that came with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from recviz.data.catalogue import LISTED, TEXT, complete_table, first_in_time, mark_listed, with_text_columns
from recviz.data.cleaning import INSTANT, ITEM, USER, Marked
from recviz.data.plan import SideTable
from recviz.data.plan_problems import no_column
from recviz.data.raw import RawTable
from recviz.errors import Problem
from recviz.language import mark

ALL_CATEGORIES = "categories"
"""The item's text column that holds all of its categories, where an item has several."""
_SEPARATOR = "|"
_SEVERAL = 0.05
"""From this share of items with several categories on, the first one counts as the category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The item and user tables of a dataset."""

    items: pl.DataFrame
    users: pl.DataFrame
    text_fields: tuple[str, ...]
    has_categories: bool
    attributes: tuple[str, ...]
    notes: tuple[str, ...]


def side_problems(raw: RawTable, table: SideTable) -> list[Problem]:
    """Tell which columns a side table lacks."""
    named = [table.key, table.title, table.category, *table.texts, *table.attributes]
    return [
        no_column(name, mark("table of items or users"), raw) for name in named if name and name not in raw.facts.columns
    ]  # fmt: skip


def build_catalogue(marked: Marked, items: RawTable | None, users: RawTable | None) -> Catalogue:
    """Collect what is known of each item and user."""
    plan = marked.plan
    notes: list[str] = []
    told = {"title": plan.title, "category": plan.category, **{_text_name(name): name for name in plan.texts}}
    from_events = _from_events(marked, ITEM, "item_id", {new: old for new, old in told.items() if old})
    table = from_events
    side = plan.items
    if items is not None and side is not None:
        own = {"title": side.title, "category": side.category, **{_text_name(name): name for name in side.texts}}
        given = _from_table(items, side.key, "item_id", {new: old for new, old in own.items() if old}, notes)
        n_unlisted = from_events.join(given, on="item_id", how="anti").height
        if n_unlisted:
            notes.append(mark(f"{n_unlisted:,} items of the log are not in {items.facts.name}."))
        table = complete_table(given, from_events["item_id"], from_events)
        table = mark_listed(table, given["item_id"])
    table, categories_note = _first_categories(with_text_columns(table))
    notes += categories_note
    missing = int((table["title"] == "").sum())
    if missing:
        notes.append(mark(f"{missing:,} of {len(table):,} items have no title; pages show their ids."))
    people, attributes = _users(marked, users, notes)
    has_categories = bool((table["category"] != "").any())
    texts = [name for name in table.columns if name not in ("item_id", LISTED)]
    fields = [name for name in texts if bool((table[name] != "").any())]
    if ALL_CATEGORIES in fields:
        fields.remove("category")
    return Catalogue(
        items=table,
        users=people,
        text_fields=tuple(fields) or ("title",),
        has_categories=has_categories,
        attributes=attributes,
        notes=tuple(notes),
    )


def _users(marked: Marked, users: RawTable | None, notes: list[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    plan = marked.plan
    from_events = _from_events(marked, USER, "user_id", {_attribute_name(name): name for name in plan.attributes})
    table = from_events
    if users is not None and plan.users is not None:
        columns = {_attribute_name(name): name for name in plan.users.attributes}
        given = _from_table(users, plan.users.key, "user_id", columns, notes)
        n_silent = given.join(from_events, on="user_id", how="anti").height
        if n_silent:
            notes.append(mark(f"{n_silent:,} users of {users.facts.name} have no events and are left out."))
        table = complete_table(given, from_events["user_id"], from_events)
        table = table.join(from_events.select("user_id"), on="user_id", how="semi").sort("user_id")
    return table, tuple(name for name in table.columns if name != "user_id")


def _from_events(marked: Marked, key: str, name: str, columns: dict[str, str]) -> pl.DataFrame:
    texts = [marked.raw.text(old).str.strip_chars().alias(new) for new, old in columns.items()]
    events = marked.accepted.select(pl.col(key).alias(name), pl.col(INSTANT), *texts)
    return first_in_time(events, name, list(columns), INSTANT)


def _from_table(raw: RawTable, key: str, name: str, columns: dict[str, str], notes: list[str]) -> pl.DataFrame:
    """Read a side table: one row an id; of several rows of one id, the same whichever comes first."""
    texts = [raw.text(old).fill_null("").str.strip_chars().alias(new) for new, old in columns.items()]
    rows = raw.frame.select(raw.text(key).fill_null("").alias(name), *texts).collect(engine="streaming")
    n_blank = int((rows[name].str.strip_chars() == "").sum())
    rows = rows.filter(pl.col(name).str.strip_chars() != "")
    table = rows.sort(rows.columns, descending=[False, *(True for _ in columns)])
    table = table.unique(subset=name, keep="first", maintain_order=True)
    if n_blank:
        notes.append(mark(f"{n_blank:,} rows of {raw.facts.name} have no id and are left out."))
    if raw.facts.n_malformed:
        notes.append(mark(f"{raw.facts.n_malformed:,} rows of {raw.facts.name} could not be read and are left out."))
    if len(table) < len(rows):
        notes.append(mark(f"{len(rows) - len(table):,} rows of {raw.facts.name} repeat an id; one row of each counts."))
    return table


def _first_categories(items: pl.DataFrame) -> tuple[pl.DataFrame, Sequence[str]]:
    """Where items have several categories at once, count the first, and keep all of them as text."""
    filled = items.filter(pl.col("category") != "")["category"]
    n_several = int(filled.str.contains(_SEPARATOR, literal=True).sum())
    if not n_several or n_several < _SEVERAL * len(filled):
        return items, ()
    items = items.with_columns(
        pl.col("category").alias(ALL_CATEGORIES), pl.col("category").str.split(_SEPARATOR).list.first().fill_null("")
    )
    return items, (mark(f"{n_several:,} items have several categories; the first one counts, all are read as text."),)


def _text_name(column: str) -> str:
    return f"{column} (text)" if column in ("item_id", ALL_CATEGORIES, *TEXT) else column


def _attribute_name(column: str) -> str:
    return f"{column} (attribute)" if column == "user_id" else column
