"""What is seen of one user, to take away: numbers as tables, charts as one page."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from recviz.forecast.curves import QUANTILE_COLUMNS
from recviz.forecast.user_view import Floats, UserView
from recviz.language import tr
from recviz.plots import curves, sentences
from recviz.plots.category_panels import category_panels
from recviz.plots.formats import to_datetime
from recviz.services.chart_files import charts_page
from recviz.services.exports import TableFormat, table_bytes


def show_saving(view: UserView) -> None:
    """Offer the user's numbers and charts as files."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(tr("Take away:"), width="content")
        _table(view, "csv", "CSV", "text/csv")
        _table(view, "parquet", "Parquet", "application/vnd.apache.parquet")
        st.download_button(
            tr("Charts (HTML)"), partial(_page, view), "curves.html", "text/html", icon=":material/download:",
            type="tertiary", on_click="ignore", key="interest_save_html",
        )  # fmt: skip


def curve_table(view: UserView) -> pd.DataFrame:
    """Lay the user's curve and those of the categories out, a row for each of them and period.

    Returns:
        Columns ``user_id, of`` ("activity" in active days, or a category in events), ``period`` (1 to K), ``begins``,
        ``mean``, ``p_active`` and the quantiles (of activity alone), ``really`` and ``baseline``.
    """
    shown = len(view.mean)
    whole = {"p_active": view.p_active, **dict(zip(QUANTILE_COLUMNS, view.bands.T, strict=True))}
    rows = [_rows(view, "activity", view.mean, view.actual, view.baseline).assign(**whole)]
    rows += [_rows(view, one.label, one.mean, one.actual, one.baseline) for one in view.categories]
    table = pd.concat(rows, ignore_index=True)
    begins = [to_datetime(int(edge)) for edge in view.edges[:shown]]
    table.insert(3, "begins", begins * len(rows))
    return table


def _rows(view: UserView, of: str, mean: Floats, actual: Floats | None, baseline: Floats | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": view.user_id,
            "of": of,
            "period": np.arange(1, len(mean) + 1),
            "mean": mean,
            "really": np.nan if actual is None else actual,
            "baseline": np.nan if baseline is None else baseline,
        }
    )


def _table(view: UserView, form: TableFormat, label: str, mime: str) -> None:
    st.download_button(
        label, lambda: table_bytes(curve_table(view), form), f"curves.{form}", mime, icon=":material/download:",
        type="tertiary", on_click="ignore", key=f"interest_save_{form}",
    )  # fmt: skip


def _page(view: UserView) -> bytes:
    panels = [category_panels(view)] if view.categories else []
    return charts_page(sentences.user_headline(view), [curves.user_curve(view), *panels])
