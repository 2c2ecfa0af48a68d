"""One user on the Interest page: the answer in words, the curve, and one small curve for each category."""

import streamlit as st

from recviz.forecast.user_view import UserView
from recviz.language import retold, tr
from recviz.plots import curves, sentences
from recviz.plots.category_panels import category_panels
from recviz.ui.charts import show_clickable
from recviz.ui.explain_target import Point, ask_why
from recviz.ui.formats import counted, literal, moment
from recviz.ui.ideas import band, interest_curve, show_caption
from recviz.ui.interest_data import OpenRun, user_view
from recviz.ui.interest_saving import show_saving
from recviz.ui.session import session

CATEGORIES_SHOWN = 6


def show_user(opened: OpenRun, baseline: str) -> UserView | None:
    """Draw the chosen user's page beside a baseline and return what it shows; nothing where nobody can be chosen."""
    if not session().user:
        st.info(tr("No user has a history before this origin."))
        return None
    view = user_view(opened, session().user, baseline)
    st.subheader(literal(sentences.user_headline(view)), anchor=False, help=_exactly(view))
    show_caption(literal(sentences.user_detail(view)), interest_curve(), band())
    if clicked := show_clickable(curves.user_curve(view), "interest_curve"):
        ask_why(Point(k=clicked[0]))
    show_categories(view)
    show_saving(view)
    return view


def show_categories(view: UserView) -> None:
    """Draw the categories, largest change first, all on one scale."""
    if not view.categories:
        return
    heading, more = st.columns([5, 2], vertical_alignment="bottom")
    heading.markdown(f"**{literal(sentences.categories_finding(view))}**")
    everything = len(view.categories) <= CATEGORIES_SHOWN or more.toggle(
        tr("All {n}").format(n=len(view.categories)), key="interest_all_categories"
    )
    if view.category_source == "clusters":
        st.caption(
            tr("This log has no categories: these are groups of items with alike texts, named by typical words.")
        )
    if view.mix_name:
        st.caption(mix_words(view.mix_name))
    panels = category_panels(view, None if everything else CATEGORIES_SHOWN)
    if clicked := show_clickable(panels, "interest_categories"):
        k, place = clicked
        ask_why(Point(k=k, category=view.categories[place].label))


def mix_words(name: str) -> str:
    """Say what the dashes beside a category or a topic are."""
    return tr(
        "Dashes: the same expected total, divided as the best baseline of shares would divide it ({name})."
    ).format(name=literal(retold(name)))


def _exactly(view: UserView) -> str:
    """Say what lies behind the headline, for those who ask."""
    said = [tr("Looking ahead from {moment}.").format(moment=moment(view.instant))]
    if view.first_seen is not None and view.last_seen is not None:
        words = tr("{events} before it, from {first} to {last}.")
        first, last = moment(view.first_seen), moment(view.last_seen)
        said.append(words.format(events=counted(view.events, "event"), first=first, last=last))
    said.append(tr("An active day is a day with at least one event that counts as interest."))
    return " ".join(said)
