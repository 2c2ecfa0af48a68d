"""The app on a workspace with a finished run, without a browser."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from recviz.services import background

APP = Path(__file__).resolve().parents[2] / "app.py"


def open_page(page: str, **address: str) -> AppTest:
    """Run the app and go to a page with this address."""
    app = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(f"pages/{page}.py").run()


def words(app: AppTest) -> str:
    """Everything that the page says in running text and HTML."""
    kinds: Any = ("subheader", "markdown", "caption", "text", "info", "html")
    return "\n".join(
        str(element.value if kind != "html" else element.proto.body) for kind in kinds for element in app.get(kind)
    )


def settled(app: AppTest, kind: str = "words") -> AppTest:
    """Wait for what goes on beside the Explain page, and draw the page again: nothing ticks here by itself."""
    app.session_state[f"recviz_explain_live_{kind}"][1].wait(120)
    return app.run()


def address(app: AppTest, name: str) -> str:
    """What the address says under a name; AppTest gives a list or a text."""
    said: Any = app.query_params[name]
    return str(said[0] if isinstance(said, list) else said)


def charts(app: AppTest) -> list[Any]:
    """The page's figures, as protocol messages with their alternative text and specification."""
    return [element.proto for element in app.get("plotly_chart")]


def forget_caches() -> None:
    """Drop what another test's workspace left in this process, and stop what still works on it."""
    background.cancel_all()
    st.cache_data.clear()
    st.cache_resource.clear()
