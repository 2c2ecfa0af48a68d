"""recviz: from a behaviour log to explained interest curves. ``recviz serve`` or ``streamlit run app.py`` starts it."""

import streamlit as st

from recviz.language import tr
from recviz.ui import brand, session, shell

session.adopt_address()
st.set_page_config(page_title="recviz", page_icon=brand.MARK, layout="wide", menu_items=shell.menu())
st.logo(brand.NAME, size="large")
st.html(brand.FILLS)
page = st.navigation(
    [
        st.Page("pages/home.py", title=tr("Home"), url_path="home", icon=":material/home:", default=True),
        st.Page("pages/log.py", title=tr("Log"), url_path="log", icon=":material/table_rows:"),
        st.Page("pages/fine_tune.py", title=tr("Fine-tune"), url_path="fine-tune", icon=":material/tune:"),
        st.Page("pages/runs.py", title=tr("Runs"), url_path="runs", icon=":material/timeline:"),
        st.Page("pages/interest.py", title=tr("Interest"), url_path="interest", icon=":material/show_chart:"),
        st.Page("pages/explain.py", title=tr("Explain"), url_path="explain", icon=":material/help_center:"),
        st.Page("pages/compare.py", title=tr("Compare"), url_path="compare", icon=":material/compare_arrows:"),
    ]
)
shell.open_page(page.title, page.url_path)
page.run()
