"""Fine-tune page: what is held out, as choices and as a bar of history, validation and held-out time."""

import datetime as dt
from typing import Any, Literal

import streamlit as st

from recviz.data.dataset import Dataset
from recviz.data.findings import Profile
from recviz.data.split import END, Period, Split, make_split
from recviz.language import mark, tr
from recviz.model.config import Preset, preset_config
from recviz.ui.formats import counted, day
from recviz.ui.guards import shown_problems
from recviz.ui.tuning_form import key, pattern

Kept = Literal["time", "leave-one-out", "nothing"]
KEPT: dict[Kept, str] = {
    "time": mark("What comes after a day"),
    "leave-one-out": mark("Each user's last event"),
    "nothing": mark("Nothing, learn from everything"),
}
PERIODS: dict[Period, str] = {"day": mark("Day"), "week": mark("Week"), "month": mark("Month")}


def held_out(dataset: Dataset, profile: Profile, preset: Preset) -> dict[str, Any]:
    """Draw the choice of what is held out and return the settings of it.

    A log with an order only has no days: each user's last event is held out, and that is said.
    """
    if not dataset.has_times:
        st.caption(tr("This log has an order only: each user's last event is held out to judge the ranking."))
        return {"split": "leave-one-out"}
    known = pattern(preset)
    starts = known.config if known else preset_config(preset, period=profile.period, horizon=profile.horizon)
    columns = st.columns([2, 1, 1, 2], gap="medium")
    with columns[0]:
        kept: Kept = st.selectbox(
            tr("Hold out"), list(KEPT), index=list(KEPT).index("nothing" if starts.cut == END else starts.split),
            format_func=lambda kind: tr(KEPT[kind]), key=key(preset, "split"),
        )  # fmt: skip
    with columns[1]:
        period: Period = st.selectbox(
            tr("Step"), list(PERIODS), index=list(PERIODS).index(starts.period),
            format_func=lambda name: tr(PERIODS[name]), key=key(preset, "period"),
        )  # fmt: skip
    with columns[2]:
        horizon = st.number_input(
            tr("Steps ahead"), min_value=1, max_value=104, value=starts.horizon, key=key(preset, "horizon")
        )
    with shown_problems():
        automatic = make_split(dataset, "time", None, period, horizon)
    with columns[3]:
        first = st.date_input(
            tr("Held out from"), value=_day_of(starts.cut), key=key(preset, "cut"), disabled=kept != "time",
            help=tr("The first day that is held out. Empty holds out the last horizon, from {day}.").format(day=day(automatic.cut)),
        )  # fmt: skip
    if kept == "leave-one-out":
        words = tr(
            "Only to compare with published tables: the curves over weeks need a day to hold out from. More passes are "
            "planned then."
        )
        st.caption(words)
        return {"split": kept, "period": period, "horizon": int(horizon), "cut": None}
    cut = END if kept == "nothing" else first.isoformat() if isinstance(first, dt.date) else None
    with shown_problems():
        _bar(dataset, make_split(dataset, "time", cut, period, horizon))
    if kept == "nothing":
        words = tr(
            "For use, not for judging. Validation chooses the number of passes, and then it is learnt, too. Without a backtest "
            "nothing says how good the run is: judge one like it first."
        )
        st.caption(words)
    return {"split": "time", "period": period, "horizon": int(horizon), "cut": cut}


def _day_of(cut: str | None) -> dt.date | None:
    return dt.date.fromisoformat(cut) if cut and cut != END else None


def _bar(dataset: Dataset, split: Split) -> None:
    first = dataset.manifest.first_time
    parts = [
        (tr("history"), first, split.validation, "rgba(138,145,156,0.22)"),
        (tr("validation"), split.validation, split.cut, "rgba(0,114,178,0.25)"),
        (tr("held out"), split.cut, split.now, "rgba(0,114,178,0.85)"),
    ]
    parts = [part for part in parts if part[2] > part[1]]
    whole = max(split.now - first, 1)
    segments = "".join(
        f'<div style="width:{100 * (end - start) / whole:.2f}%;background:{colour};height:14px"></div>'
        for _, start, end, colour in parts
    )
    span = tr("{first} to {last}, {length}")
    labels = "".join(
        f'<div style="flex:1;min-width:0"><b>{name}</b><br><span style="opacity:.7">'
        f"{span.format(first=day(start), last=day(end - 1), length=_length(end - start))}</span></div>"
        for name, start, end, _ in parts
    )
    st.html(
        '<div style="display:flex;gap:2px;border-radius:4px;overflow:hidden">' + segments + "</div>"
        '<div style="display:flex;gap:16px;font-size:.85rem;padding-top:6px">' + labels + "</div>"
    )


def _length(microseconds: int) -> str:
    days = round(microseconds / 86_400_000_000)
    return counted(days, "day") if days < 28 else counted(round(days / 7), "week")  # noqa: PLR2004 - four weeks
