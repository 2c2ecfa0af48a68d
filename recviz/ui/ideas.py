"""What a reader may never have met, each in two sentences and a picture, behind a button beside what it explains."""

from dataclasses import dataclass

import streamlit as st

from recviz.language import tr
from recviz.plots.template import AGAINST, BAND_OPACITY, FOR, GREY, faded
from recviz.ui.tokens import escaped

_SIZE = 'viewBox="0 0 144 84" width="144" height="84"'
_LINE = 'fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
_ORIGIN = f'<path d="M58 4V80" stroke="{GREY}" stroke-width="1" stroke-dasharray="3 3"/>'
_PAST = "".join(
    f'<rect x="{6 + 10 * at}" y="{78 - high}" width="7" height="{high}" rx="1" fill="{GREY}"/>'
    for at, high in enumerate((16, 30, 10, 24, 34))
)
_AHEAD = f'<path d="M58 48L76 40L94 34L112 26L134 22" stroke="{FOR}" {_LINE}/>'
_BANDS = "".join(
    f'<path d="M58 48L96 {34 - half:g}L134 {22 - half * 1.3:g}V{22 + half * 1.3:g}L96 {34 + half:g}Z" '
    f'fill="{faded(FOR, BAND_OPACITY[mass])}"/>'
    for mass, half in ((95, 15), (80, 10), (50, 5))
)


@dataclass(frozen=True, slots=True)
class Idea:
    """Something that a page shows, told in two sentences and a picture."""

    name: str
    words: str
    picture: str
    """The inside of an SVG of 144 by 84; ``currentColor`` is the page's ink, light or dark."""


def interest_curve() -> Idea:
    """Return what the curve of a user is."""
    return Idea(
        tr("An interest curve"),
        tr(
            "The bars are what the user did, the line from the upright stroke on is what the model expects for each coming "
            "period, on average. Dots, where the log reaches that far, are what really happened: the model never saw them."
        ),
        _PAST + _ORIGIN + _AHEAD + _dots((76, 46), (94, 28), (112, 30)),
    )


def band() -> Idea:
    """Return what the bands around a curve are."""
    return Idea(
        tr("A band"),
        tr(
            "What comes is a range and not a line: it should fall into the widest band in 95 of 100 cases, into the middle "
            "one in 80, into the narrowest in 50. Where bands are narrow the model is sure; Runs tells how often it was right."
        ),
        _ORIGIN + _BANDS + _AHEAD + _dots((76, 42), (94, 22), (112, 29), (130, 8)),
    )


def nat() -> Idea:
    """Return what the unit of effects is."""
    return Idea(
        tr("A nat"),
        tr(
            "Nats measure by what a chance or a rate is multiplied: +1 nat makes it 2.7 times as large, \u22121 nat about a "
            "third, and +0.1 nats is about 10 % more. Effects in nats add up: two of +0.35 together double it."
        ),
        _bar(22, 20, GREY) + _bar(88, 54, FOR) + f'<path d="M52 50C62 28 70 24 82 24" stroke="currentColor" {_LINE}/>'
        + _word(60, 18, "+1") + _word(36, 52, "1 %") + _word(102, 20, "2.7 %"),
    )  # fmt: skip


def association() -> Idea:
    """Return what an effect of the model is, and what it is not."""
    return Idea(
        tr("An association"),
        tr(
            "In the log the one was often followed by the other, and the model has learnt that. It need not be the cause: "
            "a season or a sale may lie behind both, and only a trial can tell."
        ),
        f'<path d="M64 26L36 56M80 26L108 56" stroke="{GREY}" {_LINE}/>'
        f'<path d="M44 66H98" stroke="{FOR}" stroke-dasharray="4 5" {_LINE}/>'
        f'<circle cx="72" cy="18" r="11" fill="none" stroke="{GREY}" stroke-width="2"/>' + _word(72, 22, "?")
        + f'<circle cx="30" cy="66" r="10" fill="{FOR}"/><circle cx="114" cy="66" r="10" fill="{FOR}"/>',
    )  # fmt: skip


def attribution() -> Idea:
    """Return how the parts of an explanation are read."""
    tints = ((6, 40, FOR, 0.62), (50, 26, FOR, 0.2), (80, 30, AGAINST, 0.45), (114, 24, FOR, 0.35))
    words = "".join(
        f'<rect x="{x}" y="8" width="{wide}" height="16" rx="3" fill="{faded(colour, strength)}"/>'
        f'<path d="M{x + 6} 16h{wide - 12}" stroke="currentColor" {_LINE}/>'
        for x, wide, colour, strength in tints
    )
    bars = "".join(
        f'<rect x="{min(72, 72 + value)}" y="{y}" width="{abs(value)}" height="8" rx="2" '
        f'fill="{FOR if value > 0 else AGAINST}"/>'
        for y, value in ((36, 56), (50, -18), (64, 30))
    )
    return Idea(
        tr("An attribution"),
        tr(
            "Each past event, and each word of it, gets the part of the number that it brought: blue speaks for, orange "
            "against, and all parts add up to what the whole past does. The badge says whether taking away what stands "
            "first really moves the number more than taking away events by chance: without that, do not read the order."
        ),
        f'{words}{bars}<path d="M72 32V78" stroke="currentColor" stroke-width="1" opacity="0.4"/>',
    )


def shared() -> Idea:
    """Return what past events that say the same have in common."""
    return Idea(
        tr("Shared"),
        tr(
            "What several past events say alike belongs to none of them alone: it is divided among them and stands as "
            "\u201cshared\u201d. Taking one of them away costs only its other parts (words, habit and the rest); taking all "
            "of them away costs what they share, too."
        ),
        f'<circle cx="56" cy="42" r="32" fill="{faded(FOR, 0.35)}"/><circle cx="90" cy="42" r="32" fill="{faded(FOR, 0.35)}"/>'
        f'<path d="M73 15A32 32 0 0 1 73 69A32 32 0 0 1 73 15" stroke="currentColor" {_LINE}/>',
    )


def interval() -> Idea:
    """Return what the line through a dot is."""
    rows = "".join(
        f'<path d="M{low} {y}H{high}" stroke="{colour}" {_LINE}/><circle cx="{(low + high) / 2}" cy="{y}" r="5" fill="{colour}"/>'
        for y, low, high, colour in ((24, 84, 128, FOR), (58, 40, 88, GREY))
    )
    return Idea(
        tr("An interval"),
        tr(
            "It holds the true difference with 95 % certainty, found by drawing the judged users again and again by chance. "
            "Where it reaches across the other's value, as the grey one does here, the difference is inside the noise: the "
            "two are level."
        ),
        f'<path d="M64 6V78" stroke="currentColor" stroke-dasharray="3 3" opacity="0.6"/>{rows}',
    )


def show_caption(words: str, *ideas: Idea) -> None:
    """Draw a caption with a button at its right that explains what is seen.

    Args:
        words: Markdown.
        ideas: In the order in which a reader meets them.
    """
    said, asked = st.columns([3, 1], vertical_alignment="top", gap="small")
    said.caption(words)
    with asked, st.container(horizontal=True, horizontal_alignment="right"):
        more = st.popover(tr("How to read this"), type="tertiary")
    more.markdown("".join(map(_drawn, ideas)), unsafe_allow_html=True)


def _drawn(idea: Idea) -> str:
    return (
        '<div style="display:flex;gap:16px;align-items:center;margin:4px 0 14px">'
        f'<svg {_SIZE} style="flex:none" aria-hidden="true">{idea.picture}</svg>'
        f'<div style="font-size:0.9rem;line-height:1.45"><strong>{escaped(idea.name)}</strong><br>'
        f"{escaped(idea.words)}</div></div>"
    )


def _dots(*places: tuple[int, int]) -> str:
    return "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="currentColor"/>' for x, y in places)


def _bar(x: int, high: int, colour: str) -> str:
    return f'<rect x="{x}" y="{78 - high}" width="28" height="{high}" rx="2" fill="{colour}"/>'


def _word(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-size="12" fill="currentColor">{text}</text>'
