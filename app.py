"""recviz: from a behaviour log to explained interest curves. ``recviz serve`` or ``streamlit run app.py`` starts it."""

import streamlit as st

from recviz.ui import brand, shell

st.set_page_config(page_title="recviz", page_icon=brand.MARK, layout="wide", menu_items=shell.MENU)
st.logo(brand.NAME, size="large")
page = st.navigation(
    [
        st.Page("pages/home.py", title="Home", url_path="home", icon=":material/home:", default=True),
        st.Page("pages/log.py", title="Log", url_path="log", icon=":material/table_rows:"),
        st.Page("pages/fine_tune.py", title="Fine-tune", url_path="fine-tune", icon=":material/tune:"),
        st.Page("pages/runs.py", title="Runs", url_path="runs", icon=":material/timeline:"),
        st.Page("pages/interest.py", title="Interest", url_path="interest", icon=":material/show_chart:"),
        st.Page("pages/explain.py", title="Explain", url_path="explain", icon=":material/help_center:"),
        st.Page("pages/compare.py", title="Compare", url_path="compare", icon=":material/compare_arrows:"),
    ]
)
shell.open_page(page.title)
page.run()
