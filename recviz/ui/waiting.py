"""A page's question on the screen at once, while its answer is still being worked out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import streamlit as st

from recviz.language import speaking, spoken
from recviz.ui.session import session

Answer = TypeVar("Answer")
AT_ONCE = 0.15
"""Seconds within which an answer needs no question before it."""
LOOK = 0.1
"""Seconds between two looks whether the visitor has gone elsewhere."""


def awaited(question: str, words: str, work: Callable[[], Answer]) -> Answer:
    """Return what the work gives, or raise what it raises; where it takes a while, draw what is asked and being done.

    The work goes on in a thread of its own, so a visitor who turns to another page meanwhile is answered at once.
    It may not draw.

    Args:
        question: The headline.
        words: What is being worked out.
        work: Gives the answer.
    """
    pool = ThreadPoolExecutor(1)
    answer = pool.submit(_in_language, spoken(), work)
    pool.shutdown(wait=False)
    wait([answer], AT_ONCE)
    if not answer.done():
        place = st.empty()
        with place.container():
            st.subheader(question, anchor=False)
            with st.spinner(words):
                while wait([answer], LOOK).not_done:
                    session()  # here Streamlit ends a script whose visitor has gone
        place.empty()
    return answer.result()


def _in_language(language: str, work: Callable[[], Answer]) -> Answer:
    with speaking(language):
        return work()
