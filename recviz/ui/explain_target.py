"""What is explained, as words of the address: an item's number or a point of a curve, and what it is compared with."""

from dataclasses import dataclass, replace
from typing import Literal, cast

import streamlit as st

from recviz.errors import NotFoundError
from recviz.explain.targets import Target
from recviz.language import tr
from recviz.ui.formats import plain
from recviz.ui.session import address, choose, session

PAGE = "pages/explain.py"
ItemWhat = Literal["probability", "value", "effect"]
AgainstKind = Literal["", "item", "period", "cohort"]
MOST_DIGITS = 5
"""Of a period in an address: no curve is longer."""


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
        when = period_words(self.k, period)
        if name := self.category or self.topic:
            return tr("interest in \u201c{name}\u201d {when}").format(name=plain(name), when=when)
        return tr("activity {when}").format(when=when)

    def target(self) -> Target:
        """Return the number that is explained."""
        if self.category:
            return Target(what="category", name=self.category, k=self.k)
        return Target(what="topic", name=self.topic, k=self.k) if self.topic else Target(what="activity", k=self.k)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNumber:
    """One of the numbers of the chosen item."""

    what: ItemWhat = "probability"
    k: int = 0
    """Probability: 0 is the next visit, else a period. The others have none."""

    def __str__(self) -> str:
        if self.what != "probability":
            return self.what
        return f"probability:{self.k}" if self.k else ""

    def target(self, item: str) -> Target:
        """Return the number that is explained."""
        return Target(what=self.what, name=item, k=self.k if self.what == "probability" else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a number is compared with: another item, another period, a cohort, or nothing."""

    kind: AgainstKind = ""
    name: str = ""
    """The item's id, the period or "all", or the cohort's key."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.kind else ""

    @property
    def k(self) -> int | None:
        """The period; ``None`` is the whole horizon."""
        return None if self.name == "all" else int(self.name)


NOTHING = Against()
UNUSUAL = ("of", "against", "method")
"""Words of the address that make an explanation another than the usual one."""


def offer_way_out() -> None:
    """Draw the ways back to what can be answered, where the address asks what cannot be."""
    with st.container(horizontal=True):
        if any(getattr(session(), name) for name in UNUSUAL):
            st.button(
                tr("Ask the usual question instead"), key="explain_usual", icon=":material/undo:", on_click=_choose_anew,
                args=UNUSUAL,
            )  # fmt: skip
        if session().user:
            st.button(
                tr("Take another user"), key="explain_another", icon=":material/person:", on_click=_choose_anew,
                args=("user", "item"),
            )  # fmt: skip


def _choose_anew(*names: str) -> None:
    choose(**dict.fromkeys(names, ""))


def read_point(text: str) -> Point | None:
    """Read what `Point` wrote; empty asks about a recommendation.

    Raises:
        NotFoundError: If the text is none of this.
    """
    asked = read_asked(text)
    return asked if isinstance(asked, Point) else None


def read_asked(text: str) -> Point | ItemNumber:
    """Read what `Point` or `ItemNumber` wrote.

    Raises:
        NotFoundError: If the text is none of this.
    """
    kind, _, rest = text.partition(":")
    where, _, name = rest.partition(":")
    if kind in {"value", "effect", ""} and not rest:
        return ItemNumber(what=cast("ItemWhat", kind or "probability"))
    if kind == "probability" and not name and _is_period(where):
        return ItemNumber(k=int(where))
    is_named = kind in {"category", "topic"}
    is_period = where == "all" or _is_period(where)
    if not is_period or not (is_named or kind == "activity") or bool(name) != is_named:
        raise NotFoundError.of(
            tr("{text!r} is no point of a curve").format(text=plain(text)),
            tr("of, in the address"),
            tr("Click a point on the Interest page"),
        )
    k = None if where == "all" else int(where)
    return Point(k=k, category=name if kind == "category" else "", topic=name if kind == "topic" else "")


def read_against(text: str) -> Against:
    """Read what `Against` wrote.

    Raises:
        NotFoundError: If the text is none of this.
    """
    if not text:
        return NOTHING
    kind, _, name = text.partition(":")
    if kind not in {"item", "period", "cohort"} or not name:
        raise _no_contrast(text)
    if kind == "period" and name != "all" and not _is_period(name):
        raise _no_contrast(text)
    return Against(kind=cast("AgainstKind", kind), name=name)


def chosen() -> Point | ItemNumber:
    """Return what the view asks about.

    Raises:
        NotFoundError: If the address names nothing of the kind.
    """
    return read_asked(session().of)


def chosen_against() -> Against:
    """Return what the view compares with; what does not go with the question (a week with an item) is nothing.

    Raises:
        NotFoundError: If the address names nothing of the kind.
    """
    against = read_against(session().against)
    fits = {"item": ItemNumber, "period": Point}.get(against.kind)
    return against if fits is None or isinstance(chosen(), fits) else NOTHING


def chosen_target() -> Target:
    """Return the number that the view asks about, against what it is compared with (but for cohorts).

    Raises:
        NotFoundError: If the address names nothing of the kind.
    """
    asked, against = chosen(), chosen_against()
    target = asked.target() if isinstance(asked, Point) else asked.target(session().item)
    if against.kind == "item":
        return replace(target, against=replace(target, name=against.name))
    if against.kind == "period":
        return replace(target, against=replace(target, k=against.k))
    return target


def period_words(k: int | None, period: str) -> str:
    """Say when: "in week 3", "over the whole horizon"."""
    return tr("over the whole horizon") if k is None else tr("in {period} {k}").format(period=tr(period), k=k)


def period_name(k: int, period: str) -> str:
    """Name a period: "Week 3"."""
    return tr("{period} {k}").format(period=tr(period).capitalize(), k=k)


def ask_why(point: Point) -> None:
    """Go to the Explain page with this point."""
    choose(of=str(point), against="")
    st.switch_page(PAGE, query_params=address())


def _is_period(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def _no_contrast(text: str) -> NotFoundError:
    return NotFoundError.of(
        tr("{text!r} is nothing to compare with").format(text=plain(text)),
        tr("against, in the address"),
        tr("Choose what to compare with again"),
    )
