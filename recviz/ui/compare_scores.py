"""Compare page: the finding in a sentence, and every measure with its differences."""

import pandas as pd
import streamlit as st

from recviz.errors import RecvizError
from recviz.evaluate.comparison import RunsCompared, comparison_table
from recviz.language import retold, tr
from recviz.plots.comparison_words import cell_words, headline, judged_words, measure_name, measure_unit
from recviz.services.exports import table_bytes
from recviz.ui.compare_data import Chosen, forget_work, working_out
from recviz.ui.formats import decimal, literal, share
from recviz.ui.guards import show_problems
from recviz.ui.ideas import interval, show_caption

EVERY = "1s"


def show_scores(chosen: Chosen, found: RunsCompared) -> None:
    """Draw the headline, what does not compare, and the table of measures."""
    st.subheader(literal(headline(found)), anchor=False)
    for at in range(2, len(found.runs)):
        st.markdown(literal(headline(found, at)))
    for sentence in found.obstacles:
        st.caption(f":material/info: {literal(retold(sentence))}")
    if not any(found.compares[1:]):
        return
    table = scores_table(found)
    st.table(table.map(literal).rename(columns=literal), border="horizontal", hide_index=True,
             alt=tr("Measures of the runs side by side, with differences and their intervals"))  # fmt: skip
    left, right = st.columns([6, 1], vertical_alignment="top")
    with left:
        show_caption(judged_words(found), interval())
    with right:
        st.download_button(
            "CSV", lambda: table_bytes(comparison_table(found), "csv"), "comparison.csv", "text/csv", icon=":material/download:",
            type="tertiary", on_click="ignore", key="compare_scores_csv",
        )  # fmt: skip
    if found.is_pending:
        _follow(chosen)


def scores_table(found: RunsCompared) -> pd.DataFrame:
    """Lay the measures out, a row each, in words; the runs in their order, then the best baseline."""
    measure = tr("{measure} ({unit})")
    columns = {tr("Measure"): [measure.format(measure=measure_name(row), unit=measure_unit(row)) for row in found.rows]}
    columns |= {name: [cell_words(row, at) for row in found.rows] for at, name in enumerate(found.names)}
    if any(row.baseline for row in found.rows):
        beside = tr("{number}, {method}")
        columns[tr("Best baseline")] = [
            ""
            if row.baseline_value is None
            else beside.format(number=decimal(row.baseline_value, 3), method=retold(row.baseline))
            for row in found.rows
        ]
    return pd.DataFrame(columns)


def _follow(chosen: Chosen) -> None:
    """Work the missing intervals out beside the page, and draw it again when they are there."""
    work = working_out(chosen)

    def told(drawn_running: bool) -> None:  # noqa: FBT001 - what was drawn last
        is_running = work.is_running
        try:
            latest = work.latest
        except RecvizError as error:  # what needs no work is drawn below all the same
            show_problems(error.problems)
            if drawn_running and not is_running:
                st.rerun()  # to look no longer
            return
        if not is_running:
            forget_work()
            st.rerun()
        done = 0.0 if latest is None else latest.done
        name = chosen.names[0] if latest is None else chosen.by_run[latest.run]
        words = tr("Asking {run} about every user's next items and shares, once: {done}")
        st.progress(done, text=words.format(run=literal(name), done=share(done, 0)))

    running = work.is_running
    st.fragment(told, run_every=EVERY if running else None)(running)
