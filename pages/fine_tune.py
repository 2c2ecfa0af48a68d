"""What will it cost, what will I get?"""

import streamlit as st

from recviz.language import tr
from recviz.ui.guards import require_dataset, shown_problems
from recviz.ui.held_out import held_out
from recviz.ui.launching import choose_preset, make_config, start, warn_of_text
from recviz.ui.log_profile import profile_of
from recviz.ui.tuning_form import adopt_pattern, language_model, other_settings, say_pattern

ws, dataset = require_dataset()
with shown_problems():
    profile = profile_of(ws, dataset.id, dataset.manifest.source_sha256)

st.title(tr("Fine-tune a model on this log"))
adopt_pattern(ws)
preset = choose_preset(ws, dataset)
say_pattern(preset)
model = language_model(preset)
warn_of_text(profile, model["backbone"])
st.markdown(f"**{tr('What is held out to judge it')}**")
window = held_out(dataset, profile, preset)
more = other_settings(preset, window["split"])
start(ws, dataset, make_config(dataset, preset, {**model, **window, **more}))
