"""What if: past events switched off, edited or added, another day, another title; and what the model says then."""

import pandas as pd
import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.language import tr
from recviz.plots import explanation_sentences
from recviz.plots.whatif import before_after, category_changes
from recviz.services.what_ifs import Supposed, WhatIfResult
from recviz.ui.charts import show_chart
from recviz.ui.explain_data import suppose
from recviz.ui.explain_edit import FORM, OFF, choose_supposed
from recviz.ui.formats import counted, day, literal
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import forget, keep, kept

NOTHING = Supposed()
VISIBLE = 0.005
"""Expected events by which a category must change to be drawn: less reads as nought."""


def show_what_if(opened: OpenRun, found: Explanation) -> None:
    """Draw the form at the left, and recommendations and curves before and after at the right."""
    st.caption(
        tr(
            "Switch a past event off, edit it in the table, add one that never was, look ahead from another day, or call "
            "the item otherwise: everything is worked out again at once."
        )
    )
    form, answer = st.columns(2, gap="medium")
    with form:
        supposed = choose_supposed(opened, found)
    with answer, shown_problems():
        if supposed == NOTHING:
            st.caption(tr("Nothing is otherwise yet."))
            return
        show_result(opened, suppose(opened, found.user_id, supposed), supposed, found)


def show_result(opened: OpenRun, result: WhatIfResult, supposed: Supposed, found: Explanation) -> None:
    """Draw recommendations and curves before and after."""
    explained = found.target.name if found.candidate else ""
    if moved := explanation_sentences.item_moved(result.recommendations, explained):
        st.markdown(f"**{literal(moved)}**")
    st.markdown(f"**{literal(explanation_sentences.what_if_finding(result.total_before, result.total_after))}**")
    st.caption(literal(_told(supposed_words(supposed), result)))
    if len(result.active_days):
        show_chart(before_after(result.active_days, opened.period), "explain_what_if")
    show_ranks(result, explained)
    if len(result.categories) > 1 and (result.categories["after"] - result.categories["before"]).abs().max() > VISIBLE:
        show_chart(category_changes(result.categories), "explain_what_if_categories")
    st.button(tr("Everything as it was"), on_click=_reset, icon=":material/undo:", key="explain_what_if_reset")


def supposed_words(supposed: Supposed) -> str:
    """Say how much is otherwise: "2 events off, 1 event added"."""
    changes = (
        (supposed.off, tr("{events} off")),
        (supposed.edit, tr("{events} edited")),
        (supposed.add, tr("{events} added")),
    )
    said = [change.format(events=counted(len(things), "event")) for things, change in changes if things]
    said += [tr("another day")] if supposed.moved_to else []
    said += [tr("another title")] if supposed.titles else []
    told = tr(", ").join(said)
    return told[:1].upper() + told[1:]


def show_ranks(result: WhatIfResult, item: str = "") -> None:
    """Draw the likeliest items before and after, items seen before included.

    Args:
        result: Before and after.
        item: The explained one, which is marked.
    """
    ranks = result.recommendations
    moved = int((ranks["rank_before"] != ranks["rank_after"]).sum())
    changed = tr("Likeliest at the next visit, all items: {ranks} changed.")
    st.caption(changed.format(ranks=counted(moved, "rank")))
    st.dataframe(
        ranks_table(ranks, item),
        hide_index=True,
        column_config={
            "rank_after": st.column_config.NumberColumn(tr("Rank then"), width=74),
            "title": st.column_config.TextColumn(tr("Item"), width=166),
            "after": st.column_config.NumberColumn(tr("Chance then"), format="%.1f %%", width=84),
            "before": st.column_config.NumberColumn(tr("before"), format="%.1f %%", width=62),
            "rank_before": st.column_config.NumberColumn(tr("Rank before"), width=84),
        },
        key="explain_ranks",
        alt=tr("The likeliest items with and without the change"),
    )


def ranks_table(ranks: pd.DataFrame, item: str = "") -> pd.DataFrame:
    """Lay the ranks out, chances in per cent; the explained item is marked."""
    marked = ranks["title"].where(ranks["title"] != "", ranks["item_id"])
    marked = marked.where(ranks["item_id"] != item, "\u25b8 " + marked)
    table = ranks.assign(title=marked, before=100 * ranks["before"], after=100 * ranks["after"])
    return table[["rank_after", "title", "after", "before", "rank_before"]]


def _told(changes: str, result: WhatIfResult) -> str:
    if result.instant_before == result.instant_after:
        return tr("{changes}.").format(changes=changes)
    return tr("{changes}. Looks ahead from {after} instead of {before}.").format(
        changes=changes, after=day(result.instant_after), before=day(result.instant_before)
    )


def _reset() -> None:
    """Begin with a new form: the browser keeps what was put into the widgets of the old one."""
    forget(OFF)
    keep(FORM, kept(FORM, 0) + 1)
