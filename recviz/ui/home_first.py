"""Home of an empty workspace: one sentence, two ways to begin."""

import streamlit as st

from recviz.language import retold, tr
from recviz.services import runs
from recviz.services.sample import sample_config, store_sample
from recviz.services.workspace import Workspace
from recviz.ui.guards import shown_problems
from recviz.ui.session import address, choose


def show_first_steps(ws: Workspace) -> None:
    """Draw the sentence and the two buttons."""
    st.title(tr("What will each user want in the coming weeks, and why?"))
    st.markdown(
        tr(
            "recviz reads a log of who did what with which item, fine-tunes a language model on it, and shows every user's "
            "interest as curves with bands, each explained down to the word."
        )
    )
    st.space("small")
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.markdown(f"#### :material/storefront: {tr('Try the sample shop')}")
        st.caption(
            tr("A year of an invented shop: 1,500 users, 480 items, causes that are known. Ready in a few minutes.")
        )
        if st.button(tr("Try the sample shop"), type="primary", key="home_sample", icon=":material/play_arrow:"):
            _take_sample(ws)
    with right.container(border=True, height="stretch"):
        st.markdown(f"#### :material/upload_file: {tr('Bring your own log')}")
        st.caption(
            tr("CSV, JSON lines, Parquet or Excel with a user, an item and a time. Nothing leaves this machine.")
        )
        if st.button(tr("Bring your own log"), key="home_bring", icon=":material/arrow_forward:"):
            st.switch_page("pages/log.py", query_params=address())
    _three_questions()


def _take_sample(ws: Workspace) -> None:
    with shown_problems(), st.status(tr("Opening the sample shop")) as status:
        dataset_id = store_sample(
            ws, lambda what, _: status.update(label=tr("Opening the sample shop: {what}").format(what=retold(what)))
        )
        status.update(label=tr("Starting a run in the background"))
        run_id = runs.launch(ws, sample_config(dataset_id), "Demo", key=f"sample-{dataset_id}")
    choose(dataset=dataset_id, run=run_id)
    st.switch_page("pages/runs.py", query_params=address())


def _three_questions() -> None:
    st.space("medium")
    for place, (icon, head, text) in zip(
        st.columns(3, gap="large"),
        (
            (
                "show_chart",
                tr("What will they want?"),
                tr("Active days and interest per category for weeks ahead, with bands that say how sure."),
            ),
            (
                "recommend",
                tr("What to recommend now?"),
                tr("Ranked items with the chance of each, and what taking it does to the weeks after."),
            ),
            (
                "help_center",
                tr("Why?"),
                tr("The past events and the very words that spoke for it and against it, and how far to trust that."),
            ),
        ),
        strict=True,
    ):
        with place:
            st.markdown(f"**:material/{icon}: {head}**")
            st.caption(text)
