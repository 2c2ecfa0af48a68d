"""What is explained, as a word of the address: a recommendation, or a point of a curve."""

from dataclasses import dataclass

import streamlit as st

from recviz.errors import NotFoundError
from recviz.ui.formats import plain
from recviz.ui.session import address, choose, session

PAGE = "pages/explain.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of one user's curve, or the whole of it."""

    k: int | None = None
    """Period from 1 on; ``None`` is the whole horizon."""
    category: str = ""
    topic: str = ""

    def __str__(self) -> str:
        where = "all" if self.k is None else str(self.k)
        if self.category:
            return f"category:{where}:{self.category}"
        return f"topic:{where}:{self.topic}" if self.topic else f"activity:{where}"

    def words(self, period: str) -> str:
        """Say what is asked: "interest in Garden in week 3"."""
        name = self.category or self.topic
        what = f"interest in \u201c{plain(name)}\u201d" if name else "activity"
        return f"{what} over the whole horizon" if self.k is None else f"{what} in {period} {self.k}"


def read_point(text: str) -> Point | None:
    """Read what `Point` wrote; empty asks about a recommendation.

    Raises:
        NotFoundError: If the text is none of this.
    """
    if not text:
        return None
    kind, _, rest = text.partition(":")
    where, _, name = rest.partition(":")
    is_named = kind in {"category", "topic"}
    is_period = where == "all" or (where.isascii() and where.isdigit() and len(where) < 6)  # noqa: PLR2004 - no longer
    if not is_period or not (is_named or kind == "activity") or bool(name) != is_named:
        raise NotFoundError.of(
            f"{plain(text)!r} is no point of a curve", "of, in the address", "Click a point on the Interest page"
        )
    k = None if where == "all" else int(where)
    return Point(k=k, category=name if kind == "category" else "", topic=name if kind == "topic" else "")


def chosen_point() -> Point | None:
    """Return the point that the view asks about; nothing where it asks about a recommendation.

    Raises:
        NotFoundError: If the address names none.
    """
    return read_point(session().of)


def ask_why(point: Point) -> None:
    """Go to the Explain page with this point."""
    choose(of=str(point))
    st.switch_page(PAGE, query_params=address())
