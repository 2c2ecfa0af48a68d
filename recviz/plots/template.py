"""How every figure looks: one template, the colours and what each of them means, and figures that know their words."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recviz.plots.formats import plain

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
FONT = "Inter, 'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif"

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and the sentence that stands for it where it cannot be seen."""

    figure: go.Figure
    alt: str


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
            "margin": {"l": 8, "r": 8, "t": 48, "b": 8},
            "bargap": 0.25,
            "barcornerradius": 2,
        }
    )


def figure(title: str, height: int, traces: Sequence[go.Scatter | go.Bar | go.Histogram] = ()) -> go.Figure:
    """Start a figure from the template.

    Args:
        title: A sentence that states the finding; plain text, escaped here.
        height: Pixels.
        traces: Drawn in this order.
    """
    drawn = go.Figure(list(traces))
    drawn.update_layout(template=template(), title_text=escaped(title), height=height, dragmode=False)
    if not title:
        drawn.update_layout(margin_t=8)
    drawn.update_xaxes(fixedrange=True)
    drawn.update_yaxes(fixedrange=True)
    return drawn


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
