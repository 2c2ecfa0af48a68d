"""Charts on a page: the one way to show a figure, and what was clicked in it."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recviz.plots.template import Chart

_CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": {"scale": 2}}
HALF = 480
"""Pixels of half a page at 1440; the titles of charts are made for it."""


def charts_beside() -> DeltaGenerator:
    """Return a place whose parts (see `half_page`) stand beside each other, and below where the window is narrow."""
    return st.container(horizontal=True, gap="medium")


def half_page(part: float = 1.0) -> DeltaGenerator:
    """Return the place of one chart, and of what is said of it, among `charts_beside`.

    Args:
        part: Its width, times half a page; those of a row have 2 together.
    """
    return st.container(width=round(part * HALF))


def show_chart(chart: Chart, key: str) -> None:
    """Show a chart at the width of its place; a button on it saves it as a picture."""
    st.plotly_chart(chart.figure, width="stretch", key=key, alt=chart.alt, config=_CONFIG)


def show_picture(chart: Chart, key: str, name: str) -> None:
    """Show a figure as the picture that it is, in its own colours and size; its button saves it under a name."""
    saved = {"format": "png", "scale": 2, "filename": name}
    config = {**_CONFIG, "displayModeBar": True, "toImageButtonOptions": saved}
    st.plotly_chart(chart.figure, width="content", key=key, alt=chart.alt, config=config, theme=None)


def show_clickable(chart: Chart, key: str) -> tuple[int, ...]:
    """Show a chart whose points can be clicked, and return the clicked point's own numbers.

    Points without any (past bars, bands) can be clicked without effect.
    """
    state: Any = st.plotly_chart(
        chart.figure,
        width="stretch",
        key=key,
        alt=chart.alt,
        config=_CONFIG,
        on_select="rerun",
        selection_mode="points",
    )
    return clicked_numbers(state)


def clicked_numbers(state: Any) -> tuple[int, ...]:  # noqa: ANN401 - Streamlit's selection is a loose dictionary
    """Read the custom data of the first selected point that has any: a number or some."""
    for point in state["selection"]["points"]:
        data = point.get("customdata")
        numbers = data if isinstance(data, list) else [data]
        if numbers and all(isinstance(number, int | float) for number in numbers):
            return tuple(int(number) for number in numbers)
    return ()
