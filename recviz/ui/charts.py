"""Charts on a page: the one way to show a figure, and what was clicked in it."""

from typing import Any

import streamlit as st

from recviz.plots.template import Chart

_CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": {"scale": 2}}


def show_chart(chart: Chart, key: str) -> None:
    """Show a chart at the width of its place; a button on it saves it as a picture."""
    st.plotly_chart(chart.figure, width="stretch", key=key, alt=chart.alt, config=_CONFIG)


def show_picture(chart: Chart, key: str, name: str) -> None:
    """Show a figure as the picture that it is, in its own colours and size; its button saves it under a name."""
    saved = {"format": "png", "scale": 2, "filename": name}
    config = {**_CONFIG, "displayModeBar": True, "toImageButtonOptions": saved}
    st.plotly_chart(chart.figure, width="content", key=key, alt=chart.alt, config=config, theme=None)


def show_clickable(chart: Chart, key: str) -> int | None:
    """Show a chart whose points can be clicked, and return the clicked point's own number, if there is one.

    Points without a number (past bars, bands) can be clicked without effect.
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
    return clicked_number(state)


def clicked_number(state: Any) -> int | None:  # noqa: ANN401 - Streamlit's selection is a loose dictionary
    """Read the custom data of the first selected point."""
    for point in state["selection"]["points"]:
        number = point.get("customdata")
        if isinstance(number, list):
            number = number[0] if number else None
        if isinstance(number, int | float):
            return int(number)
    return None
