"""Any topic that the analyst types: its curve, and the items that the words matched, with weights to edit."""

import pandas as pd
import streamlit as st

from recviz.errors import UnsupportedError
from recviz.forecast.topic_view import TopicView
from recviz.language import tr
from recviz.plots import curves, sentences
from recviz.ui.charts import show_clickable
from recviz.ui.explain_target import Point, ask_why
from recviz.ui.formats import counted, literal
from recviz.ui.guards import show_problems
from recviz.ui.interest_data import OpenRun, topic_view
from recviz.ui.interest_user import mix_words
from recviz.ui.session import choose_from, session

TOPIC = "interest_topic"


def show_topic(opened: OpenRun) -> None:
    """Draw the topic's words, its curve and its items."""
    st.session_state[TOPIC] = session().topic
    st.text_input(
        tr("A topic in your own words"),
        placeholder=tr("for example: christmas decoration"),
        key=TOPIC,
        max_chars=200,
        on_change=choose_from,
        args=(TOPIC, "topic"),
    )
    text = session().topic.strip()
    if not text or not session().user:
        st.caption(tr("Type a topic to see this user's interest in it, and which items the words were taken to mean."))
        return
    try:
        matched = topic_view(opened, session().user, text, {})
    except UnsupportedError as error:  # no item matches: the rest of the page still stands
        show_problems(error.problems)
        return
    finding = st.empty()
    left, right = st.columns([4, 3], gap="small")
    with right:
        changed = edit_weights(matched)
    view = topic_view(opened, session().user, text, changed) if changed else matched
    finding.markdown(f"**{literal(sentences.topic_finding(view, opened.period))}**")
    with left:
        clicked = show_clickable(curves.topic_curve(view, opened.period), "interest_topic_curve")
        if view.mix_name:
            st.caption(mix_words(view.mix_name))
    if clicked:
        ask_why(Point(k=clicked[0], topic=text))


def edit_weights(matched: TopicView) -> dict[str, float]:
    """Show the matched items with their weights in a table, and return the weights that were changed by hand."""
    words = tr("Taken to mean {items}. Weights can be edited: 0 leaves an item out.")
    st.caption(words.format(items=counted(len(matched.items), "item")))
    table = items_table(matched)
    edited = st.data_editor(
        table,
        hide_index=True,
        height=246,
        key=f"interest_weights_{matched.text}",
        disabled=["title", "words"],
        column_order=["title", "weight", "words"],
        column_config={
            "title": st.column_config.TextColumn(tr("Item"), width=150),
            "weight": st.column_config.NumberColumn(
                tr("Weight"), min_value=0.0, max_value=1.0, step=0.05, format="%.2f", width=80
            ),
            "words": st.column_config.TextColumn(tr("In common"), width=84),
        },
        alt=tr("Items that the topic matched, with editable weights"),
    )
    return weight_changes(table, edited)


def items_table(matched: TopicView) -> pd.DataFrame:
    """Lay the matched items out for the editor."""
    return pd.DataFrame(
        {
            "item_id": [item.item_id for item in matched.items],
            "title": [item.title for item in matched.items],
            "weight": [item.weight for item in matched.items],
            "words": [", ".join(item.words) for item in matched.items],
        }
    )


def weight_changes(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float]:
    """Return the weights that differ, item id -> weight; an emptied cell counts as 0."""
    weights = after["weight"].fillna(0.0)
    changed = weights.to_numpy() != before["weight"].to_numpy()
    return {str(item): float(weight) for item, weight in zip(before["item_id"][changed], weights[changed], strict=True)}
