"""Log page, below: what a stored log is like, and what can be done with it."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from recviz.data.dataset import Manifest
from recviz.data.findings import Profile
from recviz.language import mark, retold, tr, tr_n
from recviz.plots.profile import activity_area, events_per_user
from recviz.services import datasets
from recviz.services.workspace import Workspace
from recviz.ui.caches import remembered
from recviz.ui.charts import charts_beside, half_page
from recviz.ui.formats import count, counted, day, decimal, literal, share, shortened, size
from recviz.ui.guards import require_dataset, shown_problems
from recviz.ui.log_columns import show_histories
from recviz.ui.session import choose, forget, keep, kept

DELETION = "log_deletion"
"""Under this name the log is kept whose deletion is being asked about."""


@remembered(mark("Looking at the log"), entries=16)
def profile_of(ws: Workspace, dataset_id: str, content: str) -> Profile:
    """Return a log's profile; ``content`` is its fingerprint, since an id could come again."""
    del content
    return datasets.profile(ws, dataset_id)


def show_profile() -> None:
    """Draw the chosen log: headline, figures, charts, warnings, first histories, and what can be done with it."""
    ws, dataset = require_dataset()
    top, actions = st.columns([6, 1], vertical_alignment="bottom")
    top.title(headline(dataset.manifest))
    with actions:
        _actions(ws, dataset.manifest)
    with shown_problems():
        profile = profile_of(ws, dataset.id, dataset.manifest.source_sha256)
    _figures(profile)
    for warning in profile.warnings:
        st.warning(literal(retold(warning)), icon=":material/translate:" if "read" in warning else ":material/info:")
    _charts(profile)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _top_items(profile)
    with right:
        _suggestion(profile)
    with st.expander(tr("The first histories, as the model will see them"), icon=":material/person:"):
        show_histories(profile.histories)
    with st.expander(tr("Where it came from"), icon=":material/history:"):
        _origin(dataset.manifest)


def headline(manifest: Manifest) -> str:
    """Say in a sentence what the log holds."""
    events, users = counted(manifest.n_events, "event"), counted(manifest.n_users, "user")
    if not manifest.span_days:
        said = tr("{log}: {events} of {users}, in an order without times")
        return literal(said.format(log=manifest.name, events=events, users=users))
    weeks = counted(round(manifest.span_days / 7) or 1, "week")
    said = tr("{log}: {events} of {users} in {weeks}")
    return literal(said.format(log=manifest.name, events=events, users=users, weeks=weeks))


def _figures(profile: Profile) -> None:
    per_user = profile.events_per_user
    figures = [
        (tr("Users"), count(profile.n_users), tr("{n} with interest").format(n=count(profile.n_active_users))),
        (tr("Items"), count(profile.n_items), _categories(profile)),
        (
            tr("Events per user"),
            decimal(per_user["median"]),
            tr("a tenth has over {n}").format(n=count(per_user["q90"])),
        ),
        (
            tr("Repeats"),
            share(profile.repeat_share),
            tr("{share} of events in baskets").format(share=share(profile.basket_share)),
        ),
    ]
    for column, (label, value, below) in zip(st.columns(len(figures)), figures, strict=True):
        with column.container(border=True, gap="xxsmall"):
            st.metric(label, value)
            st.caption(below)


def _categories(profile: Profile) -> str:
    return counted(profile.n_categories, "category", "categories") if profile.n_categories else tr("no categories")


def _charts(profile: Profile) -> None:
    with charts_beside():
        left, right = half_page(1.2), half_page(0.8)
    if profile.activity:
        starts = [datetime.fromisoformat(first).replace(tzinfo=UTC) for first, _, _ in profile.activity]
        chart = activity_area(starts, [events for _, events, _ in profile.activity], "week")
        left.plotly_chart(chart.figure, alt=chart.alt, key="log_activity", config={"displayModeBar": False})
    else:
        left.info(
            tr("This log has an order only: it is used for ranking and explanation, and has no curves over weeks.")
        )
    histogram = profile.events_per_user_histogram
    if histogram:
        edges = [low for low, _, _ in histogram] + [histogram[-1][1] + 1]
        chart = events_per_user(edges, [users for _, _, users in histogram])
        right.plotly_chart(chart.figure, alt=chart.alt, key="log_per_user", config={"displayModeBar": False})


def _top_items(profile: Profile) -> None:
    st.markdown(f"**{tr('Most frequent items')}**")
    events = tr("Events")
    table = pd.DataFrame(
        {
            tr("Item"): [shortened(title or item, 48) for item, title, _ in profile.top_items],
            events: [number for _, _, number in profile.top_items],
        }
    )
    most = int(table[events].max()) if len(table) else 1
    st.dataframe(
        table,
        hide_index=True,
        column_config={events: st.column_config.ProgressColumn(format="localized", max_value=most, min_value=0)},
        alt=tr("The ten most frequent items"),
    )


def _suggestion(profile: Profile) -> None:
    st.markdown(f"**{tr('What to predict')}**")
    st.markdown(tr("Suggested: **{time}** ahead.").format(time=counted(profile.horizon, profile.period)))
    st.caption(literal(retold(profile.reason)))
    st.markdown(f"**{tr('Kinds of events')}**")
    for name, events, is_target in profile.kinds:
        counts = tr("counts as interest") if is_target else tr("read, not predicted")
        st.markdown(f"{literal(name)} · {count(events)} · :gray[{counts}]")
    if profile.n_titles_missing:
        st.caption(
            tr_n(
                "{n} item has no title: it lives on its behaviour alone.",
                "{n} items have no title: they live on their behaviour alone.",
                profile.n_titles_missing,
            ).format(n=count(profile.n_titles_missing))
        )
    st.page_link(
        "pages/fine_tune.py", label=f"**{tr('Fine-tune a model on this log')}**", icon=":material/arrow_forward:"
    )


def _origin(manifest: Manifest) -> None:
    st.markdown(tr("File {name}, stored {day}.").format(name=literal(manifest.source_name), day=day(manifest.created)))
    st.caption(
        tr("{rows} read, {others} left out.").format(
            rows=counted(manifest.n_rows_read, "row"), others=counted(sum(manifest.rejected.values()), "row")
        )
    )
    for reason, rows in manifest.rejected.items():
        st.markdown(f"- {literal(retold(reason))}: {counted(rows, 'row')}")
    for note in manifest.notes:
        st.markdown(f"- {literal(retold(note))}")


def _actions(ws: Workspace, manifest: Manifest) -> None:
    with st.popover(tr("More"), icon=":material/more_horiz:", width="stretch"):
        name = st.text_input(tr("Name"), value=manifest.name, key=f"log_rename_{manifest.id}", max_chars=80)
        if st.button(tr("Rename"), key="log_rename_button", disabled=name.strip() in {"", manifest.name}):
            with shown_problems():
                datasets.rename(ws, manifest.id, name.strip())
            st.rerun()
        if st.button(tr("Prepare an export"), key="log_export", icon=":material/download:"):
            _offer_export(ws, manifest)
        freed = size(datasets.disk_usage(ws, manifest.id))
        if st.button(tr("Delete, frees {size}").format(size=freed), key="log_delete", icon=":material/delete:"):
            keep(DELETION, manifest.id)
        if kept(DELETION, "") == manifest.id:
            ask = st.dialog(tr("Delete this log?"), on_dismiss=lambda: forget(DELETION))
            ask(_confirm_delete)(ws, manifest, freed)


def _offer_export(ws: Workspace, manifest: Manifest) -> None:
    out = ws.settings.cache / f"export-{manifest.id}.zip"
    out.unlink(missing_ok=True)
    with shown_problems(), st.spinner(tr("Packing")):
        content = datasets.export_dataset(ws, manifest.id, out).read_bytes()
    out.unlink()
    st.download_button(
        tr("Download"), content, file_name=f"{manifest.id}.zip", key="log_export_file", on_click="ignore"
    )


def _confirm_delete(ws: Workspace, manifest: Manifest, freed: str) -> None:
    st.markdown(
        tr("**{log}** and its {events} go for good. This frees {size}.").format(
            log=literal(manifest.name), events=counted(manifest.n_events, "event"), size=freed
        )
    )
    if st.button(tr("Delete it"), type="primary", key="log_delete_sure"):
        with shown_problems():
            datasets.delete(ws, manifest.id)
        forget(DELETION)
        choose(dataset="")
        st.rerun()
