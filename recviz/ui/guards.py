"""Expected errors become advice on the page; what a page needs is either there, or the way to it is shown."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from recviz.data.dataset import Dataset
from recviz.errors import NotFoundError, Problem, RecvizError
from recviz.language import retold, tr
from recviz.services.workspace import Workspace
from recviz.ui.caches import workspace
from recviz.ui.formats import literal
from recviz.ui.session import session


@contextmanager
def shown_problems(way_out: Callable[[], None] | None = None) -> Iterator[None]:
    """Turn an expected error into advice on the page and end the page there; all other errors crash.

    Args:
        way_out: Draws what leads out of the error, where the page's own choices may not be drawn any more.
    """
    try:
        yield
    except RecvizError as error:
        show_problems(error.problems)
        if way_out is not None:
            way_out()
        st.stop()


def show_problems(problems: Sequence[Problem]) -> None:
    """Draw each problem: what is wrong, where, how to mend it. The texts may quote a log, so they are never markup."""
    for problem in problems:
        with st.container(border=True):
            st.badge(tr("Something to put right"), icon=":material/info:", color="orange")
            st.text(retold(problem.what))
            st.caption(tr("Where: {place}").format(place=literal(retold(problem.where))))
            st.markdown(f":material/arrow_forward: {literal(retold(problem.mend))}")


def require_dataset() -> tuple[Workspace, Dataset]:
    """Return the workspace and the chosen log, or explain where to get one, and stop."""
    ws = workspace()
    if not session().dataset:
        empty_state(
            tr("No log is chosen yet."),
            tr("A log tells who did what with which item, and when."),
            tr("Bring a log"),
            "pages/log.py",
        )
    with _unknown(tr("Pick a log that is here"), "pages/log.py"):
        return ws, ws.dataset(session().dataset)


def require_run() -> tuple[Workspace, str]:
    """Return the workspace and the id of the chosen run, which exists, or explain where to get one, and stop.

    The run may still be queued, running or failed: opening its model says so with a `RunFailedError`.
    """
    ws = workspace()
    if not session().run:
        empty_state(
            tr("No run is chosen yet."),
            tr("A run is a model that was fine-tuned on a log. The presets take minutes."),
            tr("Fine-tune a model"),
            "pages/fine_tune.py",
        )
    with _unknown(tr("Pick a run that is here"), "pages/runs.py"):
        ws.run_folder(session().run)
    return ws, session().run


def empty_state(headline: str, sentence: str, button: str, page: str) -> None:
    """Say what is missing and show the one step that mends it, then end the page."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"#### {headline}", text_alignment="center")
        st.caption(sentence, text_alignment="center")
        st.page_link(page, label=f"**{button}**", icon=":material/arrow_forward:")
        st.space("small")
    st.stop()


@contextmanager
def _unknown(way_out: str, page: str) -> Iterator[None]:
    try:
        yield
    except NotFoundError as error:
        show_problems(error.problems)
        st.page_link(page, label=f"**{way_out}**", icon=":material/arrow_forward:")
        st.stop()
