"""The full dry run: what a plan makes of a log, with everything that is worth knowing and everything that is wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recviz.data.cleaning import INSTANT, ITEM, KIND, USER, VALUE, Marked, mark_rows
from recviz.data.findings import CheckReport, HistoryWords, Rejection
from recviz.data.plan import LogPlan
from recviz.data.raw import LINE, REASON, RawTable
from recviz.data.remarks import duplicates, notes, outliers
from recviz.data.sentences import history_words, pick_users
from recviz.data.side_tables import Catalogue, build_catalogue, side_problems
from recviz.data.writer import MAX_KINDS
from recviz.errors import InvalidLogError, Problem

_NEGATIVE = re.compile(
    r"return|refund|cancel|chargeback|dislike|unlike|remov|delet|uninstall|unsubscri|unfollow|unfav|downvote|negativ|"
    r"complain|reject",
    re.IGNORECASE,
)
_SHOWN_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTables:
    """The files of one log, read."""

    events: RawTable
    items: RawTable | None = None
    users: RawTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A dry run with what a dataset is then written from."""

    report: CheckReport
    marked: Marked | None
    """``None`` where the plan could not be applied."""
    catalogue: Catalogue | None


def check_log(tables: LogTables, plan: LogPlan, folder: Path) -> Checked:
    """Apply a plan to all rows and report; nothing is stored but in ``folder``."""
    problems = _side_table_problems(tables, plan)
    try:
        marked = mark_rows(tables.events, plan, folder)
    except InvalidLogError as error:
        return Checked(report=_refused(tables, [*error.problems, *problems]), marked=None, catalogue=None)
    rejections = _rejections(marked)
    counts = _counts(marked)
    kinds = _kinds(marked)
    targets = choose_targets(plan, list(kinds))
    problems += _event_problems(marked, kinds, targets, rejections)
    catalogue = None if problems else build_catalogue(marked, tables.items, tables.users)
    found = outliers(marked)
    n_duplicates = duplicates(tables.events)
    time = marked.time_facts()
    told = notes(marked, n_duplicates, found, counts["out_of_order"])
    report = CheckReport(
        n_rows=tables.events.facts.n_rows,
        n_events=counts["events"],
        n_users=counts["users"],
        n_items=counts["items"] if catalogue is None else len(catalogue.items),
        rejections=rejections,
        n_duplicates=n_duplicates,
        n_tied=counts["tied"],
        n_out_of_order=counts["out_of_order"],
        outliers=found,
        n_changed_by_rules=marked.n_capped,
        time=time,
        kinds=kinds,
        targets=targets,
        notes=(*told, *(() if catalogue is None else catalogue.notes)),
        histories=() if catalogue is None else _histories(marked, catalogue),
        problems=tuple(problems),
    )
    return Checked(report=report, marked=marked, catalogue=catalogue)


def choose_targets(plan: LogPlan, kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds that count as interest: those of the plan, else all but returns and negative ones."""
    if plan.targets is not None:
        return tuple(kind for kind in kinds if kind in plan.targets)
    return tuple(kind for kind in kinds if not _NEGATIVE.search(kind))


def event_columns(marked: Marked, *further: pl.Expr) -> pl.LazyFrame:
    """Return the accepted events as a dataset names them, ids as texts; and further columns."""
    instant = "timestamp" if marked.reading is not None else "seq_pos"
    return marked.accepted.select(
        pl.col(USER).alias("user_id"),
        pl.col(ITEM).alias("item_id"),
        pl.col(INSTANT).alias(instant),
        pl.col(KIND).alias("kind"),
        pl.col(VALUE).cast(pl.Float32).alias("value"),
        *further,
    )


def _side_table_problems(tables: LogTables, plan: LogPlan) -> list[Problem]:
    problems: list[Problem] = []
    for raw, side, what in ((tables.items, plan.items, "items"), (tables.users, plan.users, "users")):
        if raw is not None and side is None:
            mend = f"Name it: --map {what}.key=COLUMN, or choose it on the Log page"
            problems.append(Problem(f"No column of the {what} file holds the ids", raw.facts.name, mend))
        elif raw is not None and side is not None:
            problems += side_problems(raw, side)
    return problems


def _refused(tables: LogTables, problems: list[Problem]) -> CheckReport:
    return CheckReport(
        n_rows=tables.events.facts.n_rows,
        n_events=0,
        n_users=0,
        n_items=0,
        rejections=(),
        n_duplicates=0,
        n_tied=0,
        n_out_of_order=0,
        outliers=(),
        n_changed_by_rules=0,
        time=None,
        kinds={},
        targets=(),
        notes=(),
        histories=(),
        problems=tuple(problems),
    )


def _rejections(marked: Marked) -> tuple[Rejection, ...]:
    bad = pl.concat([marked.frame.select(LINE, REASON), marked.raw.malformed.select(LINE, REASON)])
    grouped = (
        bad.filter(pl.col(REASON).is_not_null())
        .group_by(REASON)
        .agg(pl.len().alias("n"), pl.col(LINE).bottom_k(_SHOWN_LINES).sort().alias("lines"))
        .sort(["n", REASON], descending=[True, False])
        .collect(engine="streaming")
    )
    return tuple(
        Rejection(reason=reason, n_rows=n, first_lines=tuple(lines)) for reason, n, lines in grouped.iter_rows()
    )


def _counts(marked: Marked) -> dict[str, int]:
    tied = marked.accepted.group_by(USER, INSTANT).len().filter(pl.col("len") > 1).select(pl.col("len").sum())
    totals = marked.accepted.select(
        events=pl.len(), users=pl.col(USER).n_unique(), items=pl.col(ITEM).n_unique()
    )  # fmt: skip
    per_user = marked.frame.filter(pl.col(USER) != "").group_by(USER)
    steps = per_user.agg((pl.col(INSTANT).to_physical().diff() < 0).sum()).select(pl.col(INSTANT).sum())
    frames = pl.collect_all([tied, totals, steps], engine="streaming")
    return {
        "tied": int(frames[0].item() or 0),
        **frames[1].row(0, named=True),
        "out_of_order": int(frames[2].item() or 0),
    }


def _kinds(marked: Marked) -> dict[str, int]:
    counts = marked.accepted.group_by(KIND).len().sort(KIND).collect(engine="streaming")
    return {str(kind): int(count) for kind, count in counts.iter_rows()}


def _event_problems(
    marked: Marked, kinds: dict[str, int], targets: tuple[str, ...], rejections: tuple[Rejection, ...]
) -> list[Problem]:
    plan, name = marked.plan, marked.raw.facts.name
    problems = [] if marked.reading is None else marked.reading.problems
    if not kinds:
        reasons = "; ".join(f"{entry.reason} ({entry.n_rows:,} rows)" for entry in rejections)
        return [*problems, Problem("No row is left as an event", f"{name}: {reasons}", "Change the columns or rules")]
    known = ", ".join(list(kinds)[:20])
    if len(kinds) > MAX_KINDS:
        problems.append(
            Problem(
                f"The log has {len(kinds):,} kinds of events",
                f"column {plan.kind}",
                f"Choose a column of at most {MAX_KINDS} kinds, or none",
            )
        )
    problems += [
        Problem(f"There is no kind {kind!r}", f"{what} of the plan", f"Choose among {known}")
        for what, wanted in (("targets", plan.targets or ()), ("conversion", [plan.conversion or ""]))
        for kind in wanted
        if kind and kind not in kinds
    ]
    if not targets:
        problems.append(Problem("No kind of event counts as interest", f"{name}: {known}", "Choose target kinds"))
    return problems


def _histories(marked: Marked, catalogue: Catalogue) -> tuple[HistoryWords, ...]:
    events = event_columns(marked)
    some = events.filter(pl.col("user_id").is_in(pick_users(events))).collect(engine="streaming")
    titled = some.join(catalogue.items.select("item_id", "title"), on="item_id", how="left")
    return history_words(titled, marked.plan.value or "")
