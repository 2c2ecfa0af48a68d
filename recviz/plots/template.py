"""How every figure looks: one template, the colours and what each of them means, and figures that know their words."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import plotly.graph_objects as go

from recviz.plots.formats import plain
from recviz.plots.titles import HALF_PAGE, LINE, title_lines

INK = "#000037"
"""Text and what really happened. Streamlit's page replaces this very colour by its text colour, light or dark;
elsewhere it is the near-black that it says."""
GREY = "#8a919c"
"""Baselines and what is only context; readable on white and on black."""
RULE = "rgba(138,145,156,0.28)"
"""Grid lines and other thin rules."""
FOR = "#1c7fbf"
"""Above zero: speaks for."""
AGAINST = "#d2691e"
"""Below zero: speaks against."""
ACCENT = FOR
"""The model's curves; the theme's accent, at a strength that stands on white and on black."""
CATEGORIES = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#8c6bb1",
    "#7f6d5f",
)
"""Okabe and Ito's colours, which people with any colour vision tell apart (black and yellow, which one of the two
modes would hide, are replaced); the theme's own list."""
BAND_OPACITY = {95: 0.12, 80: 0.24, 50: 0.40}
TRANSPARENT = "rgba(0,0,0,0)"
TOP = 48
"""Pixels above the plot, where the title stands."""
BARE = 8
"""The same without a title."""
FONT = "Inter, 'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif"

Rgb = tuple[int, int, int]
Settings = Mapping[str, object]
"""A part of a figure in Plotly's own words."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and the sentence that stands for it where it cannot be seen."""

    figure: go.Figure
    alt: str


@cache
def template() -> go.layout.Template:
    """Return the one template: ink text, thin rules, white space, no background of its own."""
    axis = {
        "automargin": True,
        "gridcolor": RULE,
        "linecolor": RULE,
        "separatethousands": True,
        "showline": False,
        "tickcolor": RULE,
        "tickfont": {"color": GREY, "size": 12},
        "ticks": "",
        "title": {"font": {"color": GREY, "size": 12}, "standoff": 10},
        "zeroline": False,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": INK, "size": 13},
            "title": {"font": {"size": 16, "color": INK}, "x": 0, "xanchor": "left", "xref": "container"},
            "paper_bgcolor": TRANSPARENT,
            "plot_bgcolor": TRANSPARENT,
            "colorway": list(CATEGORIES),
            "xaxis": {**axis, "showgrid": False},
            "yaxis": {**axis, "showgrid": True},
            "hoverlabel": {"align": "left", "font": {"size": 13}},
            "hovermode": "closest",
            "legend": {"orientation": "h", "x": 0, "y": -0.18, "font": {"size": 12}, "bgcolor": TRANSPARENT},
            "margin": {"l": 8, "r": 8, "t": TOP, "b": 8},
            "bargap": 0.25,
            "barcornerradius": 2,
        }
    )


def figure(  # noqa: PLR0913 - what charts differ in
    title: str,
    height: int,
    traces: Sequence[go.Scatter | go.Bar | go.Histogram] = (),
    *,
    x: Settings | None = None,
    y: Settings | None = None,
    width: int = HALF_PAGE,
    margin_t: int | None = None,
    **layout: object,
) -> go.Figure:
    """Make a figure of the template, all at once: each later change of one costs as much as half of its making.

    Args:
        title: A sentence that states the finding; plain text, escaped here, and broken into lines.
        height: Pixels, with one line of a title.
        traces: Drawn in this order.
        x: Settings of the horizontal axis.
        y: Settings of the vertical axis.
        width: Letters of a title's line.
        margin_t: Pixels above the plot, with one line of a title.
        layout: All other settings of Plotly's layout.
    """
    lines = title_lines(title, width)
    more = LINE * (len(lines) - 1)
    if margin_t is None:
        margin_t = TOP if title else BARE
    return go.Figure(
        list(traces),
        layout={
            "template": template(),
            "title_text": "<br>".join(map(escaped, lines)),
            "margin_t": margin_t + more,
            "height": height + more,
            "dragmode": False,
            "xaxis": {"fixedrange": True, **(x or {})},
            "yaxis": {"fixedrange": True, **(y or {})},
            **layout,
        },
    )


def upright(x: datetime | float, opacity: float = 1.0, **line: object) -> Settings:
    """Return a line from the bottom to the top of the plot, one of the ``shapes`` of a `figure`."""
    ends = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain"}
    return {"type": "line", **ends, "opacity": opacity, "line": {"color": INK, "width": 1, **line}}


def upright_words(x: datetime | float, text: str, anchor: str = "center", size: int = 11) -> Settings:
    """Return the words above an `upright`, one of the ``annotations`` of a `figure`."""
    place = {"x": x, "xanchor": anchor, "y": 1, "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": text, "showarrow": False, "font": {"size": size, "color": GREY}}


def escaped(text: str) -> str:
    """Make other people's text safe in a figure: Plotly reads a part of HTML, and some signs turn the line."""
    return html.escape(plain(text), quote=False)


def faded(colour: str, opacity: float) -> str:
    """Give a ``#rrggbb`` colour an opacity."""
    red, green, blue = _rgb(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def sign_colour(value: float) -> str:
    """Return the colour of a signed value: blue for, orange against, grey for nought."""
    return GREY if value == 0 else FOR if value > 0 else AGAINST


def tint(value: float, reach: float, most: float = 0.62) -> str:
    """Return a background for a signed value: the further from zero, the stronger; nought is no colour.

    Args:
        value: Signed.
        reach: The largest absolute value of the scale.
        most: Opacity at ``reach``; below 0.7, so that text on it stays readable in both modes.
    """
    strength = min(abs(value) / reach, 1.0) if reach > 0 else 0.0
    return faded(FOR if value >= 0 else AGAINST, round(most * strength, 3))


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
