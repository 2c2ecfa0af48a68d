"""First sight of a log: guesses, first rows, first histories; by its first rows alone."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from recviz.data.asking import Asked, apply_asked
from recviz.data.checking import LogTables, event_columns
from recviz.data.cleaning import Marked, mark_rows
from recviz.data.columns import LOOKED_AT, Head, look_at_columns
from recviz.data.findings import ColumnGuess, HistoryWords, Preview, TimeFacts
from recviz.data.guessing import explain_guesses, explain_table, guess_events, guess_table
from recviz.data.plan import LogPlan
from recviz.data.raw import RawTable
from recviz.data.sentences import history_words, pick_users
from recviz.errors import InvalidLogError, Problem

SHOWN_ROWS = 20


def preview_log(tables: LogTables, asked: Asked | LogPlan | None, folder: Path) -> Preview:
    """Guess what the columns are and show what this makes of the first rows.

    Args:
        tables: The files, read.
        asked: What is asked for on top of the guesses; a plan stands in for them.
        folder: Where what is worked out may be kept for a while.

    Raises:
        InvalidLogError: If what is asked for cannot be understood.
    """
    head = look_at_columns(tables.events)
    taken, guessed = guess_events(head, has_items=tables.items is not None, has_users=tables.users is not None)
    heads = {name: look_at_columns(raw) for name, raw in (("items", tables.items), ("users", tables.users)) if raw}
    if isinstance(asked, LogPlan):
        plan = asked
    else:
        asked = asked or Asked()
        keys = apply_asked(guessed, replace(asked, mapping=_own(asked)))
        plan = apply_asked(_with_tables(guessed, keys, head, heads), asked)
    guesses: dict[str, tuple[ColumnGuess, ...]] = {"events": explain_guesses(head, taken, plan)}
    if "items" in heads:
        guesses["items"] = explain_table(heads["items"], plan.items, of_items=True)
    if "users" in heads:
        guesses["users"] = explain_table(heads["users"], plan.users, of_items=False)
    histories, time, problems = _try(tables.events, plan, folder)
    rows = head.cells.head(SHOWN_ROWS).to_dicts()
    return Preview(
        files={
            name: raw.facts
            for name, raw in (("events", tables.events), ("items", tables.items), ("users", tables.users))
            if raw is not None
        },
        guesses=guesses,
        plan=plan,
        rows=tuple({name: str(cell) for name, cell in row.items()} for row in rows),
        histories=histories,
        time=time,
        problems=problems,
    )


def _own(asked: Asked) -> list[str]:
    return [text for text in asked.mapping if not text.startswith(("items.", "users."))]


def _with_tables(guessed: LogPlan, keys: LogPlan, head: Head, heads: dict[str, Head]) -> LogPlan:
    """Guess the side tables' columns, knowing which columns of the events hold the ids."""

    def ids(column: str | None) -> dict[str, None]:
        known = column is not None and column in head.cells.columns
        return dict.fromkeys(head.cells[str(column)].unique().to_list()) if known else {}

    items = guess_table(heads["items"], ids(keys.item), keys.item, of_items=True) if "items" in heads else None
    users = guess_table(heads["users"], ids(keys.user), keys.user, of_items=False) if "users" in heads else None
    return replace(guessed, items=items, users=users)


def _try(
    raw: RawTable, plan: LogPlan, folder: Path
) -> tuple[tuple[HistoryWords, ...], TimeFacts | None, tuple[Problem, ...]]:
    """Apply the plan to the first rows."""
    first = replace(raw, frame=raw.frame.head(LOOKED_AT))
    try:
        marked = mark_rows(first, plan, folder)
    except InvalidLogError as error:
        return (), None, error.problems
    problems = () if marked.reading is None else tuple(marked.reading.problems)
    if problems and raw.facts.n_rows > LOOKED_AT:
        problems = ()  # later rows may tell; the check of all rows asks where they do not
    return _histories(marked), marked.time_facts(), problems


def _histories(marked: Marked) -> tuple[HistoryWords, ...]:
    title = pl.lit("") if marked.plan.title is None else marked.raw.text(marked.plan.title).fill_null("")
    events = event_columns(marked, title.str.strip_chars().alias("title"))
    some = events.filter(pl.col("user_id").is_in(pick_users(events))).collect(engine="streaming")
    return history_words(some, marked.plan.value or "")
