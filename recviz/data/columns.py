"""What the cells of a file's columns are like, over its first rows."""

from dataclasses import dataclass

import polars as pl

from recviz.data.raw import RawTable
from recviz.data.times import FITS, detect_times, with_instants

LOOKED_AT = 20_000
"""Rows that guesses go by."""
_SAMPLES = 4
_LETTERS = r"\p{L}{3,}"
_FIRST_PLAUSIBLE, _LAST_PLAUSIBLE = 1980, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """One column of the first rows; shares are of the cells that hold something, 0 to 1."""

    name: str
    samples: tuple[str, ...]
    n_rows: int
    n_filled: int
    n_distinct: int
    numbers: float
    whole_numbers: float
    negatives: float
    worded: float
    """Share of cells with a word of at least three letters."""
    words: float
    """Mean number of words of a cell."""
    is_time: bool
    """Written like times, of plausible years."""

    @property
    def missing(self) -> float:
        return 1 - self.n_filled / max(self.n_rows, 1)

    @property
    def distinct_share(self) -> float:
        return self.n_distinct / max(self.n_filled, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A file's first rows, every cell as text, with the facts of each column."""

    cells: pl.DataFrame
    facts: dict[str, ColumnFacts]

    def settles(self, key: str, column: str) -> float:
        """Return the share of rows whose cell is the usual one of their key: 1 where the key determines the column.

        Only keys that are there at least twice tell anything; 1 where there are none.
        """
        pairs = self.cells.select(pl.col(key).alias("key"), pl.col(column).alias("cell")).filter(
            (pl.col("key") != "") & (pl.col("cell") != "")
        )
        counts = pairs.group_by("key", "cell").len()
        keys = counts.group_by("key").agg(pl.col("len").sum().alias("all"), pl.col("len").max().alias("usual"))
        keys = keys.filter(pl.col("all") > 1)
        return float(keys["usual"].sum()) / float(keys["all"].sum()) if len(keys) else 1.0


def look_at_columns(raw: RawTable) -> Head:
    """Measure each column over the file's first rows."""
    head = raw.frame.head(LOOKED_AT)
    own = head.collect(engine="streaming")
    cells = own.select(raw.text(name).fill_null("").alias(name) for name in raw.facts.columns)
    return Head(cells=cells, facts={name: _facts(own, cells, name) for name in raw.facts.columns})


def _facts(own: pl.DataFrame, cells: pl.DataFrame, name: str) -> ColumnFacts:
    filled = cells[name].filter(cells[name].str.strip_chars() != "")
    number = filled.str.strip_chars().cast(pl.Float64, strict=False)
    return ColumnFacts(
        name=name,
        samples=tuple(filled.unique(maintain_order=True).head(_SAMPLES).to_list()),
        n_rows=len(cells),
        n_filled=len(filled),
        n_distinct=filled.n_unique(),
        numbers=_mean(number.is_not_null()),
        whole_numbers=_mean((number == number.floor()).fill_null(value=False)),
        negatives=_mean((number < 0).fill_null(value=False)),
        worded=_mean(filled.str.contains(_LETTERS)),
        words=_mean(filled.str.count_matches(r"\S+")),
        is_time=_is_time(own.lazy(), name),
    )


def _is_time(own: pl.LazyFrame, name: str) -> bool:
    reading = detect_times(own, name, day_first=None, unit="auto")
    if reading is None:
        return False
    years = with_instants(own.select(name), reading, "instant").select(pl.col("instant").dt.year()).collect()["instant"]
    is_plausible = years.is_between(_FIRST_PLAUSIBLE, _LAST_PLAUSIBLE).fill_null(value=False)
    return _mean(is_plausible) > FITS * _mean(own.select(name).collect()[name].is_not_null())


def _mean(series: pl.Series) -> float:
    return float(series.mean() or 0.0) if len(series) else 0.0  # type: ignore[arg-type]  # a mean of numbers
