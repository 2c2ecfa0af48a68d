"""Streamlit with its discovery of a folder called ``pages`` turned off before anyone visits, and room for long links.

Streamlit 1.67 gives that folder up only once a session has called ``st.navigation``: where the first visit to a fresh
server was a deep link, it ran the page alone, without ``app.py``. Its web server refuses an address of more than 64 KiB
with a bare "400 Bad Request" before the app is asked; with room for it the app drops what is too long and opens the page.
What the pages need is loaded before it listens, and what they open with is worked out beside its start.
Run as ``python -m recviz.ui.server run app.py``.
"""

import importlib
import inspect
import os
import pkgutil
import sys
import time
from collections.abc import Iterator

from streamlit import runtime
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main
from uvicorn.protocols.http import h11_impl

from recviz import ui
from recviz.services.ahead import look_ahead
from recviz.services.background import Background, cancel_all
from recviz.ui.caches import workspace

LONGEST_REQUEST = 2 * 1024 * 1024
"""Bytes of a request's address and headers: browsers' own limit for an address."""
LOOK = 0.5
"""Seconds between two looks whether the app listens."""
PATIENCE = 3.0
"""Seconds that work beside the pages has to come to an end when the app is stopped."""


def serve() -> int:
    """Serve the app until it is stopped, and return the exit code."""
    PagesManager.uses_pages_directory = False
    h11_impl.DEFAULT_MAX_INCOMPLETE_EVENT_SIZE = LONGEST_REQUEST  # type: ignore[attr-defined]  # Streamlit has no setting for it
    _load()
    Background(_look_ahead()).start()
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    return 0


def _load() -> None:
    """Load what the first visitor would wait for."""
    for module in pkgutil.iter_modules(ui.__path__, "recviz.ui."):
        importlib.import_module(module.name)
    for name in ("streamlit.emojis", "PIL.Image"):  # which Streamlit loads when a page first has a label or a mark
        importlib.import_module(name)
    inspect.stack()  # Streamlit looks once whether it is being typed: only then Python finds out where all modules are


def _look_ahead() -> Iterator[str]:
    """Begin once the app listens, which comes first."""
    while not runtime.exists():
        time.sleep(LOOK)
        yield ""
    yield from look_ahead(workspace())


if __name__ == "__main__":
    code = serve()
    cancel_all(PATIENCE)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # what is written is whole or not there, and a thread deep in a model would hold the end up
