"""Log page, step 1: the files. An upload is copied to the workspace at once, so that memory holds no second copy."""

from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from recviz.data.findings import CheckReport
from recviz.data.plan import LogPlan
from recviz.language import mark, tr
from recviz.services import datasets
from recviz.services.datasets import LogFiles, Upload
from recviz.services.workspace import Workspace
from recviz.ui.formats import literal, size
from recviz.ui.guards import shown_problems
from recviz.ui.session import forget, keep, kept

DRAFT = "log_draft"
REPORT = "log_report"
"""Under this name the last check is kept."""
ENDINGS = ["csv", "tsv", "txt", "gz", "zip", "json", "jsonl", "ndjson", "parquet", "xlsx"]
Part = Literal["events", "items", "users"]
PARTS: dict[Part, str] = {
    "events": mark("Who did what, and when: one row an event"),
    "items": mark("Optional: what the items are called"),
    "users": mark("Optional: what is known of the users"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A log on its way in: its files so far, and how often the form was emptied."""

    events: Upload | None = None
    items: Upload | None = None
    users: Upload | None = None
    round: int = 0
    """Part of the widgets' keys: a new round is an empty form."""

    @property
    def files(self) -> LogFiles | None:
        """The files as the services take them, once there is one of events."""
        if self.events is None:
            return None
        return LogFiles(events=self.events, items=self.items, users=self.users)


@dataclass(frozen=True, slots=True)
class Checked:
    """A report and the very plan that it is of: another plan needs another check."""

    plan: LogPlan
    report: CheckReport


def draft() -> Draft:
    """Return the log that this tab is bringing in."""
    return kept(DRAFT, Draft())


def discard_draft(ws: Workspace) -> None:
    """Empty the form and remove the uploads behind it."""
    for upload in (draft().events, draft().items, draft().users):
        if upload is not None and upload.id:
            datasets.delete_upload(ws, upload.id)
    forget(REPORT)
    keep(DRAFT, Draft(round=draft().round + 1))


def choose_files(ws: Workspace) -> LogFiles | None:
    """Draw step 1 and return the files, once there is one of events."""
    st.subheader(f"1 · {tr('File')}")
    if draft().events is None:
        _drop_zone(ws, "events")
        _server_path(ws)
    else:
        _chosen(ws, "events")
        with st.expander(tr("Items and users of their own (optional)"), icon=":material/add:"):
            left, right = st.columns(2)
            with left:
                _part(ws, "items")
            with right:
                _part(ws, "users")
    return draft().files


def _part(ws: Workspace, part: Part) -> None:
    if getattr(draft(), part) is None:
        _drop_zone(ws, part)
    else:
        _chosen(ws, part)


def _drop_zone(ws: Workspace, part: Part) -> None:
    limit = ws.settings.max_upload_mb
    uploaded = st.file_uploader(
        tr(PARTS[part]),
        type=ENDINGS,
        key=f"log_{part}_{draft().round}",
        max_upload_size=limit,
        help=tr("CSV or TSV, JSON lines, Parquet or Excel; gz and zip are unpacked. At most {size}.").format(
            size=size(limit * 1e6)
        ),
    )
    if uploaded is None:
        return
    with shown_problems(), st.spinner(tr("Taking the file in")):
        _take(part, datasets.receive_upload(ws, uploaded.name, uploaded))
    st.rerun()


def _server_path(ws: Workspace) -> None:
    if not ws.settings.import_roots:
        return
    folders = ", ".join(str(root) for root in ws.settings.import_roots)
    with st.expander(tr("A file on the server instead"), icon=":material/dns:"):
        path = st.text_input(
            tr("Path"), key=f"log_path_{draft().round}", help=tr("Below {folders}").format(folders=literal(folders))
        )
        if st.button(tr("Use this file"), key="log_use_path", disabled=not path):
            with shown_problems():
                _take("events", datasets.server_file(ws, path))
            st.rerun()


def _take(part: Part, upload: Upload) -> None:
    keep(DRAFT, replace(draft(), **{part: upload}, round=draft().round + 1))
    forget(REPORT)


def _chosen(ws: Workspace, part: Part) -> None:
    upload: Upload = getattr(draft(), part)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/description: **{literal(upload.name)}** · {size(upload.n_bytes)}")
        st.button(
            tr("Another file"), key=f"log_remove_{part}", icon=":material/close:", type="tertiary",
            on_click=_remove, args=(ws, part),
        )  # fmt: skip


def _remove(ws: Workspace, part: Part) -> None:
    if part == "events":
        discard_draft(ws)
        return
    upload: Upload = getattr(draft(), part)
    if upload.id:
        datasets.delete_upload(ws, upload.id)
    keep(DRAFT, replace(draft(), items=None) if part == "items" else replace(draft(), users=None))
    forget(REPORT)
