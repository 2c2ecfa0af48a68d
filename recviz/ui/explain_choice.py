"""The left of the Explain page: whose, from when, and which recommendation or point of a curve is explained."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recviz.language import mark, tr
from recviz.services.recommendations import RecommendedItem
from recviz.ui.explain_against import choose_against
from recviz.ui.explain_data import has_newcomers, listed, recommended, someone, value_name
from recviz.ui.explain_point import choose_point
from recviz.ui.explain_target import ItemNumber, Point, chosen, read_against
from recviz.ui.formats import no_negative_zero
from recviz.ui.interest_data import OpenRun
from recviz.ui.interest_origin import choose_origin
from recviz.ui.session import SEEN_BY_NOBODY, SEEN_TOO, choose, session

USER = "explain_user"
ASKED = "explain_asked"
ITEMS = "explain_items"
SEEN = "explain_seen"
NEWCOMERS = "explain_newcomers"
NUMBER = "explain_number"
ASKS = {"recommendation": mark("A recommendation"), "curve": mark("A point of a curve")}


def choose_question(opened: OpenRun) -> None:
    """Draw the choices of whose number, from when, which one, and against what.

    Raises:
        NotFoundError: If the user is unknown, or the address names no point.
        UnsupportedError: If a point is asked of a log without curves.
    """
    if not session().user:
        choose(user=someone(opened))
    st.session_state[USER] = session().user
    who, when = st.columns([2, 3], gap="small")
    with who:
        st.text_input(tr("User"), key=USER, on_change=_take_user, help=tr("Any user id of the log."))
    with when:
        choose_origin(opened, "explain_origin")
    asked = chosen()
    is_point = isinstance(asked, Point)
    st.session_state[ASKED] = "curve" if is_point else "recommendation"
    st.segmented_control(
        tr("Explain"),
        list(ASKS),
        format_func=lambda name: tr(ASKS[name]),
        required=True,
        key=ASKED,
        on_change=_take_asked,
        width="stretch",
        label_visibility="collapsed",
    )
    if isinstance(asked, Point):
        choose_point(opened, asked)
        choose_against(opened, asked, ())
    else:
        items = choose_item(opened)
        number, against = st.columns(2, gap="small")
        with number:
            choose_number(opened, asked)
        with against:
            choose_against(opened, asked, items)


def choose_item(opened: OpenRun) -> tuple[RecommendedItem, ...]:
    """Draw the ranked recommendations and return them; the first is taken where none is chosen yet."""
    place = st.container()
    seen = choose_listed(opened)
    items = recommended(opened, session().user, seen)
    if items and not session().item:
        choose(item=items[0].item_id)
    ids = [item.item_id for item in items]
    at = [ids.index(session().item)] if session().item in ids else []
    table = items_table(items)
    place.dataframe(
        table,
        hide_index=True,
        column_config={
            "title": st.column_config.TextColumn(tr("Likely next"), width=152),
            "probability": st.column_config.NumberColumn(
                tr("Chance"),
                format="%.1f %%",
                width=58,
                help=tr("Chance that the next event is of this item, if it is one of those that the list may show."),
            ),
            "value": st.column_config.NumberColumn(
                value_name(opened).capitalize() or tr("Value"),
                format="%.1f",
                width=62,
                help=tr("Expected, if it is taken."),
            ),
            "effect": st.column_config.NumberColumn(
                tr("Effect"),
                format="%+.2f",
                width=60,
                help=tr(
                    "Active days over the horizon that go with taking it: an association that the model saw, not a "
                    "promise of cause."
                ),
            ),
            "seen": st.column_config.CheckboxColumn(tr("Seen"), width=48),
        },
        key=f"{ITEMS}_{seen}",
        on_select=partial(_take_item, f"{ITEMS}_{seen}", ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": at}} if at else None,
        alt=tr("Recommended items, likeliest first"),
    )
    return items


def choose_listed(opened: OpenRun) -> str:
    """Draw the switches of what the list includes and return it, as in `recviz.ui.session.Session.seen`.

    At most one is on: what nobody has had, this user has not had either.
    """
    seen = listed(opened)
    switches = {SEEN_TOO: (SEEN, tr("Include items seen before"))}
    if has_newcomers(opened):
        switches[SEEN_BY_NOBODY] = (NEWCOMERS, tr("Only items nobody has had yet"))
    for word, (key, label) in switches.items():
        st.session_state[key] = seen == word
        st.toggle(label, key=key, on_change=_take_listed, args=(key, word))
    return seen


def _take_listed(key: str, word: str) -> None:
    choose(seen=word if st.session_state[key] else "")


def items_table(items: tuple[RecommendedItem, ...]) -> pd.DataFrame:
    """Lay the recommendations out, likeliest first; what the log cannot say has no column."""
    table = pd.DataFrame(
        {
            "title": [item.title or item.item_id for item in items],
            "probability": [100 * item.probability for item in items],
            "value": [item.value for item in items],
            "effect": no_negative_zero(item.effect for item in items),
            "seen": [item.seen for item in items],
        }
    )
    empty = [name for name in ("value", "effect") if table[name].isna().all()]
    return table.drop(columns=empty + ([] if table["seen"].any() else ["seen"]))


def choose_number(opened: OpenRun, asked: ItemNumber) -> None:
    """Draw the choice of which of the item's numbers is explained."""
    numbers = number_options(opened)
    numbers.setdefault(str(asked), tr("Another number"))  # of a link: the explanation says what is wrong
    st.session_state[NUMBER] = str(asked)
    st.selectbox(
        tr("Explain its"),
        list(numbers),
        format_func=numbers.__getitem__,
        key=NUMBER,
        on_change=_take_number,
        help=tr("The effect is an association that the model saw, not a promise of cause."),
    )


def number_options(opened: OpenRun) -> dict[str, str]:
    """Return the numbers that an item has in this run, by their words in the address."""
    predictor = opened.ws.predictor(opened.run, opened.origin)
    options = {str(ItemNumber()): tr("Chance at the next visit")}
    if predictor.split.kind == "time":
        for k in range(1, predictor.config.horizon + 1):
            options[str(ItemNumber(k=k))] = tr("Chance in {period} {k}").format(period=tr(opened.period), k=k)
    if value_name(opened):
        options[str(ItemNumber(what="value"))] = tr("Expected {value}").format(value=value_name(opened))
    if predictor.split.kind == "time":
        options[str(ItemNumber(what="effect"))] = tr("Long-term effect")
    return options


def _take_user() -> None:
    choose(user=st.session_state[USER].strip(), item="")


def _take_asked() -> None:
    choose(of="" if st.session_state[ASKED] == "recommendation" else str(Point()), against="")


def _take_item(key: str, ids: list[str]) -> None:
    state: Any = st.session_state[key]
    if rows := state["selection"]["rows"]:
        item = ids[rows[0]]
        same = read_against(session().against).name == item
        choose(item=item, **({"against": ""} if same else {}))


def _take_number() -> None:
    choose(of=st.session_state[NUMBER])
