"""Which words drive an item, a category, a topic or activity over many users: summed as they come, beside the page."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from recviz.explain.choices import Level
from recviz.explain.drivers import Driver, Drivers
from recviz.explain.explanation import Explanation
from recviz.explain.targets import Target
from recviz.forecast.segments import EVERYBODY
from recviz.language import mark, tr
from recviz.plots import why as words
from recviz.plots.attribution import driver_bars
from recviz.services import explanation_groups
from recviz.services.background import Background
from recviz.services.exports import table_bytes
from recviz.ui.charts import show_chart
from recviz.ui.explain_against import cohort_labels
from recviz.ui.explain_headline import name_of
from recviz.ui.explain_how import chosen_how
from recviz.ui.explain_live import EVERY, begun, known, stop
from recviz.ui.formats import counted, literal, share
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import OpenRun

KIND = "drivers"
LEVELS: dict[Level, str] = {
    "word": mark("Words"),
    "token": mark("Tokens"),
    "field": mark("Fields"),
    "event": mark("Items"),
    "category": mark("Categories"),
    "time": mark("Months"),
}
NO_COHORT = ""


def show_drivers(opened: OpenRun, found: Explanation) -> None:
    """Draw the choice of users and level, and what drives the number as far as it is known."""
    target = replace(found.target, against=None)
    cohorts = {NO_COHORT: tr("Everybody")} | cohort_labels(opened)
    cohorts.pop(EVERYBODY, None)  # the same users
    moved = tr("What moves {number}, summed over the explanations of many users.")
    st.caption(literal(moved.format(number=name_of(opened, target))))
    of, level, most, start = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    segment = of.selectbox(tr("Whose"), list(cohorts), format_func=cohorts.__getitem__, key="explain_drivers_of")
    by: Level = level.selectbox(
        tr("Summed by"), list(LEVELS), format_func=lambda name: tr(LEVELS[name]), key="explain_drivers_by"
    )
    users = int(most.number_input(tr("Users at most"), 2, 5_000, 100, key="explain_drivers_most"))
    how = chosen_how()
    question = (opened.fingerprint, opened.origin, target, segment, by, users, how)
    work: Background[Drivers] | None = known(KIND, question)
    if start.button(
        tr("Begin"),
        type="primary",
        width="stretch",
        key="explain_drivers_begin",
        disabled=work is not None and work.is_running,
    ):
        work = begun(
            KIND,
            question,
            lambda: explanation_groups.words_that_drive(
                opened.ws,
                opened.run,
                target,
                segment=segment or None,
                origin=opened.origin,
                level=by,
                most=users,
                how=how,
            ),
        )
    if work is not None:
        _live(work, target)


def drivers_table(rows: tuple[Driver, ...]) -> pd.DataFrame:
    """Lay drivers out, largest mean effect first."""
    return pd.DataFrame(
        {
            "what": [row.label for row in rows],
            "mean": [row.mean for row in rows],
            "standard_error": [row.standard_error for row in rows],
            "users": [row.n_users for row in rows],
        }
    )


def _live(work: Background[Drivers], target: Target) -> None:
    def draw(drawn_running: bool) -> None:  # noqa: FBT001 - what was drawn last
        is_running = work.is_running
        with shown_problems():
            found = work.latest
        if found is None:
            st.progress(0.0, tr("Explaining the first user"))
        else:
            _draw(found, target, is_running=is_running)
        if drawn_running and not is_running:
            st.rerun()

    running = work.is_running
    st.fragment(draw, run_every=EVERY if running else None)(running)


def _draw(found: Drivers, target: Target, *, is_running: bool) -> None:
    if is_running:
        bar, button = st.columns([8, 1], vertical_alignment="center")
        told = tr("{done} of {users} explained").format(done=found.done, users=counted(found.n_users, "user"))
        bar.progress(found.done / found.n_users, told)
        button.button(tr("Stop"), on_click=stop, args=(KIND,), key="explain_drivers_stop")
    st.markdown(f"**{literal(words.drivers_words(found))}**")
    past, own = st.columns(2, gap="medium") if found.candidate else (st.container(), None)
    with past:
        show_chart(driver_bars(found.rows, tr("In the past of users"), found.unit), "explain_drivers_past")
    if own is not None:
        with own:
            show_chart(driver_bars(found.candidate, tr("In the item's own text"), found.unit), "explain_drivers_own")
    told = (
        tr(
            "Mean over {users}, nought for those who have none of it; lines are 95 % intervals. Read were the words of "
            "events that make {part} of the effects."
        )
        if found.level in {"word", "token", "field"}
        else tr("Mean over {users}, nought for those who have none of it; lines are 95 % intervals.")
    )
    st.caption(told.format(users=counted(found.done, "user"), part=share(found.covered)))
    if not is_running:
        st.download_button(
            tr("Save as CSV"),
            table_bytes(drivers_table(found.rows), "csv"),
            f"drivers_{target.what}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
