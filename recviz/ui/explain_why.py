"""The answer of the Explain page: in words, in past events with their words, and how far to trust it."""

from typing import Literal, cast

import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.plots import sentences
from recviz.plots.attribution import category_bars
from recviz.services.exports import table_bytes
from recviz.ui.charts import show_chart
from recviz.ui.explain_data import MORE_EVENTS, not_looked_into, recommended, title_of, value_name, why_item, why_point
from recviz.ui.explain_events import events_html, places_for, shown_events, sums_html, sums_of
from recviz.ui.explain_target import Point
from recviz.ui.formats import literal, share
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import choose_from, session
from recviz.ui.tokens import TextLevel, largest, legend, token_strip

LEVELS = {"token": "Token", "word": "Word", "event": "Event", "category": "Category"}
LEVEL = "explain_level"
BADGES: dict[str, tuple[Literal["green", "orange", "red", "gray"], str]] = {
    "faithful": ("green", ":material/verified:"),
    "weak": ("orange", ":material/help:"),
    "no better than random": ("red", ":material/casino:"),
    "too few events to tell": ("gray", ":material/hourglass_empty:"),
}


def show_why(opened: OpenRun, point: Point | None) -> Explanation | None:
    """Draw the answer to what is asked; nothing where there is nothing to recommend.

    Raises:
        NotFoundError: If the user, item or category is unknown.
        UnsupportedError: If the log or the origin cannot answer.
    """
    user, item = session().user, session().item
    more = st.session_state.get(_more_key(), 0)
    if point is None and not item:
        st.info("There is nothing to recommend to this user. Include the items seen before.")
        return None
    if point is None:
        _item_headline(opened, user, item)
        found = why_item(opened, user, item, more)
    else:
        st.subheader(literal(sentences.point_headline(user, point.words(opened.period))), anchor=False)
        found = why_point(opened, user, point, more)
        st.caption(literal(sentences.point_detail(found)))
    if found.candidate:
        _candidate(found)
    _events(found)
    _trust(found)
    return found


def choose_level() -> str:
    """Draw the switch between tokens, words, events and categories, and return the level."""
    st.session_state[LEVEL] = session().level if session().level in LEVELS else "word"
    return cast(
        "str",
        st.segmented_control(
            "Level",
            list(LEVELS),
            format_func=LEVELS.__getitem__,
            required=True,
            key=LEVEL,
            on_change=choose_from,
            args=(LEVEL, "level"),
            label_visibility="collapsed",
        ),
    )


def show_numbers(found: Explanation) -> None:
    """Draw every number of the explanation as a table, to look up and to take away."""
    said = (
        f"{found.scalar}: {found.score:.3f} {found.unit}; without any history {found.empty_score:.3f}. "
        f"{found.sign_rule} Events by {'Shapley values' if found.method == 'shapley' else 'leave-one-out'}, "
        f"words by integrated gradients. {found.trust.sentence}"
    )
    st.caption(literal(said))
    frame = found.to_frame()
    st.download_button(
        "Save as CSV",
        table_bytes(frame, "csv"),
        "explanation.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    st.dataframe(
        frame[["part", "time", "title", "stretch", "attribution", "standard_error"]],
        hide_index=True,
        height=300,
        placeholder="",
        column_config={
            "part": "Part",
            "time": "When",
            "title": "Item",
            "stretch": "Stretch of text",
            "attribution": st.column_config.NumberColumn(f"Moved it by ({found.unit})", format="%+.4f"),
            "standard_error": st.column_config.NumberColumn("Give or take", format="%.4f"),
        },
        alt="Every part of the explanation with its number",
    )


def _item_headline(opened: OpenRun, user: str, item: str) -> None:
    title = title_of(opened, item)
    ranked = recommended(opened, user, seen_too=bool(st.session_state.get("explain_seen")))
    entry = next((one for one in ranked if one.item_id == item), None)
    st.subheader(literal(sentences.item_headline(title, user, entry.rank if entry else None)), anchor=False)
    if entry:
        said = sentences.item_detail(entry.probability, entry.value, entry.effect, value_name(opened))
        st.caption(literal(said))


def _candidate(found: Explanation) -> None:
    text = found.candidate
    if text is None:
        return
    level: TextLevel = "token" if session().level == "token" else "word"
    strip = token_strip(text, level, largest([text], level), found.unit)
    st.html(
        '<div style="font-size:0.82rem;opacity:0.68">its own words</div>'
        f'<div style="font-size:1.15rem;margin-bottom:0.2rem">{strip}</div>{legend(found.unit)}'
    )


def _events(found: Explanation) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{literal(sentences.push(found))}**", width="content")
        level = choose_level()
    if level == "category":
        show_chart(category_bars(found), "explain_categories")
        return
    shown = shown_events(found, level)
    places = places_for(max((abs(event.value) for event in shown), default=0.0))
    st.html(events_html(found, level) + sums_html(sums_of(found, shown), found.unit, sentences.sums_up(found), places))
    waiting = not_looked_into(found)
    if level != "event" and waiting:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(f"Look into {min(MORE_EVENTS, len(waiting))} more", key="explain_more", on_click=_look_further)
            st.caption(f"The words are read of events that make {share(found.covered)} of all effects.")


def _trust(found: Explanation) -> None:
    colour, icon = BADGES[found.trust.badge]
    with st.container(gap="xxsmall"):
        st.badge(sentences.badge_words(found.trust), icon=icon, color=colour)
        st.caption(literal(sentences.trust_words(found)), help=literal(found.trust.sentence))


def _more_key() -> str:
    view = session()
    return "\x1f".join(("explain_more_of", view.run, view.origin, view.user, view.of or view.item))


def _look_further() -> None:
    st.session_state[_more_key()] = st.session_state.get(_more_key(), 0) + 1
