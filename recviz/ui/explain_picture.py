"""The explanation as one picture, saved as PNG by the browser."""

import re

import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.language import tr
from recviz.plots import explanation_sentences
from recviz.plots import why as words
from recviz.plots.word_cards import word_cards
from recviz.ui.charts import show_picture
from recviz.ui.explain_events import text_level
from recviz.ui.explain_headline import headline, sides_of
from recviz.ui.explain_target import chosen
from recviz.ui.explain_why import chosen_level
from recviz.ui.formats import signed
from recviz.ui.interest_data import OpenRun

LONGEST_NAME = 100


def show_pictured(opened: OpenRun, found: Explanation) -> None:
    """Draw the item's words and the past events that weigh most as one picture."""
    st.markdown(f"**{tr('As a picture')}**")
    st.caption(tr("The camera at its corner saves it as PNG, whatever the page's colours."))
    said, _ = headline(opened, found, chosen())
    foot = tr("{badge}. All past events together: {sum} {unit}, {how_well}.").format(
        badge=explanation_sentences.badge_words(found.trust),
        sum=signed(found.difference),
        unit=tr(found.unit),
        how_well=words.how_well(found.trust),
    )
    level = text_level(chosen_level()) or "word"
    show_picture(
        word_cards(found, said, foot, sides_of(opened, found.target), level), "explain_picture", picture_name(found)
    )


def picture_name(found: Explanation) -> str:
    """Name the picture's file by what is explained and for whom; signs that no file name may hold become dashes."""
    target = found.target
    period = f"-{target.k}" if target.k else ""
    asked = f"why-{target.name or target.what}{period}-for-{found.user_id}"
    return re.sub(r"[^\w.]+", "-", asked).strip("-.")[:LONGEST_NAME]
