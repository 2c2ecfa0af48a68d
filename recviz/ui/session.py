"""What the visitor looks at, kept across pages and in the address; no other module touches session state for it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recviz.language import CHINESE, ENGLISH, spoken_by

T = TypeVar("T")
Origin = Literal["cut", "now"]
STATE = "recviz"
SEEN_TOO, SEEN_BY_NOBODY = "too", "nobody"
LONGEST = 512
"""Characters of a value in an address; ids and topics are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The view of one browser tab; every field is a word of the address, empty where nothing is chosen."""

    dataset: str = ""
    run: str = ""
    user: str = ""
    """User id, as the log writes it."""
    item: str = ""
    """Item id, as the log writes it."""
    seen: str = ""
    """`SEEN_TOO` where recommendations include what the user had before, `SEEN_BY_NOBODY` where only what nobody had."""
    origin: Origin = "cut"
    topic: str = ""
    of: str = ""
    """What is explained: empty is a recommendation; else the point of a curve, in the Explain page's own words."""
    against: str = ""
    """What it is compared with, in the Explain page's own words; empty where it is explained by itself."""
    method: str = ""
    """How explanations are made, in the Explain page's own words; empty as recommended."""
    level: str = ""
    lang: Literal["", "zh"] = ""
    """The language of the interface: English where empty."""


def session() -> Session:
    """Return the current view; `adopt_address` has made it at the start of the script."""
    return cast("Session", st.session_state.get(STATE, Session()))


def adopt_address() -> Session:
    """Take over what the address says, keep the rest, and write the whole back; called once by ``app.py``."""
    said = {name: value[:LONGEST] for name in _names() if (value := st.query_params.get(name, ""))}
    if said.get("origin") not in {None, "cut", "now"}:
        del said["origin"]
    for name, known_words in (("lang", {"zh"}), ("seen", {SEEN_TOO, SEEN_BY_NOBODY})):
        if name in said and said[name] not in known_words:
            said[name] = ""
    known = session()
    if "run" in said and "dataset" not in said and said["run"] != known.run:
        said["dataset"] = ""  # the run knows its own log
    return _keep(replace(known, **said))  # type: ignore[arg-type]  # origin was checked above


def choose(**changes: str) -> Session:
    """Change the view: what depends on an old choice is dropped with it.

    Another log drops run, user, item and topic; another run keeps the user, as the log is the same.

    Args:
        changes: Fields of `Session` and their new values.
    """
    known = session()
    if changes.get("dataset", known.dataset) != known.dataset:
        changes = {"run": "", "user": "", "item": "", "topic": "", "of": "", "against": "", **changes}
    return _keep(replace(known, **changes))  # type: ignore[arg-type]  # callers give an origin as one


def choose_from(widget: str, name: str, among: Collection[str] = ()) -> None:
    """Take a widget's value over into the view; use it as ``on_change=choose_from, args=(key, "user")``.

    Args:
        widget: Its key.
        name: Field of `Session`.
        among: Where given, another value is passed over: a browser sends the label that it shows, which is none of the
            choices any more when a run's state has changed meanwhile.
    """
    value = st.session_state[widget] or ""
    if not among or not value or value in among:
        choose(**{name: value})


def address(view: Session | None = None, **changes: str) -> dict[str, str]:
    """Return the query parameters of a view, for links: only what differs from an empty one."""
    wanted = replace(view or session(), **changes)  # type: ignore[arg-type]  # callers give an origin as one
    empty = asdict(Session())
    return {name: value for name, value in asdict(wanted).items() if value != empty[name]}


def language() -> str:
    """Return the language that this tab's visitor reads; English outside a tab's script."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    return CHINESE if session().lang == "zh" else ENGLISH


def kept(name: str, empty: T) -> T:
    """Return what a page has kept under a name for this tab, or ``empty``: half-filled forms, not the view."""
    return cast("T", st.session_state.get(f"{STATE}_{name}", empty))


def keep(name: str, value: object) -> None:
    """Keep something under a name for this tab."""
    st.session_state[f"{STATE}_{name}"] = value


def forget(name: str) -> None:
    """Drop what was kept under a name."""
    st.session_state.pop(f"{STATE}_{name}", None)


def _keep(view: Session) -> Session:
    st.session_state[STATE] = view
    wanted = address(view)
    for name in _names():
        if name not in wanted and name in st.query_params:
            del st.query_params[name]
    for name, value in wanted.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    return view


def _names() -> tuple[str, ...]:
    return tuple(spec.name for spec in fields(Session))


spoken_by(language)
