"""What is supposed to be otherwise: past events switched off or edited, others added, another day, another title."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from recviz.explain.explanation import EventShare, Explanation
from recviz.language import tr, tr_p
from recviz.services.item_search import items_called
from recviz.services.what_ifs import AddedEvent, EditedEvent, Supposed
from recviz.ui.explain_data import recommended, title_of
from recviz.ui.formats import counted, shortened
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import SEEN_TOO, keep, kept

OFF = "explain_off"
"""Name under which the places of events are kept that another part of the page has switched off."""
FORM = "explain_form"
"""Name under which is kept how often the form was begun anew."""
DAY = pd.Timedelta(days=1)
HEIGHT = 300


@dataclass(frozen=True, slots=True)
class Facts:
    """What the form must know of the log."""

    has_times: bool
    kinds: tuple[str, ...]
    has_values: bool
    reads_titles: bool


def choose_supposed(opened: OpenRun, found: Explanation) -> Supposed:
    """Draw the form, and return what it supposes."""
    facts = facts_of(opened)
    titles = known_titles(opened, found)
    gone = switched_off(opened, found)
    key = "_".join(map(str, (*_whose(opened, found), *gone, kept(FORM, 0))))
    off, edit = _choose_past(found, titles, facts, gone, key)
    add = _choose_added(opened, titles, facts, key)
    moved, title = st.columns(2)
    with moved:
        moved_to = _choose_moment(found, facts, key)
    with title:
        renamed = _choose_title(opened, found, facts)
    return Supposed(off=tuple(off), edit=tuple(edit), add=tuple(add), moved_to=moved_to, titles=renamed)


def switch_off(opened: OpenRun, found: Explanation, positions: Sequence[int]) -> None:
    """Begin the form of this user, in this run, with these past events off."""
    keep(OFF, (_whose(opened, found), tuple(positions)))


def switched_off(opened: OpenRun, found: Explanation) -> tuple[int, ...]:
    """Return the past events that are off to begin with; another user, or another run, has others."""
    whose, positions = kept(OFF, ((), ()))
    return positions if whose == _whose(opened, found) else ()


def _whose(opened: OpenRun, found: Explanation) -> tuple[str, ...]:
    return opened.fingerprint, found.user_id, found.origin


def facts_of(opened: OpenRun) -> Facts:
    """Return what can be edited in this log."""
    dataset = opened.ws.predictor(opened.run, opened.origin).dataset
    return Facts(
        has_times=dataset.has_times,
        kinds=tuple(kind.name for kind in dataset.manifest.kinds),
        has_values=bool(dataset.manifest.value_name),
        reads_titles="title" in dataset.manifest.text_fields,
    )


def known_titles(opened: OpenRun, found: Explanation) -> dict[str, str]:
    """Return items that are likely to be wanted in the form: item id -> title."""
    likely = {item.item_id: item.title for item in recommended(opened, found.user_id, SEEN_TOO)}
    return likely | {one.item_id: one.title for one in found.events if not one.is_group}


def past_table(events: Sequence[EventShare], off: Sequence[int], facts: Facts) -> pd.DataFrame:
    """Lay the single events out, each with a switch."""
    times = [pd.Timestamp(one.time).date() if facts.has_times else int(one.time) for one in events]
    return pd.DataFrame(
        {
            "on": [one.positions[0] not in off for one in events],
            "when": times,
            "item": [one.item_id for one in events],
            "kind": [one.kind for one in events],
            "number": pd.Series([one.quantity for one in events], dtype=float),
        }
    )


def changes(
    events: Sequence[EventShare], before: pd.DataFrame, after: pd.DataFrame, instant: str, facts: Facts
) -> tuple[list[int], list[EditedEvent]]:
    """Read an edited table: the places of events that are off, and the others that were changed.

    Args:
        events: As in the rows.
        before: The table as it was laid out, all switches apart.
        after: As it was left.
        instant: The moment that is looked ahead from.
        facts: Of the log.
    """
    off = [one.positions[0] for one, is_on in zip(events, after["on"], strict=True) if not is_on]
    edits = []
    for row, one in enumerate(events):
        old, new = before.iloc[row], after.iloc[row]
        number = new["number"]
        if one.positions[0] in off or not _differs(old, new):
            continue
        edits.append(
            EditedEvent(
                position=one.positions[0],
                item_id=new["item"] if new["item"] != old["item"] else None,
                days_before_origin=_before(new["when"], one, instant, facts) if new["when"] != old["when"] else None,
                kind=new["kind"] if new["kind"] != old["kind"] else None,
                value=float(number) if not _same_number(old["number"], number) else None,
            )
        )
    return off, edits


def _choose_past(
    found: Explanation, titles: dict[str, str], facts: Facts, gone: tuple[int, ...], key: str
) -> tuple[list[int], list[EditedEvent]]:
    single = tuple(sorted((one for one in found.events if not one.is_group), key=lambda one: -one.positions[0]))
    groups = [one for one in found.events if one.is_group]
    if not single:
        st.caption(tr("There is no past event to change."))
        return [], []
    table = past_table(single, gone, facts)
    day = (
        st.column_config.DateColumn(tr("When"), width=112, required=True, format=tr_p("time format", "D MMM YYYY"))
        if facts.has_times
        else st.column_config.NumberColumn(tr("Place"), width=64, disabled=True)
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        height=min(HEIGHT, 35 * (len(table) + 1) + 3),
        key=f"explain_past_{key}",
        column_order=[
            "on", "when", "item", *(["kind"] if len(facts.kinds) > 1 else []),
            *(["number"] if facts.has_values else []),
        ],
        column_config={
            "on": st.column_config.CheckboxColumn(
                tr("On"), width=62, help=tr("Switch off: as if it had never been.")
            ),
            "when": day,
            "item": st.column_config.SelectboxColumn(
                tr("Past event"), width=186, required=True, options=list(titles), format_func=lambda one: titles[str(one)]
            ),
            "kind": st.column_config.SelectboxColumn(tr("Kind"), width=80, required=True, options=list(facts.kinds)),
            "number": st.column_config.NumberColumn(tr("Number"), width=86),
        },
        alt=tr("Past events, latest first, to be switched off or edited"),
    )  # fmt: skip
    off, edit = changes(single, table, edited, found.instant, facts)
    for group in groups:
        label = tr("{events}, counted together").format(events=counted(len(group.positions), "earlier event"))
        if not st.toggle(label, value=not set(group.positions) <= set(gone), key=f"explain_group_{key}"):
            off += group.positions
    return off, edit


def _choose_added(opened: OpenRun, titles: dict[str, str], facts: Facts, key: str) -> list[AddedEvent]:
    sought, picked, when = st.columns([3, 5, 2], vertical_alignment="bottom")
    words = sought.text_input(tr("Find an item to add"), key="explain_find", placeholder=tr("words of its title"))
    options = items_called(opened.ws, opened.run, words, opened.origin) if words.strip() else titles
    known = titles | options
    chosen = picked.multiselect(
        tr("Items ({n} found)").format(n=len(options)) if words.strip() else tr("Items"),
        [*options, *(one for one in st.session_state.get(f"explain_added_{key}", ()) if one not in options)],
        format_func=lambda one: shortened(known.get(one) or title_of(opened, one), 40),
        key=f"explain_added_{key}",
        placeholder=tr("None added"),
    )
    ago = when.number_input(
        tr("Days ago") if facts.has_times else tr("Places ago"),
        0,
        3650,
        0,
        key=f"explain_ago_{key}",
        help=tr("0 is at the origin."),
    )
    return [AddedEvent(item_id=item, days_before_origin=float(ago)) for item in chosen]


def _choose_moment(found: Explanation, facts: Facts, key: str) -> str | None:
    if not facts.has_times:
        return None
    origin = pd.Timestamp(found.instant)
    day = st.date_input(
        tr("Look ahead from"),
        origin.date(),
        key=f"explain_moment_{key}",
        help=tr("Another day than the origin: what happened from then on has not happened yet."),
    )
    if not isinstance(day, type(origin.date())) or day == origin.date():
        return None
    return (pd.Timestamp(day, tz="UTC") + (origin - origin.normalize())).isoformat()


def _choose_title(opened: OpenRun, found: Explanation, facts: Facts) -> dict[str, str]:
    if found.candidate is None or not facts.reads_titles:
        return {}
    item = found.target.name
    title = title_of(opened, item)
    written = st.text_input(
        tr("Title of the recommended item"), title, max_chars=300, key=f"explain_title_{item}_{kept(FORM, 0)}"
    )
    return {item: written} if written.strip() and written != title else {}


def _before(when: object, event: EventShare, instant: str, facts: Facts) -> float | None:
    if not facts.has_times:
        return None
    was = pd.Timestamp(event.time)
    now = pd.Timestamp(str(when), tz="UTC") + (was - was.normalize())
    return (pd.Timestamp(instant) - now) / DAY


def _differs(old: pd.Series, new: pd.Series) -> bool:
    same = all(new[name] == old[name] for name in ("when", "item", "kind"))
    return not (same and _same_number(old["number"], new["number"]))


def _same_number(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
