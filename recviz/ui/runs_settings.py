"""Runs page: the settings of a run in words, what differs from its preset first."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recviz.jobs.job import Job
from recviz.services.workspace import Workspace
from recviz.ui.formats import counted, literal
from recviz.ui.launching import command
from recviz.ui.setting_words import Told, grouped, told


def show_settings(ws: Workspace, job: Job) -> None:
    """Draw what differs from the preset, then everything, folded, then the command that does the same."""
    config = ws.run_config(job.id)
    settings = told(config)
    changed = [one for one in settings if one.is_changed]
    preset = config.preset.capitalize()
    if changed:
        st.markdown(f"**{preset}, with {counted(len(changed), 'setting')} of its own**")
        _table(changed, preset, "The settings that differ from the preset")
    else:
        st.markdown(f"**{preset}, as it is**")
    with st.expander("All settings", icon=":material/tune:"):
        for group, members in grouped(settings):
            st.markdown(f"**{group}**")
            _table(members, preset, f"Settings of the group {group}")
    with st.expander("The same without a browser", icon=":material/terminal:"):
        st.code(command(config), language="bash", wrap_lines=True)


def _table(settings: Sequence[Told], preset: str, alt: str) -> None:
    st.table(
        pd.DataFrame(
            {
                "Setting": [literal(one.label) for one in settings],
                "This run": [f"**{literal(one.value)}**" if one.is_changed else literal(one.value) for one in settings],
                preset: [literal(one.preset) for one in settings],
                "What it does": [f":small[:gray[{literal(one.help)}]]" for one in settings],
            }
        ),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )
