"""How far an explanation may be trusted: the badge in plain words, every figure behind it, and the further checks."""

from typing import Literal

import streamlit as st

from recviz.explain.explanation import Explanation
from recviz.explain.trust import Checks, Likeness
from recviz.language import mark, tr
from recviz.plots import explanation_sentences
from recviz.plots import why as words
from recviz.services.background import Background
from recviz.ui.explain_live import EVERY
from recviz.ui.formats import literal
from recviz.ui.guards import shown_problems
from recviz.ui.tokens import MUTED, RULE, escaped

BADGES: dict[str, tuple[Literal["green", "orange", "red", "gray"], str]] = {
    "faithful": ("green", ":material/verified:"),
    "weak": ("orange", ":material/help:"),
    "no better than random": ("red", ":material/casino:"),
    "too few events to tell": ("gray", ":material/hourglass_empty:"),
}
RULES = mark(
    "Faithful: the events named first matter more than random ones, both when they are removed and when they alone "
    "are kept, beyond chance. Weak: only one of the two, or events left without their item say the opposite. "
    "No better than random: neither."
)
_CELL = "padding:0.35em 1.2em 0.35em 0;text-align:left;font-weight:400;vertical-align:top"


def show_badge(found: Explanation) -> None:
    """Draw the verdict in plain words."""
    colour, icon = BADGES[found.trust.badge]
    verdict = f":{colour}-badge[{icon} {explanation_sentences.badge_words(found.trust)}]"
    st.markdown(f"{verdict} {literal(words.badge_sentence(found))}", help=tr(RULES))


def show_trust(found: Explanation, work: Background[Explanation]) -> None:
    """Draw every figure; the further checks appear as they come."""
    st.html(figures_html(found))

    def draw(drawn_running: bool) -> None:  # noqa: FBT001 - what was drawn last
        is_running = work.is_running
        with shown_problems():
            latest = work.latest
        _draw_checks(latest.checks if latest else None, is_running=is_running)
        if drawn_running and not is_running:
            st.rerun()

    running = work.is_running
    st.fragment(draw, run_every=EVERY if running else None)(running)


def figures_html(found: Explanation) -> str:
    """Lay out what was judged at once: what adds up, and what happens to the score when events go."""
    trust, low = found.trust, found.sign_of_reasons < 0
    rows = [
        (
            tr("Removing the events named first raises it further than removing random ones")
            if low
            else tr("Removing the events named first lowers it further than removing random ones"),
            by,
            interval,
        )
        for by, interval in (
            (words.WHAT["removed"], trust.comprehensiveness),
            (words.WHAT["neutral"], trust.neutral_comprehensiveness),
        )
    ] + [
        (
            tr("Keeping only them leaves it lower than keeping random ones")
            if low
            else tr("Keeping only them leaves it higher than keeping random ones"),
            by,
            interval,
        )
        for by, interval in (
            (words.WHAT["removed"], trust.sufficiency),
            (words.WHAT["neutral"], trust.neutral_sufficiency),
        )
    ]
    body = "".join(
        _row(claim, tr(by), words.interval_words(interval, found.unit), words.verdict_of(interval))
        for claim, by, interval in rows
    )
    return f'<p style="margin:0.2em 0 0.6em">{escaped(words.adding_up(trust))}</p>' + _table(
        (tr("Put to the test"), tr("Events are"), tr("By how much"), tr("So it is")), body
    )


def checks_html(checks: Checks) -> str:
    """Lay out how alike other explanations of the same number are."""
    body = "".join(_likeness(tr("Another method"), one) for one in checks.agreement)
    body += "".join(_likeness(tr("A small change"), one) for one in checks.stability)
    if checks.randomised is not None:
        body += _likeness(tr("Nothing learnt"), checks.randomised, should_differ=True)
    return _table((tr("Compared with"), tr("namely"), tr("Rank correlation"), tr("So it orders")), body)


def _draw_checks(checks: Checks | None, *, is_running: bool) -> None:
    heading = tr("Compared with other explanations of the same number")
    st.markdown(f"**{heading}**")
    if is_running:
        waiting = tr("Other methods, small changes, shuffled weights: one after the other.")
        st.caption(f":material/progress_activity: {waiting}")
    if checks is None:
        if not is_running:
            st.caption(tr("Stopped before the first comparison. Choose the item again to go on."))
        return
    st.html(checks_html(checks))
    if checks.randomised is not None:
        st.caption(literal(words.checks_words(checks)))


def _likeness(kind: str, one: Likeness, *, should_differ: bool = False) -> str:
    return _row(
        kind, tr(one.what), words.likeness_words(one), words.alike(one.correlation, should_differ=should_differ)
    )


def _row(*cells: str) -> str:
    first, *others = (escaped(cell) for cell in cells)
    return (
        f'<tr style="border-top:{RULE}"><th scope="row" style="{_CELL}">{first}</th>'
        + "".join(f'<td style="{_CELL};font-variant-numeric:tabular-nums">{cell}</td>' for cell in others)
        + "</tr>"
    )


def _table(heads: tuple[str, ...], body: str) -> str:
    head = "".join(f'<th scope="col" style="{_CELL};{MUTED}">{escaped(name)}</th>' for name in heads)
    return (
        f'<table style="border-collapse:collapse;width:100%;font-size:0.9rem"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
