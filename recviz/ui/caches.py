"""What is kept between clicks, and by which content it is told apart; no other module decides on caching."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import streamlit as st

from recviz.data.dataset import Dataset
from recviz.model.predictor import Predictor
from recviz.services.datasets import Upload
from recviz.services.workspace import Workspace
from recviz.settings import Settings, settings_from_environment

P = ParamSpec("P")
R = TypeVar("R")

BY_CONTENT: dict[str | type[Any], Callable[[Any], Any]] = {
    Workspace: lambda ws: str(ws.settings.workspace.absolute()),
    Dataset: lambda dataset: (str(dataset.folder.absolute()), dataset.manifest.source_sha256),
    Upload: lambda upload: (str(upload.path), upload.n_bytes, _changed(upload.path)),
    Predictor: lambda predictor: (predictor.fingerprint, predictor.origin),
}
"""How an argument is told apart from another of its type."""


def remembered(spinner: str = "", entries: int = 64) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep a function's answers, told apart by the content of its arguments.

    Whatever an answer depends on must be an argument: pass a run's fingerprint, not only its id.

    Args:
        spinner: Words shown while a new answer is worked out; none when it is quick.
        entries: How many answers are kept.
    """
    keep = st.cache_data(hash_funcs=BY_CONTENT, max_entries=entries, show_spinner=spinner or False)
    return cast("Callable[[Callable[P, R]], Callable[P, R]]", keep)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


def workspace() -> Workspace:
    """Return the one workspace of this server, with its open models."""
    return _workspace(settings_from_environment())


@st.cache_resource(show_spinner=False, hash_funcs={Settings: repr})
def _workspace(settings: Settings) -> Workspace:
    return Workspace(settings)
