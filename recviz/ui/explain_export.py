"""All numbers of an explanation, as a table, in files to take away, and as a link that reopens it."""

from collections.abc import Sequence
from typing import cast
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from recviz.explain.choices import Level
from recviz.explain.explanation import Explanation
from recviz.explain.labels import sign_rule_of
from recviz.explain.levels import Sum, roll_up
from recviz.language import mark, spoken, tr, tr_p
from recviz.plots import explanation_sentences
from recviz.plots import why as words
from recviz.plots.attribution import name_of_sum
from recviz.services.exports import table_bytes
from recviz.ui.explain_events import (
    events_html,
    others_html,
    places_for,
    shown_events,
    sums_html,
    sums_of,
    text_level,
    word_scale,
)
from recviz.ui.explain_headline import headline, label_words, sides_of
from recviz.ui.explain_how import chosen_how, how_words
from recviz.ui.explain_picture import show_pictured
from recviz.ui.explain_target import chosen
from recviz.ui.explain_trust import checks_html, figures_html
from recviz.ui.explain_why import LEVELS, chosen_level
from recviz.ui.formats import literal, signed
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import address
from recviz.ui.tokens import LEVEL_NAMES as TEXT_LEVEL_NAMES
from recviz.ui.tokens import escaped, largest, legend, token_strip

STYLE = (
    "body{font-family:'Source Sans 3','Source Sans Pro',system-ui,sans-serif;color:#22262B;max-width:52em;margin:2em auto;"
    "padding:0 1em;line-height:1.45}h1{font-family:Georgia,serif;font-size:1.5em;margin-bottom:.2em}"
    "h2{font-size:1.05em;margin-top:1.6em}p.quiet{color:#6B7178;margin-top:0}"
)

LEVEL_NAMES: dict[str, str] = {
    **TEXT_LEVEL_NAMES,
    "event": mark("event"),
    "category": mark("category"),
    "time": mark("time"),
}
PARTS = (
    mark("event"), mark("text"), mark("identity"), mark("kind"), mark("value"), mark("time"), mark("habit"),
    mark("shared"),
    mark("candidate token"), mark("candidate word"), mark("candidate field"), mark("rival token"), mark("rival word"),
    mark("rival field"), *TEXT_LEVEL_NAMES.values(),
)  # fmt: skip
"""Kinds of parts in the tables of `recviz.explain.explanation.Explanation.to_frame`."""


def show_numbers(opened: OpenRun, found: Explanation) -> None:
    """Draw the sums at the chosen level and every number, and offer all of it to take away."""
    st.caption(literal(method_words(opened, found)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        frame = found.to_frame()
        page = html_page(opened, found)
        for label, content, ending, mime in (
            (tr("Page (HTML)"), page.encode(), "html", "text/html"),
            ("Parquet", table_bytes(frame, "parquet"), "parquet", "application/vnd.apache.parquet"),
            ("JSON", found.to_json().encode(), "json", "application/json"),
            ("CSV", table_bytes(frame, "csv"), "csv", "text/csv"),
        ):
            st.download_button(
                label,
                content,
                f"explanation.{ending}",
                mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"explain_save_{ending}",
            )
        st.caption(
            tr("Charts save as PNG by the camera at their corner; the HTML page needs no network."), width="stretch"
        )
    st.caption(tr("This link reopens exactly this explanation:"))
    st.code(link(), language=None, wrap_lines=True)
    level = chosen_level()
    moved = tr("Moved it by ({unit})").format(unit=tr(found.unit))
    sums, numbers = st.columns([4, 7], gap="medium")
    with sums:
        heading = tr("Summed by {level}").format(level=tr(LEVEL_NAMES[level]))
        st.markdown(f"**{heading}**")
        st.dataframe(
            sums_table(roll_up(found.events, cast("Level", level))),
            hide_index=True,
            height=320,
            column_config={
                "what": st.column_config.TextColumn(tr(LEVELS[level]), width=170),
                "value": st.column_config.NumberColumn(moved, format="%+.4f"),
                "count": st.column_config.NumberColumn(tr("Times"), width=60),
            },
            alt=heading,
        )
    with numbers:
        _every_part(frame, moved)
    show_pictured(opened, found)


def _every_part(frame: pd.DataFrame, moved: str) -> None:
    """Draw every number; columns are so wide that the last one stands in the window, too."""
    heading = tr("Every part")
    st.markdown(f"**{heading}**")
    column = st.column_config
    st.dataframe(
        numbers_table(frame),
        hide_index=True,
        height=320,
        placeholder="",
        column_config={
            "part": column.TextColumn(tr("Part"), width=114),
            "time": column.DatetimeColumn(tr("When"), format=tr_p("time format", "D MMM YYYY"), width=112)
            if _has_days(frame)
            else column.TextColumn(tr("When"), width=112),
            "title": column.TextColumn(tr("Item"), width=100),
            "stretch": column.TextColumn(tr("Stretch of text"), width=90),
            "attribution": column.NumberColumn(moved, format="%+.4f", width=114),
            "standard_error": column.NumberColumn(tr("Give or take"), format="%.4f", width=88),
        },
        alt=tr("Every part of the explanation with its number"),
    )


def numbers_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay every number out, the kinds of parts in the reader's language, times as such so that they sort."""
    shown = frame[["part", "time", "title", "stretch", "attribution", "standard_error"]]
    times = pd.to_datetime(shown["time"], format="ISO8601") if _has_days(frame) else shown["time"]
    return shown.assign(part=[tr(part) for part in shown["part"]], time=times)


def _has_days(frame: pd.DataFrame) -> bool:
    """Whether events have times, and not places in an order only."""
    return bool(frame["time"].astype(str).str.contains("T", regex=False).any())


def method_words(opened: OpenRun, found: Explanation) -> str:
    """Say what was explained, how, and what the signs mean."""
    return tr("{number}: {score} {unit}; without any history {empty}. {signs} Made of {how}.").format(
        number=label_words(opened, found.target),
        score=signed(found.score, 3),
        unit=tr(found.unit),
        empty=signed(found.empty_score, 3),
        signs=sign_rule_of(found.target, found.unit, tr),
        how=how_words(chosen_how()),
    )


def sums_table(sums: Sequence[Sum]) -> pd.DataFrame:
    """Lay sums out, largest effect first."""
    return pd.DataFrame(
        {
            "what": [name_of_sum(one) for one in sums],
            "value": [one.value for one in sums],
            "count": [one.count for one in sums],
        }
    )


def link() -> str:
    """Return the address that reopens exactly this explanation."""
    where = (st.context.url or "explain").split("?", maxsplit=1)[0]
    return f"{where}?{urlencode(address(level=chosen_level()))}"


def html_page(opened: OpenRun, found: Explanation) -> str:
    """Return the explanation as one HTML file that needs nothing else: no script, no network."""
    said, detail = headline(opened, found, chosen())
    level = chosen_level() if text_level(chosen_level()) else "word"
    words_level = text_level(level) or "word"
    shown = shown_events(found, level)
    reach = max((abs(event.value) for event in shown), default=0.0)
    sides, own_reach = sides_of(opened, found.target), largest([found.candidate, found.rival], words_level)
    strips = [
        f'<p style="font-size:1.2em">{token_strip(text, words_level, own_reach, found.unit)}</p>'
        for text in (found.candidate, found.rival)
        if text
    ]
    strips += [legend(found.unit, sides, own_reach or None)] * bool(strips)
    sums = sums_html(sums_of(found, shown), found.unit, words.how_well(found.trust), places_for(reach))
    scale = legend(found.unit, sides, word_scale(found, level) or None)
    compared = escaped(tr("Compared with other explanations"))
    checks = f"<h2>{compared}</h2>{checks_html(found.checks)}" if found.checks else ""
    made = tr("{method} Run {run}, looking ahead from {instant}.").format(
        method=method_words(opened, found), run=found.run, instant=found.instant
    )
    return (
        f'<!doctype html><html lang="{spoken().replace("_", "-")}"><head><meta charset="utf-8"><title>{escaped(said)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escaped(said)}</h1>"
        f'<p class="quiet">{escaped(detail)}</p>{"".join(strips)}'
        f"<h2>{escaped(explanation_sentences.push(found))}</h2>{events_html(found, level)}{others_html(found, level)}{sums}{scale}"
        f"<h2>{escaped(explanation_sentences.badge_words(found.trust))}</h2><p>{escaped(words.badge_sentence(found))}</p>"
        f"{figures_html(found)}{checks}"
        f'<p class="quiet">{escaped(made)}</p></body></html>'
    )
