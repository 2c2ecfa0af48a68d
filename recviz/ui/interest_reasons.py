"""Why the users of a segment rise, fade or may lapse: their explanations summed, beside the page and as they come."""

from dataclasses import dataclass

import streamlit as st

from recviz.explain.choices import Level
from recviz.explain.drivers import Drivers
from recviz.forecast.directions import Direction
from recviz.forecast.segments import Segment
from recviz.language import mark, tr, tr_n
from recviz.plots.cohorts import WHOSE, reasons_chart, reasons_finding
from recviz.services import cohorts
from recviz.services.background import Background
from recviz.ui.charts import show_chart
from recviz.ui.formats import count, literal
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import OpenRun
from recviz.ui.session import forget, keep, kept

WORK = "cohort_reasons"
EVERY = "1s"
LEVELS: dict[Level, str] = {"category": mark("Category"), "time": mark("Month"), "word": mark("Word")}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose activity is explained, by which model, by what."""

    fingerprint: str
    segment: str
    direction: Direction | None
    level: Level


def show_reasons(opened: OpenRun, segment: Segment, direction: Direction | None) -> None:
    """Offer the explanation of these users, and draw it as it comes."""
    whose = tr(WHOSE[direction])
    with st.container(border=True):
        st.markdown(f"**{tr('Why: what moves the expected activity of {whom}').format(whom=whose)}**")
        start, by = st.columns([2, 3], vertical_alignment="center")
        with by:
            level: Level = st.segmented_control(
                tr("Summed by"), list(LEVELS), format_func=lambda one: tr(LEVELS[one]), default="category", required=True,
                key="interest_reasons_level", label_visibility="collapsed",
            )  # fmt: skip
        asked = Asked(opened.fingerprint, segment.key, direction, level)
        most = min(cohorts.EXPLAINED, len(segment))
        start.button(
            tr("Explain {whom}").format(whom=whose), icon=":material/play_arrow:", key="interest_reasons_start",
            on_click=_begin, args=(opened, asked),
            help=tr(
                "Takes at most {n} of them, drawn by chance, and sums what each past event does to the "
                "model's expectation. It is an association that the model learnt, not a cause."
            ).format(n=count(most)),
        )  # fmt: skip
        _follow(asked)


def _begin(opened: OpenRun, asked: Asked) -> None:
    """Begin the work; what was begun for others is given up."""
    _give_up()
    steps = cohorts.reasons(
        opened.ws, opened.run, asked.segment, asked.direction, origin=opened.origin, level=asked.level
    )
    keep(WORK, (asked, Background(steps).start()))


def _give_up() -> None:
    known: tuple[Asked, Background[Drivers]] | None = kept(WORK, None)
    if known is not None:
        known[1].cancel()
    forget(WORK)


def _follow(asked: Asked) -> None:
    """Draw what is known of these very users; the answer to another question is not shown."""
    known: tuple[Asked, Background[Drivers]] | None = kept(WORK, None)
    if known is None or known[0] != asked:
        return
    work, live = known[1], known[1].is_running

    def told() -> None:
        with shown_problems():
            latest = work.latest
        if live and not work.is_running:
            st.rerun()  # to stop looking
        if work.is_running:
            done, of = (0, 1) if latest is None else (latest.done, latest.n_users)
            words = tr("Explaining the first user") if latest is None else tr("{done} of {all} users explained")
            bar, stop = st.columns([5, 1], vertical_alignment="center")
            bar.progress(done / of, text=words.format(done=count(done), all=count(of)))
            stop.button(tr("Stop"), key="interest_reasons_stop", on_click=work.cancel, type="tertiary")
        if latest is not None:
            st.markdown(f"**{literal(reasons_finding(latest, asked.direction))}**")
            show_chart(reasons_chart(latest), "interest_reasons_chart")
            words = tr_n(
                "Mean over {n} user; what a user has none of counts as nothing. An association that the model learnt, "
                "not a cause. Model {run}.",
                "Mean over {n} users; what a user has none of counts as nothing. An association that the model learnt, "
                "not a cause. Model {run}.",
                latest.done,
            )
            st.caption(words.format(n=count(latest.done), run=literal(latest.run)))

    st.fragment(told, run_every=EVERY if live else None)()
