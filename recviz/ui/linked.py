"""Choices of one page that are words of its address: stable keys, where a bound widget would write its labels."""

from collections.abc import Sequence
from typing import Any, TypeVar

import streamlit as st

from recviz.ui.session import keep, kept

T = TypeVar("T", bound="str | None")


def linked(word: str, options: Sequence[T], usual: T) -> T:
    """Return the choice: what the address says, else what was chosen in this tab, else the usual one.

    What is none of the options, as in a link to a segment that this log has not, is passed over and leaves the address.

    Args:
        word: Of the address.
        options: What can be chosen.
        usual: Stands in the address as nothing.
    """
    for said in (st.query_params.get(word), kept(word, usual)):
        if said in options:
            return remember(word, said, usual)  # type: ignore[return-value]  # it is one of the options
    return remember(word, usual, usual)


def remember(word: str, value: T, usual: T) -> T:
    """Keep a choice for this tab and in the address, and return it."""
    keep(word, value)
    if value is None or value == usual:
        st.query_params.pop(word, None)
    elif st.query_params.get(word) != value:
        st.query_params[word] = value
    return value


def take(word: str, widget: str, usual: str | None) -> None:
    """Take a widget's value over; use it as ``on_change=take, args=(word, key, usual)``."""
    value: Any = st.session_state[widget]
    remember(word, value, usual)
