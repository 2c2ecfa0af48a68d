"""What is explained, in words: kept in English with an explanation, said in the reader's language where it is shown."""

from collections.abc import Callable

from recviz.explain.targets import Target
from recviz.language import mark
from recviz.model.predictor import Predictor

Say = Callable[[str], str]
"""Gives a template in a language; `str` leaves it in English."""

UNITS = (mark("nats"), mark("active days"), mark("the log's own unit"))
"""All units of explained numbers."""
VALUES = (mark("quantity"), mark("rating"), mark("amount"), mark("price"))
"""What logs often call their values; another name is the log's own word."""
PERIODS = (mark("day"), mark("week"), mark("month"))


def label_of(predictor: Predictor, target: Target, say: Say = str) -> str:
    """Say what the number is.

    Args:
        predictor: The model at its origin.
        target: The number.
        say: The language; without it English, as explanations are kept.

    Raises:
        NotFoundError: If the log has no such item.
    """
    first = _number(predictor, target, say)
    if target.against is None:
        return first
    second = label_of(predictor, target.against, say)
    return say(mark("{first}, against: {second}")).format(first=first, second=second)


def sign_rule_of(target: Target, unit: str, say: Say = str) -> str:
    """Say what the signs mean."""
    rule = (
        mark("Above zero raised it, below zero lowered it, in {unit}.")
        if target.against is None
        else mark("Above zero spoke for the first of the two, below zero for the second, in {unit}.")
    )
    return say(rule).format(unit=say(unit))


def _number(predictor: Predictor, target: Target, say: Say) -> str:
    when = _when(predictor, target.k, say)
    match target.what:
        case "activity":
            return say(mark("How many active days to expect {when} (logarithm)")).format(when=when)
        case "category" | "topic":
            template = mark("Interest in “{name}” {when} (logarithm of expected events)")
            return say(template).format(name=target.name, when=when)
        case "value":
            template = mark("Expected {value} of “{title}”")
        case "effect":
            template = mark("Change of expected active days {when} if “{title}” were taken now")
        case "probability" if target.k:
            template = mark("How likely “{title}” is, given activity {when} (log-probability)")
        case _:
            template = mark("How likely “{title}” is at the next visit (log-probability)")
    title = predictor.dataset.title(predictor.dataset.item_index(target.name))
    value = predictor.dataset.manifest.value_name or mark("value")
    return say(template).format(title=title, when=when, value=say(value))


def _when(predictor: Predictor, k: int | None, say: Say) -> str:
    period, horizon = predictor.config.period, predictor.config.horizon
    if k is None:
        return say(mark("over the next {horizon} {period}s")).format(horizon=horizon, period=say(period))
    return say(mark("in {period} {k}")).format(period=say(period), k=k)
