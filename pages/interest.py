"""What will this user want, and how much?"""

import streamlit as st

from recviz.language import tr
from recviz.ui.guards import shown_problems
from recviz.ui.interest_beside import choose_baseline
from recviz.ui.interest_cohort import show_cohort
from recviz.ui.interest_data import open_run, user_lists
from recviz.ui.interest_origin import choose_origin
from recviz.ui.interest_topic import show_topic
from recviz.ui.interest_user import show_user
from recviz.ui.interest_users import choose_user
from recviz.ui.interest_view import choose_view

with shown_problems():
    question = tr("What will each user want?")
    opened = open_run(question)
    everybody = user_lists(opened, question)
    user_tab, cohort_tab = choose_view()
    if user_tab.open:
        with user_tab:
            lists, insight = st.columns([3, 8], gap="medium")
            with lists:
                choose_origin(opened, "interest_origin")
                baseline = choose_baseline(opened, "interest_baseline")
                choose_user(everybody)
            with insight, shown_problems():
                show_user(opened, baseline)
                show_topic(opened)
    if cohort_tab.open:
        with cohort_tab:
            show_cohort(opened)
