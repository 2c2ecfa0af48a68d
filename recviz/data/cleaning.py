"""From rows to events: every row either becomes an event or is left out for a reason that is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recviz.data.conditions import Condition, expression
from recviz.data.findings import TimeFacts
from recviz.data.plan import LogPlan, OutlierRule
from recviz.data.plan_problems import plan_problems
from recviz.data.raw import LINE, REASON, RawTable
from recviz.data.times import TimeReading, detect_times, with_instants
from recviz.errors import InvalidLogError, Problem
from recviz.language import mark

MARK = "\u241f"
"""Starts the names of columns that are worked out, so that no column of a file is in their way."""
USER, ITEM, INSTANT, KIND, VALUE = (f"{MARK}{name}" for name in ("user", "item", "instant", "kind", "value"))
_CAPPED = f"{MARK}capped"
NO_KIND = "event"
"""The kind of events in a log that has no kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """All rows of a log with what they mean; those without a reason to be left out are its events."""

    raw: RawTable
    plan: LogPlan
    frame: pl.LazyFrame
    """`LINE`, the file's columns, `USER`, `ITEM`, `INSTANT`, `KIND`, `VALUE`, and `REASON`, null for events."""
    reading: TimeReading | None
    """``None`` in a log that has an order only."""
    bounds: tuple[tuple[OutlierRule, float], ...]
    """Each rule for outliers with the bound that it came to."""

    @property
    def accepted(self) -> pl.LazyFrame:
        return self.frame.filter(pl.col(REASON).is_null())

    @property
    def rejected(self) -> pl.LazyFrame:
        """``line``, ``reason`` and the row as it was read; ``text`` where it could not be read as a row."""
        taken = {"line", REASON, "text"}
        names = {name: f"{name} (in the file)" if name in taken else name for name in self.raw.facts.columns}
        own = self.frame.filter(pl.col(REASON).is_not_null()).select(
            pl.col(LINE).alias("line"),
            REASON,
            pl.lit(None, pl.String).alias("text"),
            *(self.raw.text(name).alias(new) for name, new in names.items()),
        )
        malformed = self.raw.malformed.rename({LINE: "line"})
        return pl.concat([malformed, own], how="diagonal").sort("line")

    @property
    def n_capped(self) -> int:
        return int(self.accepted.select(pl.col(_CAPPED).sum()).collect(engine="streaming").item() or 0)

    def time_facts(self) -> TimeFacts | None:
        """Say how times are written, and the span of the events."""
        if self.reading is None:
            return None
        first, last = (
            self.accepted.select(first=pl.col(INSTANT).min(), last=pl.col(INSTANT).max())
            .collect(engine="streaming")
            .row(0)
        )
        return self.reading.facts(*("" if t is None else f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in (first, last)))


def mark_rows(raw: RawTable, plan: LogPlan, folder: Path) -> Marked:
    """Work out what each row means under a plan, and keep the result in ``folder``.

    Raises:
        InvalidLogError: With everything that keeps the plan from being applied to this file.
    """
    if problems := plan_problems(raw, plan):
        raise InvalidLogError(problems)
    frame = raw.frame.with_columns(
        raw.text(str(plan.user)).fill_null("").alias(USER), raw.text(str(plan.item)).fill_null("").alias(ITEM)
    )
    reading = None
    if plan.time is not None:
        reading = detect_times(raw.frame, plan.time, plan.day_first, plan.time_unit)
        if reading is None:
            raise InvalidLogError([_no_times(raw, plan.time)])
        frame = with_instants(frame, reading, INSTANT)
    else:
        frame = frame.with_columns(raw.text(str(plan.order)).cast(pl.Int64, strict=False).alias(INSTANT))
    frame = frame.with_columns(_number(raw, plan.value).alias(VALUE), _kind(raw, plan).alias(KIND))
    bounds = tuple((rule, _bound(raw, rule)) for rule in plan.outliers)
    reasons = [*_unreadable(raw, plan), *_ruled_out(raw, plan), *_dropped(raw, bounds)]
    frame = frame.with_columns(
        pl.coalesce([pl.when(holds).then(pl.lit(reason)) for reason, holds in reasons]).alias(REASON)
    )
    if plan.duplicates == "drop":
        frame = _without_repeats(frame, raw)
    path = folder / "marked.parquet"
    _valued(frame, plan, bounds).sink_parquet(path)
    return Marked(raw=raw, plan=plan, frame=pl.scan_parquet(path), reading=reading, bounds=bounds)


def _no_times(raw: RawTable, column: str) -> Problem:
    samples = raw.frame.select(raw.text(column)).head(3).collect()[column].to_list()
    return Problem(
        f"The column {column!r} does not hold times",
        f"{raw.facts.name}, for example {', '.join(map(repr, samples))}",
        "Choose a column of times such as 2024-05-31T13:45:00Z or 1717163100, or give the role order to a "
        "column of positions",
    )


def _number(raw: RawTable, column: str | None) -> pl.Expr:
    if column is None:
        return pl.lit(None, pl.Float64)
    number = raw.text(column).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _condition(raw: RawTable, plan: LogPlan, condition: Condition) -> pl.Expr:
    instant = pl.col(INSTANT) if condition.column == plan.time else None
    return expression(condition, raw.text(condition.column), instant)


def _kind(raw: RawTable, plan: LogPlan) -> pl.Expr:
    own = pl.lit(NO_KIND) if plan.kind is None else raw.text(plan.kind).fill_null("").str.strip_chars()
    named = pl.when(own == "").then(pl.lit(NO_KIND)).otherwise(own)
    ruled = [
        pl.when(_condition(raw, plan, rule.condition)).then(pl.lit(rule.kind)) for rule in plan.kind_rules
    ]  # fmt: skip
    return pl.coalesce([*ruled, named])


def _unreadable(raw: RawTable, plan: LogPlan) -> list[tuple[str, pl.Expr]]:
    """Pair each reason why a row cannot be an event with the expression that tells."""
    when = str(plan.time or plan.order)
    is_blank = raw.text(when).fill_null("").str.strip_chars() == ""
    reasons = [
        (mark(f"no user: {plan.user} is empty"), pl.col(USER).str.strip_chars() == ""),
        (mark(f"no item: {plan.item} is empty"), pl.col(ITEM).str.strip_chars() == ""),
        (mark(f"no time: {when} is empty") if plan.time else mark(f"no position: {when} is empty"), is_blank),
        (mark(f"{when} is not a time") if plan.time else mark(f"{when} is not a position"), pl.col(INSTANT).is_null()),
    ]
    if plan.value is not None:
        filled = raw.text(plan.value).fill_null("").str.strip_chars() != ""
        reasons.append((mark(f"{plan.value} is not a number"), filled & pl.col(VALUE).is_null()))
    return reasons


def _ruled_out(raw: RawTable, plan: LogPlan) -> list[tuple[str, pl.Expr]]:
    return [(mark(f"left out by the rule {condition}"), ~_condition(raw, plan, condition)) for condition in plan.where]


def _bound(raw: RawTable, rule: OutlierRule) -> float:
    if rule.bound is not None:
        return rule.bound
    number = raw.frame.select(_number(raw, rule.column).alias(VALUE)).collect(engine="streaming")[VALUE]
    return float(number.quantile(rule.quantile or 0.0, "nearest") or 0.0)


def _dropped(raw: RawTable, bounds: Sequence[tuple[OutlierRule, float]]) -> list[tuple[str, pl.Expr]]:
    return [
        (mark(f"left out by the rule {rule}"), _beyond(_number(raw, rule.column), rule, bound))
        for rule, bound in bounds
        if rule.action == "drop"
    ]


def _beyond(number: pl.Expr, rule: OutlierRule, bound: float) -> pl.Expr:
    return ((number > bound) if rule.side == "above" else (number < bound)).fill_null(value=False)


def _valued(frame: pl.LazyFrame, plan: LogPlan, bounds: Sequence[tuple[OutlierRule, float]]) -> pl.LazyFrame:
    """Cap the values by rule and note where; or make them yes and no for a conversion kind."""
    if plan.conversion is not None:
        is_one = (pl.col(KIND) == plan.conversion).cast(pl.Float64)
        return frame.with_columns(is_one.alias(VALUE), pl.lit(value=False).alias(_CAPPED))
    capped = pl.col(VALUE)
    for rule, bound in bounds:
        if rule.action == "cap":
            capped = capped.clip(upper_bound=bound) if rule.side == "above" else capped.clip(lower_bound=bound)
    changed = (capped != pl.col(VALUE)).fill_null(value=False)
    return frame.with_columns(capped.alias(VALUE), changed.alias(_CAPPED))


def _without_repeats(frame: pl.LazyFrame, raw: RawTable) -> pl.LazyFrame:
    """Leave out rows that equal an earlier row in every column."""
    columns = list(raw.facts.columns)
    firsts = raw.frame.group_by(columns).agg(pl.col(LINE).min()).select(LINE, pl.lit(value=True).alias(f"{MARK}first"))
    repeated = pl.when(pl.col(f"{MARK}first").is_null()).then(pl.lit(mark("equals an earlier row in every column")))
    return (
        frame.join(firsts, on=LINE, how="left", maintain_order="left")
        .with_columns(pl.coalesce([pl.col(REASON), repeated]).alias(REASON))
        .drop(f"{MARK}first")
    )
