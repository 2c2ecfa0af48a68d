"""Which of the run's baselines stands beside the model's curves of activity."""

import streamlit as st

from recviz.language import retold, tr
from recviz.services.beside import count_choices, judged_order
from recviz.ui.interest_data import OpenRun
from recviz.ui.linked import linked, take

BASELINE = "baseline"
"""The word of the address that names the chosen baseline; the best is not named."""
BEST = ""


def choose_baseline(opened: OpenRun, key: str) -> str:
    """Draw the choice between the baselines that the run was judged beside, and return the chosen one's name.

    Args:
        opened: The run.
        key: Of the widget.

    Returns:
        Empty for the best.
    """
    names = count_choices(opened.ws, opened.run)
    best = tr("{name}, the best") if judged_order(opened.ws, opened.run, "counts") else "{name}"
    options = (BEST, *names[1:])
    st.session_state[key] = linked(BASELINE, options, BEST)
    chosen: str = st.selectbox(
        tr("Dashed beside it"),
        options,
        format_func=lambda name: retold(name) if name else best.format(name=retold(names[0])),
        key=key,
        on_change=take,
        args=(BASELINE, key, BEST),
        help=tr(
            "A method without a language model, fitted on the same past. Runs tells how the model and each of them "
            "did on what was held out."
        ),
    )
    return chosen
