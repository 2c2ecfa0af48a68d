"""What a number is compared with: another item, another period, or a cohort, whose users are looked at one by one."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from recviz.errors import NotFoundError, UnsupportedError
from recviz.explain.cohorts import CohortContrast
from recviz.explain.targets import Target
from recviz.language import mark, tr, tr_p
from recviz.plots import why as words
from recviz.plots.attribution import cohort_bars
from recviz.services import explanation_groups, forecasts
from recviz.services.recommendations import RecommendedItem
from recviz.ui.charts import show_chart
from recviz.ui.explain_data import title_of
from recviz.ui.explain_how import chosen_how
from recviz.ui.explain_live import EVERY, begun
from recviz.ui.explain_target import Against, ItemNumber, Point, chosen_against, period_name
from recviz.ui.formats import counted, literal, plain, shortened, told_apart
from recviz.ui.guards import shown_problems
from recviz.ui.interest_data import OpenRun, user_view
from recviz.ui.session import choose_from, session

KEY = "explain_against"
BY: dict[Literal["category", "time"], str] = {"category": mark("by category"), "time": mark("by month")}


def choose_against(opened: OpenRun, asked: Point | ItemNumber, items: Sequence[RecommendedItem]) -> None:
    """Draw the choice of what the number is compared with."""
    options = {"": tr_p("compared with", "nothing")}
    if isinstance(asked, Point):
        options |= _periods(opened, asked)
    else:
        others = [item for item in items if item.item_id != session().item]
        titles = told_apart({item.item_id: shortened(item.title or item.item_id, 40) for item in others})
        options |= {
            str(Against(kind="item", name=item)): tr("Item: {title}").format(title=title)
            for item, title in titles.items()
        }
    options |= {
        str(Against(kind="cohort", name=key)): tr("Cohort: {cohort}").format(cohort=label)
        for key, label in cohort_labels(opened).items()
    }
    against = chosen_against()
    if str(against) not in options:  # of a link: an item beyond the list, or what the explanation will refuse
        options[str(against)] = (
            tr("Item: {title}").format(title=title_of(opened, against.name)) if against.kind == "item" else against.name
        )
    st.session_state[KEY] = str(against)
    st.selectbox(
        tr("Compare with"),
        list(options),
        format_func=options.__getitem__,
        key=KEY,
        on_change=choose_from,
        args=(KEY, "against"),
        help=tr("Why this and not that: another item, another period, or the users of a cohort."),
    )


def cohort_labels(opened: OpenRun) -> dict[str, str]:
    """Return the cohorts of a run, key -> label, no two alike; none in a log without curves."""
    try:
        segments = forecasts.segments(opened.ws, opened.run, opened.origin)
    except UnsupportedError:
        return {}
    often, named = Counter(one.told for one in segments), tr("{group}: {segment}")
    return told_apart(  # "within 28 days before the origin" is said of users' first event and of their last
        {
            one.key: one.told if often[one.told] == 1 else named.format(group=one.group_told, segment=one.told)
            for one in segments
        }
    )


def require_cohort(opened: OpenRun) -> None:
    """Make sure that the cohort which the view compares with is there, before anything is worked out.

    Raises:
        NotFoundError: If the address names one that the run does not have.
    """
    against = chosen_against()
    if against.kind == "cohort" and against.name not in cohort_labels(opened):
        raise NotFoundError.of(
            tr("There is no cohort {cohort!r}").format(cohort=plain(against.name)),
            tr("against, in the address"),
            tr("Choose what to compare with again"),
        )


def show_cohort_contrast(opened: OpenRun, target: Target, segment: str) -> None:
    """Draw why the user's number differs from a cohort's, one more of its users at a time."""
    label = cohort_labels(opened).get(segment, segment)
    by: Literal["category", "time"] = st.segmented_control(
        tr("Sum past events"),
        list(BY),
        format_func=lambda way: tr(BY[way]),
        default="category",
        required=True,
        key="explain_cohort_by",
        label_visibility="collapsed",
    )
    user, method = session().user, chosen_how().method
    work = begun(
        "cohort",
        (opened.fingerprint, opened.origin, user, target, segment, by, method),
        lambda: explanation_groups.against_cohort(
            opened.ws, opened.run, user, segment, target, origin=opened.origin, by=by, method=method
        ),
    )

    def draw(drawn_running: bool) -> None:  # noqa: FBT001 - what was drawn last
        is_running = work.is_running
        with shown_problems():
            found: CohortContrast | None = work.latest
        if found is None:
            st.caption(tr("Looking at the users of the cohort, one by one."))
        else:
            _draw_contrast(found, label, is_running=is_running)
        if drawn_running and not is_running:
            st.rerun()

    running = work.is_running
    st.fragment(draw, run_every=EVERY if running else None)(running)


def _draw_contrast(found: CohortContrast, label: str, *, is_running: bool) -> None:
    if is_running:
        told = tr("{done} of {users} of the cohort").format(done=found.done, users=counted(found.n_users, "user"))
        st.progress(found.done / found.n_users, told)
    st.markdown(f"**{literal(words.cohort_words(found, label))}**")
    show_chart(cohort_bars(found, label), "explain_cohort_bars")
    st.caption(
        tr(
            "What the user's past adds to the number, less what the past of {users} of {cohort} adds to theirs on "
            "average. The rows add up to the whole difference. Lines are 95 % intervals."
        ).format(users=counted(found.done, "user"), cohort=literal(label))
    )


def _periods(opened: OpenRun, asked: Point) -> dict[str, str]:
    n_periods = len(user_view(opened, session().user).mean)
    options = {
        str(Against(kind="period", name=str(k))): period_name(k, opened.period)
        for k in range(1, n_periods + 1)
        if k != asked.k
    }
    if asked.k is not None:
        options[str(Against(kind="period", name="all"))] = tr("The whole horizon")
    return options
