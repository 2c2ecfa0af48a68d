"""What was found in a log: in its file, its columns, its rows. Plain results for pages and commands to show."""

from dataclasses import dataclass
from typing import Literal

from recviz.data.plan import LogPlan, Role
from recviz.errors import Problem
from recviz.language import mark

FileFormat = Literal["delimited text", "JSON lines", "Parquet", "Excel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What is found out from a file's content unless it is given."""

    encoding: str | None = None
    """``utf-8``, ``utf-16``, ``cp1252``, ``latin-1``...; text formats only."""
    delimiter: str | None = None
    """One character; delimited text only."""
    quotes: bool = True
    """Whether cells may be enclosed in double quotes; delimited text only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file turned out to be."""

    name: str
    """As the user calls it; shown, never used as a path."""
    sha256: str
    n_bytes: int
    format: FileFormat
    compression: Literal["gzip", "zip"] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    n_rows: int = 0
    n_malformed: int = 0
    """Rows that could not be read as a row: ragged, an unclosed quote, a NUL byte."""
    columns: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say it in a line: ``delimited text (","), gzip, utf-8``."""
        kind: str = self.format
        if self.delimiter is not None:
            is_tab = self.delimiter == "\t"
            kind = mark("delimited text (tab)") if is_tab else mark(f'delimited text ("{self.delimiter}")')
        return ", ".join(part for part in (kind, self.compression, self.encoding) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """What a column seems to be, and why."""

    column: str
    role: Role | None
    """``None``: the column is not used."""
    confidence: float
    """From 0 to 1."""
    reason: str
    samples: tuple[str, ...]
    n_distinct: int
    """In the rows that were looked at."""
    missing: float
    """Share of the rows looked at that have nothing here, 0 to 1."""

    @property
    def confidence_word(self) -> str:
        """``sure``, ``likely`` or ``a guess``."""
        if self.confidence >= 0.85:  # noqa: PLR2004 - words for a scale
            return mark("sure")
        return mark("likely") if self.confidence >= 0.6 else mark("a guess")  # noqa: PLR2004 - words for a scale


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFacts:
    """How times are written, and the span that they cover."""

    column: str
    words: str
    """``seconds since 1970``, ``ISO 8601``, ``day/month/year``, ``month/day/year``..."""
    first: str
    """ISO 8601, UTC; "" where no time could be read."""
    last: str
    is_ambiguous: bool
    """Whether day or month comes first cannot be told from the log: ``LogPlan.day_first`` must be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWords:
    """One user's history as sentences."""

    user_id: str
    n_events: int
    sentences: tuple[str, ...]
    """One a time, oldest first; the events of one time together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """First sight of a log: what the files are and what their columns seem to be."""

    files: dict[str, FileFacts]
    """By ``events``, ``items``, ``users``."""
    guesses: dict[str, tuple[ColumnGuess, ...]]
    """By file, every column in the file's order, under the plan below."""
    plan: LogPlan
    """The guesses as a plan, with what was asked for on top."""
    rows: tuple[dict[str, str], ...]
    """The first rows of the events as they were read."""
    histories: tuple[HistoryWords, ...]
    """Up to five users of the rows looked at; empty where the plan cannot read any."""
    time: TimeFacts | None
    problems: tuple[Problem, ...]
    """What keeps the log from being stored under this plan, as far as the first rows tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Rows left out for one reason."""

    reason: str
    n_rows: int
    first_lines: tuple[int, ...]
    """Line numbers in the file (rows, in Parquet and Excel), at most ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierFacts:
    """Numbers far beyond the rest of their column."""

    column: str
    typical: float
    """The 99th percentile of the sizes."""
    n_beyond: int
    """Rows whose size is more than 20 times that."""
    extremes: tuple[tuple[int, float], ...]
    """(line, number) of the largest sizes, at most five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A full dry run: what would be stored. Nothing is."""

    n_rows: int
    n_events: int
    n_users: int
    n_items: int
    rejections: tuple[Rejection, ...]
    """By reason, most rows first; a row counts under the first reason that applies."""
    n_duplicates: int
    """Rows that equal an earlier row in every column; whether they stay is a rule of the plan."""
    n_tied: int
    """Events that share their user's time with another."""
    n_out_of_order: int
    """Rows whose time is before that of their user's row above them."""
    outliers: tuple[OutlierFacts, ...]
    n_changed_by_rules: int
    """Values capped by a rule."""
    time: TimeFacts | None
    kinds: dict[str, int]
    targets: tuple[str, ...]
    notes: tuple[str, ...]
    """What is worth knowing, in sentences."""
    histories: tuple[HistoryWords, ...]
    problems: tuple[Problem, ...]
    """What keeps the log from being stored; empty where it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a stored log is like."""

    n_users: int
    n_items: int
    n_events: int
    n_active_users: int
    """Users with at least one event of a target kind."""
    first: str
    """ISO 8601 date, or "" in a log that has an order only."""
    last: str
    span_days: int
    events_per_user: dict[str, float]
    """``median, mean, q90, max``."""
    events_per_user_histogram: tuple[tuple[int, int, int], ...]
    """(from, to, users), both ends included, in doubling steps."""
    activity: tuple[tuple[str, int, int], ...]
    """(first day of the week, events, active users) for each week, gaps as zeros; empty without times."""
    repeat_share: float
    """Share of events whose user had the item at an earlier time, 0 to 1."""
    basket_share: float
    """Share of events tied with another of their user, 0 to 1."""
    n_titles_missing: int
    """Items without a title."""
    n_categories: int
    top_items: tuple[tuple[str, str, int], ...]
    """(item_id, title, events) of the ten most frequent."""
    kinds: tuple[tuple[str, int, bool], ...]
    """(name, events, whether it counts as interest)."""
    period: Literal["day", "week", "month"]
    """What is suggested for the curves' step."""
    horizon: int
    reason: str
    """Why this period and horizon, in a sentence."""
    histories: tuple[HistoryWords, ...]
    """The first users' histories as the model will see them."""
    unreadable_share: float | None
    """Share of the text that the default backbone cannot read, 0 to 1; ``None`` where it was not measured."""
    warnings: tuple[str, ...]
    """What to think about before a run, in sentences."""
