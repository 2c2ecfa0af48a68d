"""Log page, step 4: what would be stored, what is left out and why; then storing it."""

from datetime import datetime

import pandas as pd
import streamlit as st

from recviz.data.findings import CheckReport, Preview
from recviz.data.plan import LogPlan
from recviz.language import retold, tr
from recviz.services import datasets
from recviz.services.datasets import LogFiles
from recviz.services.workspace import Workspace
from recviz.ui.formats import between, count, counted, literal, share
from recviz.ui.guards import show_problems, shown_problems
from recviz.ui.log_columns import show_histories
from recviz.ui.log_file import REPORT, Checked, discard_draft
from recviz.ui.session import choose, keep, kept

OFFERED_ROWS = 100_000
"""Beyond so many rejected rows the download is Parquet, which a spreadsheet could not hold anyway."""


def check_rows(ws: Workspace, files: LogFiles, preview: Preview) -> None:
    """Draw step 4: check all rows, show what would be stored, and store it."""
    st.subheader(f"4 · {tr('Check')}")
    checked: Checked | None = kept(REPORT, None)
    is_current = checked is not None and checked.plan == preview.plan
    if st.button(
        tr("Check all rows"),
        key="log_check",
        type="secondary" if is_current else "primary",
        icon=":material/fact_check:",
        disabled=bool(preview.problems),
    ):
        with shown_problems(), st.spinner(tr("Reading every row; nothing is stored yet")):
            keep(REPORT, Checked(preview.plan, datasets.check(ws, files, preview.plan)))
        st.rerun()
    if preview.problems:
        st.caption(tr("Put right what is marked above first."))
    elif checked is None or not is_current:
        st.caption(tr("Reads the whole file and tells what would be stored. Nothing is stored before you say so."))
    else:
        _show_report(ws, files, checked)


def _show_report(ws: Workspace, files: LogFiles, checked: Checked) -> None:
    report = checked.report
    st.markdown(f"#### {outcome(report)}")
    for column, (label, value) in zip(st.columns(4), _figures(report), strict=True):
        column.metric(label, value, border=True)
    _show_rejections(ws, files, checked)
    for note in (*_observations(report), *map(retold, report.notes)):
        st.markdown(f":material/info: {literal(note)}")
    with st.expander(tr("First histories"), icon=":material/person:"):
        show_histories(report.histories)
    show_problems(report.problems)
    if not report.problems:
        _store(ws, files, checked.plan)


def outcome(report: CheckReport) -> str:
    """Say in a sentence what would be stored."""
    left_out = sum(rejection.n_rows for rejection in report.rejections)
    rows, events = counted(report.n_rows, "row"), counted(report.n_events, "event")
    if not left_out:
        return tr("{rows} become {events}; no row would be left out").format(rows=rows, events=events)
    return tr("{rows} become {events}; {others} would be left out").format(
        rows=rows, events=events, others=counted(left_out, "row")
    )


def _figures(report: CheckReport) -> list[tuple[str, str]]:
    return [
        (tr("Users"), count(report.n_users)),
        (tr("Items"), count(report.n_items)),
        (tr("Events"), count(report.n_events)),
        _span(report),
    ]


def _span(report: CheckReport) -> tuple[str, str]:
    if report.time is None or not report.time.first:
        return (tr("Span"), tr("order only"))
    first, last = map(datetime.fromisoformat, (report.time.first, report.time.last))
    return (between(report.time.first, report.time.last), counted((last - first).days // 7 + 1, "week"))


def _observations(report: CheckReport) -> list[str]:
    """Say what the report's own notes do not: baskets and kinds."""
    found = []
    if report.n_tied and report.n_events:
        found.append(
            tr("{share} of the events share their time with another of their user: they are read as baskets.").format(
                share=share(report.n_tied / report.n_events)
            )
        )
    if len(report.kinds) > 1:
        kinds = ", ".join(f"{name} ({count(number)})" for name, number in report.kinds.items())
        found.append(
            tr("Kinds of events: {kinds}. What counts as interest: {targets}.").format(
                kinds=kinds, targets=", ".join(report.targets)
            )
        )
    return found


def _show_rejections(ws: Workspace, files: LogFiles, checked: Checked) -> None:
    rejections = checked.report.rejections
    if not rejections:
        return
    table = pd.DataFrame(
        {
            tr("Left out because"): [retold(rejection.reason) for rejection in rejections],
            tr("Rows"): [rejection.n_rows for rejection in rejections],
            tr("First lines"): [", ".join(map(count, rejection.first_lines[:5])) for rejection in rejections],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={tr("Rows"): st.column_config.NumberColumn(format="localized", width="small")},
        alt=tr("Rows that would be left out, by reason"),
    )
    total = sum(rejection.n_rows for rejection in rejections)
    ending = "csv" if total <= OFFERED_ROWS else "parquet"
    if st.button(
        tr("Prepare the {rows} for download").format(rows=counted(total, "row")),
        key="log_rejected",
        icon=":material/download:",
    ):
        out = ws.settings.cache / f"left-out-{files.events.id or 'file'}.{ending}"
        with shown_problems(), st.spinner(tr("Collecting the rows")):
            datasets.rejected_rows(ws, files, checked.plan, out)
        content = out.read_bytes()
        out.unlink()
        st.download_button(
            tr("Download"), content, file_name=f"left-out.{ending}", key="log_rejected_file", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip


def _store(ws: Workspace, files: LogFiles, plan: LogPlan) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(tr("Name"), value=_plain_name(files.events.name), key="log_name", max_chars=80)
        is_asked = st.button(tr("Store this log"), type="primary", icon=":material/save:", key="log_store")
    if not is_asked:
        return
    with shown_problems(), st.status(tr("Storing the log")) as status:
        ingested = datasets.ingest(ws, files, plan, name, lambda what, _: status.update(label=retold(what)))
    discard_draft(ws)
    choose(dataset=ingested.dataset_id)
    keep("log_view_next", "profile")
    st.toast(
        tr("This log was here already.") if ingested.was_there else tr("The log is stored."), icon=":material/check:"
    )
    st.rerun()


def _plain_name(file_name: str) -> str:
    stem = file_name.replace("\\", "/").rpartition("/")[2].split(".")[0]
    return stem.replace("_", " ").replace("-", " ").strip().capitalize() or tr("My log")
