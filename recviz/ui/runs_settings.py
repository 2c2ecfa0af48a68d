"""Runs page: the settings of a run in words, what differs from its preset first."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.jobs.job import Job
from recviz.language import tr, tr_n
from recviz.services.workspace import Workspace
from recviz.ui.formats import count, literal
from recviz.ui.launching import command
from recviz.ui.setting_words import Told, grouped, told


def show_settings(ws: Workspace, job: Job) -> None:
    """Draw what differs from the preset, then everything, folded, then the command that does the same."""
    config = ws.run_config(job.id)
    settings = told(config)
    changed = [one for one in settings if one.is_changed]
    preset = tr(config.preset.capitalize())
    if changed:
        words = tr_n("{preset}, with {n} setting of its own", "{preset}, with {n} settings of its own", len(changed))
        st.markdown(f"**{words.format(preset=preset, n=count(len(changed)))}**")
        _table(changed, preset, tr("The settings that differ from the preset"))
    else:
        st.markdown(f"**{tr('{preset}, as it is').format(preset=preset)}**")
    with st.expander(tr("All settings"), icon=":material/tune:"):
        for group, members in grouped(settings):
            st.markdown(f"**{group}**")
            _table(members, preset, tr("Settings of the group {group}").format(group=group))
    with st.expander(tr("The same without a browser"), icon=":material/terminal:"):
        st.code(command(config), language="bash", wrap_lines=True)


def _table(settings: Sequence[Told], preset: str, alt: str) -> None:
    st.table(
        pd.DataFrame(
            {
                tr("Setting"): [literal(one.label) for one in settings],
                tr("This run"): [
                    f"**{literal(one.value)}**" if one.is_changed else literal(one.value) for one in settings
                ],
                preset: [literal(one.preset) for one in settings],
                tr("What it does"): [f":small[:gray[{literal(one.help)}]]" for one in settings],
            }
        ),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )
