"""Is my data what I think it is?"""

import streamlit as st

from recviz.language import tr
from recviz.ui.caches import workspace
from recviz.ui.guards import shown_problems
from recviz.ui.log_check import check_rows
from recviz.ui.log_columns import map_columns, rows_line, set_rules, show_preview
from recviz.ui.log_file import choose_files
from recviz.ui.log_profile import show_profile
from recviz.ui.log_view import choose_view

if choose_view() == "profile":
    show_profile()
    st.stop()

st.title(tr("Bring a log: who did what, with which item, when"))
ws = workspace()
files = choose_files(ws)
if files is None:
    st.stop()

with shown_problems():
    guessed, mapping = map_columns(ws, files)
    st.caption(rows_line(guessed))
    rules, sight = st.columns([3, 2], gap="large")
    with rules:
        preview = set_rules(ws, files, mapping)
    with sight:
        show_preview(preview)
    check_rows(ws, files, preview)
