"""What is asked and answered, as a headline: of a recommendation, a point of a curve, or one against another."""

import math

import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.explain.labels import label_of
from recviz.explain.targets import Target
from recviz.language import tr
from recviz.plots import explanation_sentences
from recviz.plots import why as words
from recviz.services.recommendations import RecommendedItem
from recviz.ui.explain_data import listed, recommended, title_of, value_name
from recviz.ui.explain_target import ItemNumber, Point, period_words
from recviz.ui.formats import literal, shortened
from recviz.ui.ideas import association, attribution, nat, shared, show_caption
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import SEEN_BY_NOBODY, session
from recviz.ui.tokens import SIDES

OF_AN_ITEM = {"probability", "value", "effect"}
LONGEST_TITLE = 120
"""Characters of a title in a headline: the words stand in full below it."""


def show_headline(opened: OpenRun, found: Explanation, asked: Point | ItemNumber) -> None:
    """Draw the question with its answer's numbers."""
    said, detail = headline(opened, found, asked)
    st.subheader(literal(said), anchor=False)
    show_caption(literal(detail), attribution(), shared(), nat(), association())


def headline(opened: OpenRun, found: Explanation, asked: Point | ItemNumber) -> tuple[str, str]:
    """Say what is asked, and the numbers of it."""
    target = found.target
    if target.against is not None:
        first, second = (name_of(opened, one) for one in (target, target.against))
        return words.contrast_headline(found, first, second), words.contrast_detail(found)
    return question(opened, found.user_id, target, asked), _detail(opened, found, asked)


def question(opened: OpenRun, user: str, target: Target, asked: Point | ItemNumber) -> str:
    """Say what is asked of one number, before its answer is known.

    Raises:
        NotFoundError: If the item is unknown.
    """
    if isinstance(asked, Point):
        return explanation_sentences.point_headline(user, asked.words(opened.period))
    title = shortened(title_of(opened, target.name), LONGEST_TITLE)
    if str(asked):
        return words.number_headline(title, user, asked.what, period_words(asked.k, opened.period))
    entry = _entry(opened, target)
    rank, newcomers = None if entry is None else entry.rank, listed(opened) == SEEN_BY_NOBODY
    return explanation_sentences.item_headline(title, user, rank, had_by_nobody=newcomers)


def _detail(opened: OpenRun, found: Explanation, asked: Point | ItemNumber) -> str:
    if isinstance(asked, Point):
        return explanation_sentences.point_detail(found)
    entry = None if str(asked) else _entry(opened, found.target)
    if entry is None:
        return words.number_detail(found)
    return explanation_sentences.item_detail(
        math.exp(found.score),
        entry.probability,
        entry.value,
        entry.effect,
        value_name(opened),
        had_by_nobody=listed(opened) == SEEN_BY_NOBODY,
    )


def _entry(opened: OpenRun, target: Target) -> RecommendedItem | None:
    """Return the item's line in the list at the left, if it is in it."""
    ranked = recommended(opened, session().user, listed(opened))
    return next((one for one in ranked if one.item_id == target.name), None)


def name_of(opened: OpenRun, target: Target) -> str:
    """Name one of two numbers that are compared."""
    if target.what in OF_AN_ITEM:
        return f"\u201c{shortened(title_of(opened, target.name), LONGEST_TITLE)}\u201d"
    point = Point(
        k=target.k,
        category=target.name if target.what == "category" else "",
        topic=target.name if target.what == "topic" else "",
    )
    return point.words(opened.period)


def sides_of(opened: OpenRun, target: Target) -> tuple[str, str]:
    """Say what below and above zero mean: for which of two things, where two are compared."""
    other = target.against
    if other is None:
        return tr(SIDES[0]), tr(SIDES[1])
    if target.what in OF_AN_ITEM:
        side, names = tr("for {name}"), (name_of(opened, other), name_of(opened, target))
        return side.format(name=names[0]), side.format(name=names[1])
    side, times = tr("lifts it {when}"), (period_words(other.k, opened.period), period_words(target.k, opened.period))
    return side.format(when=times[0]), side.format(when=times[1])


def label_words(opened: OpenRun, target: Target) -> str:
    """Say exactly what the explained number is."""
    return label_of(opened.ws.predictor(opened.run, opened.origin), target, tr)
