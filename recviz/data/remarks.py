"""What is worth knowing of a log's rows: duplicates, outliers, odd times."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from recviz.data.cleaning import INSTANT, VALUE, Marked
from recviz.data.findings import OutlierFacts
from recviz.data.raw import LINE, RawTable
from recviz.language import mark

_FAR_BEYOND = 20
_SHOWN_EXTREMES = 5
_FIRST_YEAR = 1971


def outliers(marked: Marked) -> tuple[OutlierFacts, ...]:
    """Find values of the events that are far beyond the rest; empty where there are none."""
    plan = marked.plan
    if plan.value is None:
        return ()
    number = marked.raw.text(plan.value).str.strip_chars().cast(pl.Float64, strict=False)
    sizes = marked.accepted.select(LINE, number.alias(VALUE)).filter(pl.col(VALUE).is_finite())
    typical = sizes.select(pl.col(VALUE).abs().quantile(0.99, "nearest")).collect(engine="streaming").item()
    if not typical:
        return ()
    beyond = sizes.filter(pl.col(VALUE).abs() > _FAR_BEYOND * typical).collect(engine="streaming")
    if not len(beyond):
        return ()
    largest = beyond.sort([pl.col(VALUE).abs(), pl.col(LINE)], descending=[True, False]).head(_SHOWN_EXTREMES)
    extremes = tuple((int(line), float(size)) for line, size in largest.select(LINE, VALUE).iter_rows())
    return (OutlierFacts(column=plan.value, typical=float(typical), n_beyond=len(beyond), extremes=extremes),)


def duplicates(raw: RawTable) -> int:
    """Count rows that equal an earlier row in every column."""
    columns = list(raw.facts.columns)
    distinct = raw.frame.select(columns).unique().select(pl.len()).collect(engine="streaming").item()
    return raw.facts.n_rows - raw.facts.n_malformed - int(distinct)


def notes(marked: Marked, n_duplicates: int, beyond: Sequence[OutlierFacts], n_out_of_order: int) -> list[str]:
    """Say in sentences what was changed or is odd."""
    told = _time_notes(marked)
    if n_duplicates:
        told.append(
            mark(f"{n_duplicates:,} rows equal an earlier row in every column; they were left out.")
            if marked.plan.duplicates == "drop"
            else mark(f"{n_duplicates:,} rows equal an earlier row in every column; they stay.")
        )
    if n_out_of_order:
        told.append(mark(f"{n_out_of_order:,} rows stand below a later row of their user; histories are sorted."))
    for found in beyond:
        line, size = found.extremes[0]
        told.append(
            mark(
                f"{found.n_beyond:,} values of {found.column} are more than {_FAR_BEYOND} times its 99th percentile "
                f"({found.typical:,.6g}); the largest is {size:,.6g} in line {line:,}."
            )
        )
    for rule, bound in marked.bounds:
        if rule.quantile is not None:
            told.append(
                mark(
                    f"The rule {rule} came to {bound:,.6g}, found in the whole log; give a number instead to be sure "
                    "that nothing after a cut has a part in it."
                )
            )
    if marked.n_capped:
        told.append(mark(f"{marked.n_capped:,} values were capped by rule."))
    return told


def _time_notes(marked: Marked) -> list[str]:
    if marked.reading is None:
        return [mark("The log has an order only: it can be ranked and explained, but has no interest curves.")]
    now = datetime.now(UTC)
    early, late = (
        marked.accepted.select(
            early=(pl.col(INSTANT).dt.year() < _FIRST_YEAR).sum(), late=(pl.col(INSTANT) > now).sum()
        )
        .collect(engine="streaming")
        .row(0)
    )
    notes = []
    if early:
        notes.append(
            mark(f"{early:,} events are from 1970 or before: is {marked.plan.time} the time, in the right unit?")
        )
    if late:
        notes.append(mark(f"{late:,} events are in the future: is {marked.plan.time} the time, in the right unit?"))
    return notes
