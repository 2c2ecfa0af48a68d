"""Compare page: how the runs learnt, how far their chances can be trusted, what their settings are."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from recviz.evaluate.comparison import RunsCompared
from recviz.evaluate.result import Evaluation
from recviz.language import tr, tr_n
from recviz.plots.comparisons import beside_baselines, learning_overlay, reliability_overlay
from recviz.plots.verdicts import CHART_WORDS
from recviz.services.comparisons import SettingDifference, setting_differences
from recviz.ui.charts import charts_beside, half_page, show_chart
from recviz.ui.compare_data import Chosen, learning
from recviz.ui.formats import count, literal
from recviz.ui.setting_words import label, value_words


def show_details(chosen: Chosen, found: RunsCompared) -> None:
    """Draw settings beside learning, then calibration beside the baselines."""
    with charts_beside():
        left, right = half_page(), half_page()
    with left:
        _settings(chosen)
    with right:
        chart = learning_overlay(learning(chosen))
        if chart is None:
            st.caption(tr("None of these runs was validated while it learnt."))
        else:
            show_chart(chart, "compare_learning")
            st.caption(
                tr("Validation losses compare only between runs of one cut, one horizon and one language model.")
            )
    comparable = {
        name: found.evaluations[run]
        for run, name, fits in zip(chosen.runs, chosen.names, found.compares, strict=True)
        if fits and run in found.evaluations
    }
    _charts(comparable)


def settings_table(differences: tuple[SettingDifference, ...], names: tuple[str, ...]) -> pd.DataFrame:
    """Lay the differing settings out in the analyst's words, a column a run."""
    rows = {
        tr("Setting"): [label(one.name) for one in differences],
        **{
            name: [value_words(one.name, one.values[at]) for one in differences]
            for at, name in enumerate(names)
        },
    }  # fmt: skip
    return pd.DataFrame(rows)


def _settings(chosen: Chosen) -> None:
    differences = setting_differences(chosen.ws, chosen.runs)
    if not differences:
        st.markdown(f"**{tr('All settings are the same, the seed too')}**")
        return
    words = tr_n("{n} setting differs", "{n} settings differ", len(differences))
    st.markdown(f"**{words.format(n=count(len(differences)))}**")
    st.table(
        settings_table(differences, chosen.names).map(literal).rename(columns=literal),
        border="horizontal",
        hide_index=True,
        alt=tr("The settings that are not the same in all runs"),
    )


def _charts(comparable: Mapping[str, Evaluation]) -> None:
    drawn = {"reliability": reliability_overlay(comparable)}
    drawn |= {task: beside_baselines(comparable, task) for task in CHART_WORDS}
    with charts_beside():
        for name, chart in drawn.items():
            if chart is not None:
                with half_page():
                    show_chart(chart, f"compare_{name}")
