"""The answer of the Explain page: in words, in past events with their words, and how far to trust it."""

import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.language import mark, tr
from recviz.plots import explanation_sentences
from recviz.plots import why as words
from recviz.plots.attribution import category_bars, time_bars
from recviz.services.background import Background
from recviz.ui.charts import show_chart
from recviz.ui.explain_against import require_cohort
from recviz.ui.explain_data import explained_further, title_of, why
from recviz.ui.explain_events import (
    TEXT_LEVELS,
    Order,
    events_html,
    others_html,
    places_for,
    shown_events,
    sums_html,
    sums_of,
    text_level,
    word_scale,
)
from recviz.ui.explain_headline import label_words, question, show_headline, sides_of
from recviz.ui.explain_how import choose_how, chosen_how
from recviz.ui.explain_live import EVERY
from recviz.ui.explain_target import ItemNumber, chosen, chosen_target
from recviz.ui.explain_trust import show_badge
from recviz.ui.formats import literal, share
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import choose_from, keep, kept, session
from recviz.ui.tokens import MUTED, TextLevel, escaped, largest, legend, share_table, token_strip

LEVELS = {
    "token": mark("Token"),
    "word": mark("Word"),
    "field": mark("Field"),
    "event": mark("Event"),
    "category": mark("Category"),
    "time": mark("Time"),
}
ANSWERED = "explain_answered"
"""The name under which the question is kept that was answered last; another stands on the page before its answer."""
LEVEL = "explain_level"
ORDER = "explain_order"
ORDERS: dict[Order, str] = {"effect": mark("Largest first"), "time": mark("Latest first")}
SUMMED = {"category", "time"}
"""Levels that are drawn as sums, without texts."""
ALL = 0.9995
"""A covered share that reads 100 %."""

Work = Background[Explanation]


def show_why(opened: OpenRun) -> tuple[Explanation, Work] | None:
    """Draw the answer to what is asked; nothing where there is nothing to recommend.

    Returns:
        The explanation as far as it is known, and the work that goes on with it.

    Raises:
        NotFoundError: If the user, item, category or cohort is unknown.
        UnsupportedError: If the log or the origin cannot answer.
    """
    require_cohort(opened)
    asked = chosen()
    if isinstance(asked, ItemNumber) and not session().item:
        st.info(tr("There is nothing to recommend to this user. Include the items seen before."))
        return None
    user, target, how = session().user, chosen_target(), chosen_how()
    headline = st.empty()
    if kept(ANSWERED, empty=None) != (opened, user, target, how) and target.against is None:
        headline.subheader(literal(question(opened, user, target, asked)), anchor=False)
    found = why(opened, user, target, how)
    keep(ANSWERED, (opened, user, target, how))
    work = explained_further(opened, user, target, how)
    with headline.container(gap="xxsmall"):
        show_headline(opened, found, asked)
    _candidates(opened, found)
    show_badge(found)
    choose_view()
    push, order = st.container(horizontal=True, vertical_alignment="center"), None
    with push:
        st.markdown(f"**{literal(explanation_sentences.push(found))}**", width="stretch")
        if len(found.events) > 1 and chosen_level() not in SUMMED:
            order = _choose_order()
    _live(opened, found, work, order or "effect")
    return work.latest or found, work


def chosen_level() -> str:
    """Return the level that the view asks for."""
    return session().level if session().level in LEVELS else "word"


def choose_view() -> None:
    """Draw the switch of levels and the choice of methods."""
    st.session_state[LEVEL] = chosen_level()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.segmented_control(
            tr("Level"),
            list(LEVELS),
            format_func=lambda name: tr(LEVELS[name]),
            required=True,
            key=LEVEL,
            on_change=choose_from,
            args=(LEVEL, "level"),
            label_visibility="collapsed",
        )
        choose_how()


def _choose_order() -> Order:
    picked: Order = st.segmented_control(
        tr("Order of past events"),
        list(ORDERS),
        format_func=lambda name: tr(ORDERS[name]),
        default="effect",
        required=True,
        key=ORDER,
        label_visibility="collapsed",
        persist_state="session",
    )
    return picked


def _candidates(opened: OpenRun, found: Explanation) -> None:
    """Draw the words of the recommended item, and of the one that it is compared with."""
    level: TextLevel = text_level(chosen_level()) or "word"
    reach = largest([found.candidate, found.rival], level)
    other = found.target.against
    texts = ((found.candidate, found.target.name), (found.rival, other.name if other else ""))
    strips = []
    for text, item in texts:
        if text is not None:
            label = tr("The words of {title} in numbers").format(title=title_of(opened, item))
            summary = tr("its own words, in numbers")
            strips.append(
                f'<div style="font-size:1.15rem">{token_strip(text, level, reach, found.unit)}'
                f'<details style="{MUTED};display:inline-block;margin-left:0.9em;vertical-align:middle">'
                f'<summary style="cursor:pointer" aria-label="{escaped(label)}">{escaped(summary)}</summary>'
                f"{share_table(text, level, found.unit)}</details></div>"
            )
    if strips:
        st.html("".join(strips) + legend(found.unit, sides_of(opened, found.target), reach or None))


def _live(opened: OpenRun, first: Explanation, work: Work, order: Order) -> None:
    """Draw the past events; again every second while more words are read."""

    def draw(drawn_running: bool) -> None:  # noqa: FBT001 - what was drawn last
        is_running = work.is_running
        with shown_problems():
            latest = work.latest or first
        _events(opened, latest if latest.covered >= first.covered else first, order, is_running=is_running)
        if drawn_running and not is_running:
            st.rerun()  # the rest of the page shows what was found, and looking again ends

    running = work.is_running
    st.fragment(draw, run_every=EVERY if running else None)(running)


def _events(opened: OpenRun, found: Explanation, order: Order, *, is_running: bool) -> None:
    level = chosen_level()
    if level in SUMMED:
        draw = category_bars if level == "category" else time_bars
        show_chart(draw(found, title=label_words(opened, found.target)), f"explain_{level}_bars")
        return
    shown = shown_events(found, level, order)
    places = places_for(max((abs(event.value) for event in shown), default=0.0))
    sums = sums_html(sums_of(found, shown), found.unit, words.how_well(found.trust), places)
    scale = legend(found.unit, sides_of(opened, found.target), word_scale(found, level) or None)
    st.html(events_html(found, level, order))
    st.html(others_html(found, level, order) + sums + scale)
    if level in TEXT_LEVELS and found.covered < ALL:
        told = (
            tr("Words are read of events that make {part} of all effects; the rest follow.")
            if is_running
            else tr("Words are read of events that make {part} of all effects; earlier ones count together.")
        )
        st.caption(told.format(part=share(found.covered)))
