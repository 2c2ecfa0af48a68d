"""Which run is better, and where do they differ?"""

import streamlit as st

from recviz.ui.caches import workspace
from recviz.ui.compare_choice import choose_runs
from recviz.ui.compare_data import compared
from recviz.ui.compare_details import show_details
from recviz.ui.compare_scores import show_scores
from recviz.ui.compare_users import show_users
from recviz.ui.guards import shown_problems

ws = workspace()
chosen = choose_runs(ws)
with shown_problems():
    found = compared(chosen)
    show_scores(chosen, found)
    show_users(chosen)
    st.space("small")
    show_details(chosen, found)
