"""The left of the Explain page: whose, from when, and which recommendation or point of a curve is explained."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from recviz.services.recommendations import RecommendedItem
from recviz.ui.explain_data import recommended, someone, value_name
from recviz.ui.explain_target import Point, chosen_point
from recviz.ui.formats import counted
from recviz.ui.interest_data import OpenRun, user_view
from recviz.ui.interest_users import choose_origin
from recviz.ui.session import address, choose, session

USER = "explain_user"
ASKED = "explain_asked"
WHAT = "explain_what"
WHEN = "explain_when"
ITEMS = "explain_items"


def choose_question(opened: OpenRun) -> Point | None:
    """Draw the choices, and return the point that is asked about; nothing for a recommendation.

    Raises:
        NotFoundError: If the user is unknown, or the address names no point.
        UnsupportedError: If a point is asked of a log without curves.
    """
    if not session().user:
        choose(user=someone(opened))
    st.session_state[USER] = session().user
    st.text_input("User", key=USER, on_change=_take_user, help="Any user id of the log.")
    choose_origin("explain_origin")
    point = chosen_point()
    st.session_state[ASKED] = "recommendation" if point is None else "curve"
    st.segmented_control(
        "Explain",
        ["recommendation", "curve"],
        format_func={"recommendation": "A recommendation", "curve": "A curve"}.__getitem__,
        required=True,
        key=ASKED,
        on_change=_take_asked,
        width="stretch",
    )
    if point is None:
        choose_item(opened)
    else:
        choose_point(opened, point)
    return point


def choose_item(opened: OpenRun) -> None:
    """Draw the ranked recommendations; the first is taken where none is chosen yet."""
    seen_too = st.toggle("Include items seen before", key="explain_seen", persist_state="session")
    items = recommended(opened, session().user, seen_too=seen_too)
    if items and not session().item:
        choose(item=items[0].item_id)
    ids = [item.item_id for item in items]
    at = [ids.index(session().item)] if session().item in ids else []
    table = items_table(items)
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "title": st.column_config.TextColumn("Likely next", width=150),
            "probability": st.column_config.NumberColumn(
                "Chance", format="%.1f %%", width=60, help="Chance that the next event is of this item."
            ),
            "value": st.column_config.NumberColumn(
                value_name(opened).capitalize() or "Value", format="%.1f", width=72, help="Expected, if it is taken."
            ),
            "effect": st.column_config.NumberColumn(
                "Effect",
                format="%+.2f",
                width=60,
                help="Active days over the horizon that go with taking it: an association that the model saw, "
                "not a promise of cause.",
            ),
            "seen": st.column_config.CheckboxColumn("Seen", width=48),
        },
        key=f"{ITEMS}_{seen_too}",
        on_select=partial(_take_item, f"{ITEMS}_{seen_too}", ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": at}} if at else None,
        alt="Recommended items, likeliest first",
    )
    if "effect" in table:
        st.caption("Effect: active days over the horizon that go with taking the item. An association, not a cause.")


def items_table(items: tuple[RecommendedItem, ...]) -> pd.DataFrame:
    """Lay the recommendations out, likeliest first; what the log cannot say has no column."""
    table = pd.DataFrame(
        {
            "title": [item.title or item.item_id for item in items],
            "probability": [100 * item.probability for item in items],
            "value": [item.value for item in items],
            "effect": [item.effect for item in items],
            "seen": [item.seen for item in items],
        }
    )
    empty = [name for name in ("value", "effect") if table[name].isna().all()]
    return table.drop(columns=empty + ([] if table["seen"].any() else ["seen"]))


def choose_point(opened: OpenRun, point: Point) -> None:
    """Draw the choice of curve and period."""
    view = user_view(opened, session().user)
    curves = {str(Point(category=curve.label)): f"Category: {curve.label}" for curve in view.categories}
    curves = {str(Point()): "Activity", **curves}
    topic = point.topic or session().topic
    if topic:
        curves[str(Point(topic=topic))] = f"Topic: {topic}"
    whole = str(Point(category=point.category, topic=point.topic))
    curves.setdefault(whole, point.category)  # an unknown category of a link: the explanation says so
    st.session_state[WHAT] = whole
    st.session_state[WHEN] = point.k or 0
    st.selectbox("Curve", list(curves), format_func=curves.__getitem__, key=WHAT, on_change=_take_point)
    periods = list(range(len(view.mean) + 1))
    if point.k is not None and point.k not in periods:
        periods.append(point.k)  # likewise
    st.selectbox(
        "When",
        periods,
        format_func=lambda k: f"{view.period.capitalize()} {k}" if k else f"All {counted(len(view.mean), view.period)}",
        key=WHEN,
        on_change=_take_point,
    )
    st.page_link("pages/interest.py", label="Back to the curve", query_params=address(), icon=":material/show_chart:")


def _take_user() -> None:
    choose(user=st.session_state[USER].strip(), item="")


def _take_asked() -> None:
    choose(of="" if st.session_state[ASKED] == "recommendation" else str(Point()))


def _take_item(key: str, ids: list[str]) -> None:
    state: Any = st.session_state[key]
    if rows := state["selection"]["rows"]:
        choose(item=ids[rows[0]])


def _take_point() -> None:
    kind, _, name = st.session_state[WHAT].partition(":all")
    name = name.removeprefix(":")
    choose(
        of=str(
            Point(
                k=st.session_state[WHEN] or None,
                category=name if kind == "category" else "",
                topic=name if kind == "topic" else "",
            )
        )
    )
