"""Runs page: what a run uses of the machine."""

import streamlit as st

from recviz.jobs.job import Job
from recviz.language import retold, tr
from recviz.plots.usage import usage_charts
from recviz.services import run_files
from recviz.services.workspace import Workspace
from recviz.ui.charts import charts_beside, half_page, show_chart
from recviz.ui.guards import shown_problems


def show_machine(ws: Workspace, job: Job) -> None:
    """Draw processor, memory and, where there is one, the GPU, over the time that the run has worked."""
    with shown_problems():
        samples = run_files.resources(ws, job.id)
    if not len(samples):
        later = tr("Measured every few seconds, once the run is at work.")
        st.caption(tr("Nothing was measured.") if job.has_ended else later)
        return
    charts = usage_charts(samples)
    words = tr("{device}. What this run and all that it started use, over the time that it worked.")
    st.caption(words.format(device=retold(job.device)))
    with charts_beside():
        for name, chart in charts.items():
            with half_page():
                show_chart(chart, f"runs_machine_{name}")
