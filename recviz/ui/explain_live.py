"""Work beside the Explain page: one piece of each kind a tab, stopped when another question takes its place."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from recviz.services.background import Background
from recviz.ui.session import keep, kept

Result = TypeVar("Result")
EVERY = "1s"
AT_ONCE = 0.15
"""Seconds in which work that is kept from before is done, so that nothing need be drawn twice."""


def begun(kind: str, question: object, make: Callable[[], Iterator[Result]]) -> Background[Result]:
    """Return the work on this question; begin it, and stop that on another question of this kind, where it is new.

    Args:
        kind: What sort of work; a tab has one of each.
        question: What tells it apart from other work of the kind.
        make: Makes the results.
    """
    found: Background[Result] | None = known(kind, question)
    if found is None:
        stop(kind)
        found = Background(make()).start()
        found.wait(AT_ONCE)
        keep(_name(kind), (question, found))
    return found


def known(kind: str, question: object) -> Background[Result] | None:
    """Return the work on this question, if it was begun."""
    asked, found = _kept(kind)
    return found if asked == question else None


def stop(kind: str) -> None:
    """Stop work of this kind after the result that is being made; what it found so far stays."""
    _, found = _kept(kind)
    if found is not None:
        found.cancel()


def _kept(kind: str) -> tuple[object, Background[Any] | None]:
    return kept(_name(kind), (None, None))


def _name(kind: str) -> str:
    return f"explain_live_{kind}"
