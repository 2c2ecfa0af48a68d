"""Charts as files: what is seen on a page, as one HTML file that needs no network."""

import html
from collections.abc import Sequence

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from recviz.plots.formats import plain
from recviz.plots.template import Chart

STYLE = (
    ":root{color-scheme:light}body{font:16px/1.6 Inter,'Source Sans 3',system-ui,sans-serif;color:#22262b;"
    "max-width:60em;margin:2em auto;padding:0 1em}"
    "h1{font-family:'Source Serif 4',Georgia,serif;font-size:1.6em;line-height:1.2}figure{margin:1.6em 0}"
)


def chart_html(chart: Chart) -> Markup:
    """Return a figure without the library, which a page holds once; Plotly escapes what closes a script."""
    drawn = chart.figure.to_html(
        full_html=False, include_plotlyjs=False, config={"displayModeBar": False, "responsive": True}
    )
    return Markup(drawn)  # noqa: S704 - JSON in a script, its < and > written as \u003c and \u003e


def plotly_script() -> Markup:
    """Return the library that draws the figures, for the inside of a script element."""
    return Markup(get_plotlyjs())  # noqa: S704 - plotly.js itself


def charts_page(title: str, charts: Sequence[Chart]) -> bytes:
    """Put charts under a headline on one page.

    Args:
        title: A sentence; it may quote a log, and is escaped.
        charts: From the top down.
    """
    said = html.escape(plain(title))
    figures = "".join(
        f'<figure role="img" aria-label="{html.escape(chart.alt)}">{chart_html(chart)}</figure>' for chart in charts
    )
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{said}</title><style>{STYLE}</style>'
        f"<script>{plotly_script()}</script></head><body><h1>{said}</h1>{figures}</body></html>"
    ).encode()
