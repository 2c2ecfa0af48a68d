"""Runs page: the log that a run writes: its end, found lines, the whole as a file."""

from functools import partial

import streamlit as st

from recviz.jobs.job import Job
from recviz.language import tr, tr_n
from recviz.services import runs
from recviz.services.workspace import Workspace
from recviz.ui.formats import count, literal

LINES = 5_000
"""Lines from the end that are shown and searched; the download has them all."""
EVERY_LINE = 1_000_000_000
HEIGHT = 420


def show_log(ws: Workspace, job: Job) -> None:
    """Draw the log's end, the newest line in sight."""
    text = runs.log_tail(ws, job.id, LINES)
    if not text:
        st.caption(tr("Nothing written yet."))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.text_input(
            tr("Find in the log"), key="runs_log_words", type="search", live=True, placeholder=tr("Find in the log"),
            label_visibility="collapsed", icon=":material/search:", width=320,
        )  # fmt: skip
        st.download_button(
            tr("Download the whole log"), data=partial(runs.log_tail, ws, job.id, EVERY_LINE), file_name=f"{job.id}.log.txt",
            mime="text/plain", key="runs_log_file", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    lines = found_lines(text, words or "")
    if words:
        said = tr_n("{n} line with “{words}”", "{n} lines with “{words}”", len(lines))
        st.caption(said.format(n=count(len(lines)), words=literal(words)))
    with st.container(height=HEIGHT, border=False, autoscroll=not words):
        st.code("\n".join(lines) or tr("No such line."), language=None, wrap_lines=True)


def found_lines(text: str, words: str) -> list[str]:
    """Return the lines that hold every one of some words, however they are spelt."""
    wanted = words.casefold().split()
    return [line for line in text.splitlines() if all(word in line.casefold() for word in wanted)]
