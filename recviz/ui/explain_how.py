"""How explanations are made, as words of the address, and the choice of it with a sentence for each way."""

import re
from typing import cast

import streamlit as st

from recviz.errors import NotFoundError
from recviz.explain.choices import Baseline, Method, PartMethod
from recviz.explain.explainer import How
from recviz.language import mark, tr
from recviz.ui.formats import plain
from recviz.ui.session import choose, session

EVENTS: dict[Method, tuple[str, str]] = {
    "shapley": (
        mark("Fair shares"),
        mark("Shapley values: the mean effect over all orders in which events could have come."),
    ),
    "leave-one-out": (
        mark("Leave one out"),
        mark("What changes when this event alone goes. Shares need not add up."),
    ),
    "permutation": (
        mark("Fair shares, by shap"),
        mark("The same values by the shap library: a check; errors are larger."),
    ),
}
WORDS: dict[PartMethod, tuple[str, str]] = {
    "integrated gradients": (
        mark("Along the way"),
        mark("Integrated gradients: all words grow from nothing together; adds up."),
    ),
    "gradient x input": (
        mark("Slope at the end"),
        mark("Gradient x input: quick and rough; need not add up."),
    ),
    "word occlusion": (
        mark("One word away"),
        mark("Occlusion: each word is replaced once by itself; need not add up."),
    ),
    "partition": (
        mark("Field, then word"),
        mark("shap's partition: fair shares first over fields, then over words; adds up."),
    ),
}
BASELINES: dict[Baseline, tuple[str, str]] = {
    "neutral": (mark("Some word"), mark("The language model's own sign for a missing word.")),
    "padding": (mark("Empty place"), mark("The sign that fills up short texts.")),
    "mean": (mark("Average word"), mark("The mean of all words that the language model knows.")),
    "zero": (mark("Nothing at all"), mark("Zeros: simple, but no word that the language model has ever seen.")),
}
REMOVAL = mark(
    "**What absence means.** An event is taken out of the log, and all that follows from it (habit, recency, counts, "
    "what the model reads from the past) is worked out again. A word stays in its place and is replaced as chosen here. "
    "The trust figures test both: events removed, and events left as events of no item in particular."
)
NAMES = (
    mark("shapley"), mark("leave-one-out"), mark("permutation"), mark("integrated gradients"), mark("gradient x input"),
    mark("word occlusion"), mark("partition"), mark("neutral"), mark("padding"), mark("mean"), mark("zero"),
)  # fmt: skip
"""What ways are called in the literature and in the address."""
KEYS = {"events": "explain_by_events", "words": "explain_by_words", "baseline": "explain_by_baseline"}
_DEFAULT = How()


def write_how(how: How) -> str:
    """Write a way of explaining for the address; the recommended one is empty."""
    parts = [_slug(part) for part in (how.method, how.part_method, how.baseline)]
    return "" if how == _DEFAULT else ".".join(parts)


def read_how(text: str) -> How:
    """Read what `write_how` wrote.

    Raises:
        NotFoundError: If the text names no such way.
    """
    if not text:
        return _DEFAULT
    choices = ({_slug(name): name for name in known} for known in (EVENTS, WORDS, BASELINES))
    slugs = text.split(".")
    found = [known.get(slug) for known, slug in zip(choices, slugs, strict=False)]
    if len(slugs) != len(KEYS) or None in found:
        raise NotFoundError.of(
            tr("{text!r} is no way to explain").format(text=plain(text)),
            tr("method, in the address"),
            tr("Choose one under How on the page"),
        )
    return How(
        method=cast("Method", found[0]),
        part_method=cast("PartMethod", found[1]),
        baseline=cast("Baseline", found[2]),
    )


def chosen_how() -> How:
    """Return the way that the view names.

    Raises:
        NotFoundError: If the address names none.
    """
    return read_how(session().method)


def choose_how() -> None:
    """Draw the choice of methods, behind a button that names those in use."""
    how = chosen_how()
    st.session_state[KEYS["events"]] = how.method
    st.session_state[KEYS["words"]] = how.part_method
    st.session_state[KEYS["baseline"]] = how.baseline
    label = tr("How: {method}").format(method=tr(EVENTS[how.method][0]).lower())
    with st.popover(label, icon=":material/tune:", width="content"):
        _radio(tr("Past events"), EVENTS, KEYS["events"])
        _radio(tr("Words of an event"), WORDS, KEYS["words"])
        _radio(tr("What replaces a word"), BASELINES, KEYS["baseline"])
        st.caption(tr(REMOVAL))


def how_words(how: How) -> str:
    """Say how an explanation was made: "events by Shapley values, words by ..."."""
    return tr("events by {way} ({method}), words by {part_method}, from {start} ({baseline})").format(
        way=tr(EVENTS[how.method][0]).lower(),
        method=tr(how.method),
        part_method=tr(how.part_method),
        start=tr(BASELINES[how.baseline][0]).lower(),
        baseline=tr(how.baseline),
    )


def _radio(label: str, known: dict, key: str) -> None:  # type: ignore[type-arg]  # keyed by its own names
    st.radio(
        label,
        list(known),
        format_func=lambda name: tr(known[name][0]),
        captions=[tr(sentence) for _, sentence in known.values()],
        key=key,
        on_change=_take,
    )


def _take() -> None:
    picked = {name: st.session_state[key] for name, key in KEYS.items()}
    choose(method=write_how(How(method=picked["events"], part_method=picked["words"], baseline=picked["baseline"])))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name)
