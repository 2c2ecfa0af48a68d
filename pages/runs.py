"""Is it going well?"""

import streamlit as st

from recviz.ui.caches import workspace
from recviz.ui.guards import require_run
from recviz.ui.runs_detail import is_live, show_live
from recviz.ui.runs_evaluation import show_evaluation
from recviz.ui.runs_page import ask_deletion, chosen_job, log_names, require_runs

ws = workspace()
require_runs(ws)
st.title("Runs")
show_live(log_names(ws), live=is_live(ws))
require_run()
show_evaluation(ws, chosen_job(ws))
ask_deletion(ws)
