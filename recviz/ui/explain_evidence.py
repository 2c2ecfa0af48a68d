"""Evidence beside attribution: users who were in a like state and what they did next, and the item's nearest items."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.explain.evidence import Evidence, NearItem
from recviz.explain.explanation import Explanation
from recviz.language import retold, tr, tr_p
from recviz.plots import why as words
from recviz.ui.explain_data import evidence, ranked_by_baseline, title_of
from recviz.ui.formats import count, day, literal, shortened
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import session

OF_AN_ITEM = {"probability", "value", "effect"}


def show_evidence(opened: OpenRun, found: Explanation) -> None:
    """Draw similar users with what they did next, and near items; nothing here comes from the attribution."""
    item = session().item if found.target.what in OF_AN_ITEM else ""
    shown = evidence(opened, found.user_id, item)
    title = title_of(opened, item) if item else ""
    st.markdown(f"**{literal(words.evidence_words(shown, title))}**")
    st.caption(
        tr(
            "Similar users are those whose state was nearest one horizon before the origin, so that what they did next "
            "is known. Nothing here was computed from the explanation above."
        )
    )
    table = similar_table(shown, with_item=bool(item))
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "user": st.column_config.TextColumn(tr("User"), width=90),
            "alike": st.column_config.NumberColumn(
                tr("Alike"), format="%.2f", width=64, help=tr("Cosine of the two states.")
            ),
            "seen": st.column_config.TextColumn(tr("State of"), width=92),
            "n": st.column_config.NumberColumn(tr("Events after"), width=92),
            "next": st.column_config.TextColumn(tr("What they did next"), width=460),
            "took": st.column_config.CheckboxColumn(tr("Took it"), width=68),
        },
        alt=tr("Users in a similar state and what they did next"),
    )
    if item:
        st.caption(literal(beside_words(opened, found.user_id, item)))
        text, identity = st.columns(2, gap="medium")
        with text:
            _near(
                tr("Nearest by their words"),
                tr("As the language model read them before it was tuned."),
                shown.near_in_text,
            )
        with identity:
            _near(
                tr("Nearest by who takes them"),
                tr("By what the run learnt of each item beyond its words."),
                shown.near_in_identity,
            )


def beside_words(opened: OpenRun, user: str, item: str) -> str:
    """Say where the run's best ranking baseline puts the item, and what it puts first; empty where none was judged."""
    new = ranked_by_baseline(opened, user, seen_too=False)
    beside = new if new is None or item in new.rank else ranked_by_baseline(opened, user, seen_too=True)
    if beside is None or item not in beside.rank:
        return ""
    said = (
        tr(
            "Among new items, the best ranking baseline ({name}) puts it at place {rank}, and \u201c{first}\u201d first."
        )
        if beside is new
        else tr(
            "Among all items, the best ranking baseline ({name}) puts it at place {rank}, and \u201c{first}\u201d first."
        )
    )
    return said.format(name=retold(beside.name), rank=count(beside.rank[item]), first=title_of(opened, beside.first))


def similar_table(found: Evidence, *, with_item: bool) -> pd.DataFrame:
    """Lay similar users out, most alike first."""
    table = pd.DataFrame(
        {
            "user": [one.user_id for one in found.similar],
            "alike": [one.similarity for one in found.similar],
            "seen": [_moment(one.seen_at) for one in found.similar],
            "n": [one.n_next for one in found.similar],
            "next": [
                tr("; ").join(shortened(event.title or event.item_id, 40) for event in one.next)
                or tr_p("done", "nothing")
                for one in found.similar
            ],
            "took": [one.took_item for one in found.similar],
        }
    )
    return table if with_item else table.drop(columns="took")


def _near(heading: str, how: str, items: Sequence[NearItem]) -> None:
    st.markdown(f"**{heading}**")
    st.caption(how)
    if not items:
        st.caption(tr("This item has too few events for that."))
        return
    st.dataframe(
        pd.DataFrame(
            {
                "title": [one.title or one.item_id for one in items],
                "alike": [one.similarity for one in items],
                "had": [one.had for one in items],
            }
        ),
        hide_index=True,
        column_config={
            "title": st.column_config.TextColumn(tr("Item"), width=250),
            "alike": st.column_config.NumberColumn(tr("Alike"), format="%.2f", width=64),
            "had": st.column_config.CheckboxColumn(tr("Had it"), width=64, help=tr("Whether this user had it before.")),
        },
        alt=heading,
    )


def _moment(written: str) -> str:
    return day(written) if "T" in written else tr("place {place}").format(place=written)
