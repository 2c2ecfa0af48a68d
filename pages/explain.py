"""Why this?"""

import streamlit as st

from recviz.language import tr
from recviz.ui.explain_choice import choose_question
from recviz.ui.explain_more import show_more
from recviz.ui.explain_target import offer_way_out
from recviz.ui.explain_why import show_why
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import open_run

with shown_problems(offer_way_out):
    opened = open_run(tr("Why this?"))
    question, answer = st.columns([5, 8], gap="medium")
    with question:
        choose_question(opened)
    with answer, shown_problems(offer_way_out):
        found = show_why(opened)
    if found:
        show_more(opened, *found)
