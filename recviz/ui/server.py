"""Streamlit with its discovery of a folder called ``pages`` turned off before anyone visits, and room for long links.

Streamlit 1.67 gives that folder up only once a session has called ``st.navigation``: where the first visit to a fresh
server was a deep link, it ran the page alone, without ``app.py``. Its web server refuses an address of more than 64 KiB
with a bare "400 Bad Request" before the app is asked; with room for it the app drops what is too long and opens the page.
Run as ``python -m recviz.ui.server run app.py``.
"""

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main
from uvicorn.protocols.http import h11_impl

LONGEST_REQUEST = 2 * 1024 * 1024
"""Bytes of a request's address and headers: browsers' own limit for an address."""

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    h11_impl.DEFAULT_MAX_INCOMPLETE_EVENT_SIZE = LONGEST_REQUEST  # type: ignore[attr-defined]  # Streamlit has no setting for it
    main()
