"""Histories as sentences, so that a person sees what the model will see."""

from datetime import UTC, datetime

import polars as pl

from recviz.data.findings import HistoryWords
from recviz.language import mark

MAX_TIMES = 6
MAX_TIED = 4
N_HISTORIES = 5


def history_words(events: pl.DataFrame, value_name: str = "") -> tuple[HistoryWords, ...]:
    """Say the histories of a few users.

    Args:
        events: All events of these users: ``user_id, item_id, title, timestamp`` or ``seq_pos``, ``kind``, ``value``.
        value_name: What the log calls its value.
    """
    instant = "timestamp" if "timestamp" in events.columns else "seq_pos"
    tells_kind = events["kind"].n_unique() > 1
    events = events.sort("user_id", instant, "item_id", "kind", "value", nulls_last=True)
    said = []
    for (user,), history in events.group_by("user_id", maintain_order=True):
        times = history.partition_by(instant, maintain_order=True)
        sentences = [
            _sentence(tied, instant, value_name, tells_kind=tells_kind) for tied in times[:MAX_TIMES]
        ]  # fmt: skip
        if len(times) > MAX_TIMES:
            more = len(times) - MAX_TIMES
            sentences.append(
                mark("... and 1 more time after that.")
                if more == 1
                else mark(f"... and {more:,} more times after that.")
            )
        said.append(HistoryWords(user_id=str(user), n_events=len(history), sentences=tuple(sentences)))
    return tuple(said)


def pick_users(events: pl.LazyFrame) -> list[str]:
    """Choose the first users, by their ids' bytes, who have at least two events; any where nobody has."""
    counts = events.group_by("user_id").len().sort("user_id").collect(engine="streaming")
    several = counts.filter(pl.col("len") > 1)
    return (several if len(several) else counts)["user_id"].cast(pl.String).head(N_HISTORIES).to_list()


def _sentence(tied: pl.DataFrame, instant: str, value_name: str, *, tells_kind: bool) -> str:
    at = tied[instant][0]
    when = mark(f"position {at:,}") if isinstance(at, int) else f"{at:%Y-%m-%d %H:%M}"
    things = [
        _thing(row, value_name, tells_kind=tells_kind) for row in tied.head(MAX_TIED).iter_rows(named=True)
    ]  # fmt: skip
    first, more = "; ".join(things), len(tied) - MAX_TIED
    if more > 1:
        return mark(f"{when}: {first}; {more:,} more items at the same time.")
    return mark(f"{when}: {first}; 1 more item at the same time.") if more == 1 else f"{when}: {first}."


def _thing(row: dict[str, object], value_name: str, *, tells_kind: bool) -> str:
    title = str(row["title"] or row["item_id"])
    kind = f"{row['kind']} " if tells_kind else ""
    value = "" if row["value"] is None else f" ({f'{value_name} ' if value_name else ''}{row['value']:,.6g})"
    return f"{kind}{title}{value}"


def day_words(microseconds: int) -> str:
    """Write an instant's day, ISO 8601."""
    return f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%Y-%m-%d}"
