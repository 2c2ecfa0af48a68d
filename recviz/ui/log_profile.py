"""Log page, below: what a stored log is like, and what can be done with it."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from recviz.data.dataset import Manifest
from recviz.data.findings import Profile
from recviz.plots.profile import activity_area, events_per_user
from recviz.services import datasets
from recviz.services.workspace import Workspace
from recviz.ui.caches import remembered
from recviz.ui.formats import count, counted, day, decimal, literal, share, shortened, size
from recviz.ui.guards import require_dataset, shown_problems
from recviz.ui.log_columns import show_histories
from recviz.ui.session import choose, forget, keep, kept

DELETION = "log_deletion"
"""Under this name the log is kept whose deletion is being asked about."""


@remembered("Looking at the log", entries=16)
def profile_of(ws: Workspace, dataset_id: str, content: str) -> Profile:
    """Return a log's profile; ``content`` is its fingerprint, since an id could come again."""
    del content
    return datasets.profile(ws, dataset_id)


def show_profile() -> None:
    """Draw the chosen log: headline, figures, charts, warnings, first histories, and what can be done with it."""
    ws, dataset = require_dataset()
    with shown_problems():
        profile = profile_of(ws, dataset.id, dataset.manifest.source_sha256)
    top, actions = st.columns([6, 1], vertical_alignment="bottom")
    top.title(headline(dataset.manifest, profile))
    with actions:
        _actions(ws, dataset.manifest)
    _figures(profile)
    for warning in profile.warnings:
        st.warning(literal(warning), icon=":material/translate:" if "read" in warning else ":material/info:")
    _charts(profile)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _top_items(profile)
    with right:
        _suggestion(profile)
    with st.expander("The first histories, as the model will see them", icon=":material/person:"):
        show_histories(profile.histories)
    with st.expander("Where it came from", icon=":material/history:"):
        _origin(dataset.manifest)


def headline(manifest: Manifest, profile: Profile) -> str:
    """Say in a sentence what the log holds."""
    span = (
        f" in {counted(round(profile.span_days / 7) or 1, 'week')}" if profile.first else ", in an order without times"
    )
    return literal(f"{manifest.name}: {count(profile.n_events)} events of {counted(profile.n_users, 'user')}{span}")


def _figures(profile: Profile) -> None:
    per_user = profile.events_per_user
    figures = [
        ("Users", count(profile.n_users), f"{count(profile.n_active_users)} with interest"),
        ("Items", count(profile.n_items), _categories(profile)),
        ("Events per user", decimal(per_user["median"]), f"a tenth has over {count(per_user['q90'])}"),
        ("Repeats", share(profile.repeat_share), f"{share(profile.basket_share)} of events in baskets"),
    ]
    for column, (label, value, below) in zip(st.columns(len(figures)), figures, strict=True):
        with column.container(border=True, gap="xxsmall"):
            st.metric(label, value)
            st.caption(below)


def _categories(profile: Profile) -> str:
    return counted(profile.n_categories, "category", "categories") if profile.n_categories else "no categories"


def _charts(profile: Profile) -> None:
    left, right = st.columns([3, 2], gap="large")
    if profile.activity:
        starts = [datetime.fromisoformat(first).replace(tzinfo=UTC) for first, _, _ in profile.activity]
        chart = activity_area(starts, [events for _, events, _ in profile.activity], "week")
        left.plotly_chart(chart.figure, alt=chart.alt, key="log_activity", config={"displayModeBar": False})
    else:
        left.info("This log has an order only: it is used for ranking and explanation, and has no curves over weeks.")
    histogram = profile.events_per_user_histogram
    if histogram:
        edges = [low for low, _, _ in histogram] + [histogram[-1][1] + 1]
        chart = events_per_user(edges, [users for _, _, users in histogram])
        right.plotly_chart(chart.figure, alt=chart.alt, key="log_per_user", config={"displayModeBar": False})


def _top_items(profile: Profile) -> None:
    st.markdown("**Most frequent items**")
    table = pd.DataFrame(
        {
            "Item": [shortened(title or item, 48) for item, title, _ in profile.top_items],
            "Events": [events for _, _, events in profile.top_items],
        }
    )
    most = int(table["Events"].max()) if len(table) else 1
    st.dataframe(
        table,
        hide_index=True,
        column_config={"Events": st.column_config.ProgressColumn(format="localized", max_value=most, min_value=0)},
        alt="The ten most frequent items",
    )


def _suggestion(profile: Profile) -> None:
    st.markdown("**What to predict**")
    st.markdown(f"Suggested: **{counted(profile.horizon, profile.period)}** ahead.")
    st.caption(literal(profile.reason))
    st.markdown("**Kinds of events**")
    for name, events, is_target in profile.kinds:
        mark = "counts as interest" if is_target else "read, not predicted"
        st.markdown(f"{literal(name)} · {count(events)} · :gray[{mark}]")
    if profile.n_titles_missing:
        st.caption(f"{counted(profile.n_titles_missing, 'item')} have no title: they live on their behaviour alone.")
    st.page_link("pages/fine_tune.py", label="**Fine-tune a model on this log**", icon=":material/arrow_forward:")


def _origin(manifest: Manifest) -> None:
    st.markdown(f"File {literal(manifest.source_name)}, stored {day(manifest.created)}.")
    st.caption(
        f"{counted(manifest.n_rows_read, 'row')} read, {counted(sum(manifest.rejected.values()), 'row')} left out."
    )
    for reason, rows in manifest.rejected.items():
        st.markdown(f"- {literal(reason)}: {counted(rows, 'row')}")
    for note in manifest.notes:
        st.markdown(f"- {literal(note)}")


def _actions(ws: Workspace, manifest: Manifest) -> None:
    with st.popover("More", icon=":material/more_horiz:", width="stretch"):
        name = st.text_input("Name", value=manifest.name, key=f"log_rename_{manifest.id}", max_chars=80)
        if st.button("Rename", key="log_rename_button", disabled=name.strip() in {"", manifest.name}):
            with shown_problems():
                datasets.rename(ws, manifest.id, name.strip())
            st.rerun()
        if st.button("Prepare an export", key="log_export", icon=":material/download:"):
            _offer_export(ws, manifest)
        freed = size(datasets.disk_usage(ws, manifest.id))
        if st.button(f"Delete, frees {freed}", key="log_delete", icon=":material/delete:"):
            keep(DELETION, manifest.id)
        if kept(DELETION, "") == manifest.id:
            _confirm_delete(ws, manifest, freed)


def _offer_export(ws: Workspace, manifest: Manifest) -> None:
    out = ws.settings.cache / f"export-{manifest.id}.zip"
    out.unlink(missing_ok=True)
    with shown_problems(), st.spinner("Packing"):
        content = datasets.export_dataset(ws, manifest.id, out).read_bytes()
    out.unlink()
    st.download_button("Download", content, file_name=f"{manifest.id}.zip", key="log_export_file", on_click="ignore")


@st.dialog("Delete this log?", on_dismiss=lambda: forget(DELETION))
def _confirm_delete(ws: Workspace, manifest: Manifest, freed: str) -> None:
    st.markdown(
        f"**{literal(manifest.name)}** and its {counted(manifest.n_events, 'event')} go for good. This frees {freed}."
    )
    if st.button("Delete it", type="primary", key="log_delete_sure"):
        with shown_problems():
            datasets.delete(ws, manifest.id)
        forget(DELETION)
        choose(dataset="")
        st.rerun()
