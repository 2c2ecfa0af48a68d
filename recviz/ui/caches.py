"""What is kept between clicks, and by which content it is told apart; no other module decides on caching."""

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import streamlit as st

from recviz.data.dataset import Dataset
from recviz.language import spoken, tr
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
    """Keep a function's answers, told apart by the content of its arguments and by the language that is spoken.

    Whatever else an answer depends on must be an argument: pass a run's fingerprint, not only its id.

    Args:
        spinner: Marked words shown while a new answer is worked out; none when it is quick.
        entries: How many answers are kept in each language.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @cache
        def keeper(language: str) -> Callable[P, R]:
            @wraps(function)
            def in_language(*args: P.args, **kwargs: P.kwargs) -> R:
                return function(*args, **kwargs)

            in_language.__qualname__ = f"{function.__qualname__}_{language}"  # by its name Streamlit tells it apart
            words = tr(spinner) if spinner else False
            keep = st.cache_data(hash_funcs=BY_CONTENT, max_entries=entries, show_spinner=words)
            return cast("Callable[P, R]", keep(in_language))

        @wraps(function)
        def kept(*args: P.args, **kwargs: P.kwargs) -> R:
            return keeper(spoken())(*args, **kwargs)

        return kept

    return wrap


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


def workspace() -> Workspace:
    """Return the one workspace of this server, with its open models."""
    return _workspace(settings_from_environment())


@st.cache_resource(show_spinner=False, hash_funcs={Settings: repr})
def _workspace(settings: Settings) -> Workspace:
    return Workspace(settings)
