"""Curves and categories before and after a change of what is known."""

import pandas as pd
import plotly.graph_objects as go

from recviz.language import mark, tr
from recviz.plots.attribution import MORE_AND_FEWER, Bar, signed_bars
from recviz.plots.formats import decimal, shortened
from recviz.plots.template import ACCENT, GREY, Chart, figure

MOST = 8
"""Categories that are drawn."""


def before_after(active_days: pd.DataFrame, period: str) -> Chart:
    """Draw expected active days per period before and after.

    Args:
        active_days: ``period`` (1 to K), ``before``, ``after``.
        period: Day, week or month.
    """
    styles = {"before": (tr("as it was"), GREY, "dash"), "after": (tr("then"), ACCENT, "solid")}
    said = tr("{period} {k}: {days} active days {when}")
    drawn = figure("", 220, [
        go.Scatter(
            x=active_days["period"].tolist(), y=active_days[name].tolist(), mode="lines+markers", name=words,
            line={"color": colour, "width": 2.5, "dash": dash}, marker={"size": 5},
            text=[said.format(period=tr(period).capitalize(), k=k, days=decimal(days), when=words)
                  for k, days in zip(active_days["period"], active_days[name], strict=True)],
            hovertemplate="%{text}<extra></extra>",
        )
        for name, (words, colour, dash) in styles.items()
    ], x={"title_text": tr(period), "dtick": max(1, len(active_days) // 7)},
       y={"title_text": tr("active days a {period}").format(period=tr(period)), "rangemode": "tozero", "nticks": 5},
    )  # fmt: skip
    totals = {name: decimal(float(active_days[name].sum())) for name in styles}
    alt = tr("Expected active days over the horizon: {before} as it was, {after} then.").format(**totals)
    return Chart(drawn, alt)


def category_changes(categories: pd.DataFrame, most: int = MOST) -> Chart:
    """Draw how the expected events of each category change, largest change first.

    Args:
        categories: ``category``, ``before``, ``after``: expected events over the horizon.
        most: Categories that are drawn.
    """
    change = categories["after"] - categories["before"]
    order = change.abs().sort_values(ascending=False, kind="stable").index[:most]
    bars = [Bar(shortened(str(categories["category"][at]), 32), float(change[at])) for at in order]
    return signed_bars(bars, tr("By category"), mark("expected events over the horizon"), MORE_AND_FEWER)
