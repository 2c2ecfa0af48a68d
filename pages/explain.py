"""Why this?"""

import streamlit as st

from recviz.ui.explain_choice import choose_question
from recviz.ui.explain_whatif import show_what_if
from recviz.ui.explain_why import show_numbers, show_why
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import open_run

with shown_problems():
    opened = open_run()
    question, answer = st.columns([5, 8], gap="medium")
    with question:
        point = choose_question(opened)
    with answer:
        found = show_why(opened, point)
        if found:
            with st.expander("What if: switch past events off, add one", icon=":material/toggle_off:"):
                show_what_if(opened, found)
            with st.expander("All numbers", icon=":material/table:"):
                show_numbers(found)
