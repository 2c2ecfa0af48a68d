"""What a stored log is like, and the period and horizon that suit it."""

from collections.abc import Callable, Sequence

import polars as pl

from recviz.data.dataset import Dataset
from recviz.data.findings import HistoryWords, Profile
from recviz.data.sentences import day_words, history_words, pick_users
from recviz.data.split import PERIOD_DAYS, Period
from recviz.language import mark

UnknownShare = Callable[[Sequence[str]], float]
UNREADABLE = 0.10
"""From this share on, the profile warns."""
_TEXTS_MEASURED = 5_000
_TOP = 10
_LONGEST: dict[Period, int] = {"day": 28, "week": 13, "month": 6}
_HELD_OUT = 4
"""At most one part in so many of the log's span is forecast."""


def profile_dataset(dataset: Dataset, unknown_share: UnknownShare | None = None) -> Profile:
    """Measure a stored log.

    Args:
        dataset: The log.
        unknown_share: Tells what share of some texts the default backbone cannot read; ``None`` does not measure.
    """
    manifest = dataset.manifest
    events = pl.scan_parquet(dataset.folder / "events.parquet")
    instant = "timestamp" if dataset.has_times else "seq_pos"
    period, horizon, reason = _suggestion(events, manifest.span_days) if dataset.has_times else _without_times()
    targets = [kind.name for kind in manifest.kinds if kind.is_target]
    n_active = events.filter(pl.col("kind").is_in(targets)).select(pl.col("user_id").n_unique())
    per_user = events.group_by("user_id").len().collect(engine="streaming")["len"]
    titles = pl.Series(dataset.items["title"].tolist(), dtype=pl.String)
    texts = _texts(dataset)
    unreadable = unknown_share(texts) if unknown_share is not None and texts else None
    return Profile(
        n_users=manifest.n_users,
        n_items=manifest.n_items,
        n_events=manifest.n_events,
        n_active_users=int(n_active.collect(engine="streaming").item()),
        first=day_words(manifest.first_time) if dataset.has_times else "",
        last=day_words(manifest.last_time) if dataset.has_times else "",
        span_days=manifest.span_days,
        events_per_user={
            "median": float(per_user.median() or 0),  # type: ignore[arg-type]  # of numbers
            "mean": float(per_user.mean() or 0),  # type: ignore[arg-type]  # a column of numbers
            "q90": float(per_user.quantile(0.9) or 0),
            "max": float(per_user.max() or 0),  # type: ignore[arg-type]  # a column of numbers
        },
        events_per_user_histogram=_doubling(per_user),
        activity=_activity(events) if dataset.has_times else (),
        repeat_share=_repeat_share(events, instant),
        basket_share=_basket_share(events, instant),
        n_titles_missing=int((titles == "").sum()),
        n_categories=dataset.items["category"].replace("", None).nunique() if manifest.has_categories else 0,
        top_items=_top_items(events, dataset),
        kinds=tuple((kind.name, kind.count, kind.is_target) for kind in manifest.kinds),
        period=period,
        horizon=horizon,
        reason=reason,
        histories=_histories(events, dataset),
        unreadable_share=unreadable,
        warnings=_warnings(dataset, per_user, manifest.span_days, unreadable),
    )


def _texts(dataset: Dataset) -> list[str]:
    fields = list(dataset.manifest.text_fields)
    rows = dataset.items[fields].head(_TEXTS_MEASURED)
    return [text for row in rows.itertuples(index=False) if (text := " ".join(row).strip())]


def _doubling(per_user: pl.Series) -> tuple[tuple[int, int, int], ...]:
    """Count users in steps of 1, 2 to 3, 4 to 7 events and so on."""
    most = int(per_user.max() or 0)  # type: ignore[arg-type]  # of numbers
    steps = []
    low = 1
    while low <= most:
        high = 2 * low - 1
        steps.append((low, high, int(per_user.is_between(low, high).sum())))
        low = high + 1
    return tuple(steps)


def _activity(events: pl.LazyFrame) -> tuple[tuple[str, int, int], ...]:
    weeks = (
        events.group_by(pl.col("timestamp").dt.truncate("1w").alias("week"))
        .agg(pl.len().alias("events"), pl.col("user_id").n_unique().alias("users"))
        .sort("week")
        .collect(engine="streaming")
        .upsample("week", every="1w")
        .with_columns(pl.col("events", "users").fill_null(0))
    )
    return tuple((f"{week:%Y-%m-%d}", int(count), int(users)) for week, count, users in weeks.iter_rows())


def _repeat_share(events: pl.LazyFrame, instant: str) -> float:
    """Return the share of events that are not at the first time at which their user had their item."""
    first = events.group_by("user_id", "item_id").agg(
        (pl.col(instant) == pl.col(instant).min()).sum().alias("first"), pl.len().alias("all")
    )
    firsts, total = first.select(pl.col("first").sum(), pl.col("all").sum()).collect(engine="streaming").row(0)
    return 1 - float(firsts / total)


def _basket_share(events: pl.LazyFrame, instant: str) -> float:
    sizes = events.group_by("user_id", instant).len()
    tied, total = (
        sizes.select(pl.col("len").filter(pl.col("len") > 1).sum(), pl.col("len").sum().alias("all"))
        .collect(engine="streaming")
        .row(0)
    )
    return float(tied / total)


def _top_items(events: pl.LazyFrame, dataset: Dataset) -> tuple[tuple[str, str, int], ...]:
    counts = events.group_by("item_id").len().sort(["len", "item_id"], descending=[True, False]).head(_TOP)
    return tuple(
        (item, str(dataset.items["title"].iloc[dataset.item_index(item)]), int(count))
        for item, count in counts.collect(engine="streaming").iter_rows()
    )


def _suggestion(events: pl.LazyFrame, span_days: int) -> tuple[Period, int, str]:
    """Choose a period near the usual time between a user's active days, and a horizon that the span can bear."""
    days = events.select("user_id", pl.col("timestamp").dt.date().alias("day")).unique().sort("user_id", "day")
    gaps = days.select(
        pl.when(pl.col("user_id") == pl.col("user_id").shift(1)).then(pl.col("day").diff().dt.total_days())
    )
    gap = gaps.select(pl.first().median()).collect(engine="streaming").item()
    if gap is None:
        period: Period = "week" if span_days >= 8 * 7 else "day"
        why = mark("no user is active on two days")
    else:
        period = "day" if gap <= 2 and span_days <= 120 else "month" if gap > 60 and span_days >= 730 else "week"  # noqa: PLR2004 - days
        why = (
            mark("half of all users' active days follow within a day of the one before")
            if gap == 1
            else mark(f"half of all users' active days follow within {gap:,.3g} days of the one before")
        )
    if span_days < 8 * PERIOD_DAYS[period]:
        period = "day"
    horizon = max(1, min(_LONGEST[period], span_days // (_HELD_OUT * PERIOD_DAYS[period])))
    held_out = mark(f"{horizon} of them, since at most a quarter of the log's {span_days:,} days should be held out")
    match period:
        case "day":
            return period, horizon, mark(f"Days, since {why}; {held_out}.")
        case "week":
            return period, horizon, mark(f"Weeks, since {why}; {held_out}.")
        case "month":
            return period, horizon, mark(f"Months, since {why}; {held_out}.")


def _without_times() -> tuple[Period, int, str]:
    return "week", 13, mark("The log has an order only: ranking and explanation need neither period nor horizon.")


def _histories(events: pl.LazyFrame, dataset: Dataset) -> tuple[HistoryWords, ...]:
    some = events.filter(pl.col("user_id").is_in(pick_users(events))).collect(engine="streaming")
    titles = [str(dataset.items["title"].iloc[dataset.item_index(item)]) for item in some["item_id"]]
    return history_words(some.with_columns(title=pl.Series(titles, dtype=pl.String)), dataset.manifest.value_name)


def _warnings(dataset: Dataset, per_user: pl.Series, span_days: int, unreadable: float | None) -> tuple[str, ...]:
    manifest = dataset.manifest
    warnings = []
    if unreadable is not None and unreadable > UNREADABLE:
        warnings.append(
            mark(
                f"The default language model cannot read {100 * unreadable:.0f} % of the items' text. Choose a "
                "multilingual one, for example intfloat/multilingual-e5-small or Qwen/Qwen3-Embedding-0.6B; otherwise "
                "the run goes on with what items are bought together alone."
            )
        )
    if not bool((dataset.items["title"] != "").any()):
        warnings.append(mark("No item has a title: the language model has nothing to read."))
    if manifest.n_users == 1 or manifest.n_items == 1:
        warnings.append(mark("There is one user or one item only: nothing can be compared."))
    if int((per_user > 1).sum()) < max(1, len(per_user) // 20):
        warnings.append(mark("Nearly every user has one event only: there is little history to learn from."))
    if not dataset.has_times:
        warnings.append(mark("The log has an order only: it can be ranked and explained, but has no interest curves."))
    elif span_days < 8 * PERIOD_DAYS["day"]:
        warnings.append(mark(f"The log spans {span_days} days only: curves need more."))
    return tuple(warnings)
