"""Which point of which curve is explained: activity, a category, or a topic in one's own words."""

import streamlit as st

from recviz.forecast.user_view import UserView
from recviz.language import tr
from recviz.ui.explain_target import Point, period_name
from recviz.ui.formats import counted
from recviz.ui.interest_data import OpenRun, user_view
from recviz.ui.session import address, choose, session

WHAT = "explain_what"
WHEN = "explain_when"
TOPIC = "explain_topic"


def choose_point(opened: OpenRun, point: Point) -> None:
    """Draw the choice of curve and period.

    Raises:
        UnsupportedError: If the log has no curves.
    """
    view = user_view(opened, session().user)
    curves = curve_options(view, point)
    whole = str(Point(category=point.category, topic=point.topic))
    st.session_state[WHAT] = whole
    st.session_state[WHEN] = point.k or 0
    st.session_state[TOPIC] = point.topic or session().topic
    st.selectbox(tr("Curve"), list(curves), format_func=curves.__getitem__, key=WHAT, on_change=_take_point)
    st.text_input(
        tr("or a topic in your own words"),
        key=TOPIC,
        max_chars=200,
        on_change=_take_topic,
        placeholder=tr("for example: tent"),
    )
    every = tr("All {periods}").format(periods=counted(len(view.mean), view.period))
    periods = list(range(len(view.mean) + 1))
    if point.k is not None and point.k not in periods:
        periods.append(point.k)  # of a link: the explanation says what is wrong
    st.selectbox(
        tr("When"),
        periods,
        format_func=lambda k: period_name(k, view.period) if k else every,
        key=WHEN,
        on_change=_take_point,
    )
    st.page_link(
        "pages/interest.py", label=tr("Back to the curve"), query_params=address(), icon=":material/show_chart:"
    )


def curve_options(view: UserView, point: Point) -> dict[str, str]:
    """Return the curves that can be chosen, by their words in the address."""
    curves = {str(Point()): tr("Activity")}
    category = tr("Category: {name}")
    curves |= {str(Point(category=curve.label)): category.format(name=curve.label) for curve in view.categories}
    if topic := point.topic or session().topic:
        curves[str(Point(topic=topic))] = tr("Topic: {topic}").format(topic=topic)
    # an unknown category of a link: the explanation says so
    curves.setdefault(str(Point(category=point.category, topic=point.topic)), point.category)
    return curves


def _take_point() -> None:
    kind, _, name = st.session_state[WHAT].partition(":all")
    name = name.removeprefix(":")
    _choose(category=name if kind == "category" else "", topic=name if kind == "topic" else "")


def _take_topic() -> None:
    topic = st.session_state[TOPIC].strip()
    choose(topic=topic)
    _choose(topic=topic)


def _choose(category: str = "", topic: str = "") -> None:
    choose(of=str(Point(k=st.session_state[WHEN] or None, category=category, topic=topic)))
