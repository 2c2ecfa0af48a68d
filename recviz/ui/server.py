"""Streamlit with its discovery of a folder called ``pages`` turned off before anyone visits.

Streamlit 1.67 gives that folder up only once a session has called ``st.navigation``: where the first visit to a fresh
server was a deep link, it ran the page alone, without ``app.py``. Run as ``python -m recviz.ui.server run app.py``.
"""

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    main()
