"""Runs page: how far a run is, how it learns, and what happened to it."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from recviz.jobs.job import Happening, Job
from recviz.language import mark, retold, tr
from recviz.model.config import RunConfig
from recviz.plots.learning import best, learning_chart, stretches
from recviz.services import runs
from recviz.services.starts import chooses_passes, refits
from recviz.services.workspace import Workspace
from recviz.ui.charts import show_chart
from recviz.ui.formats import clock, count, day, literal
from recviz.ui.guards import shown_problems
from recviz.ui.run_words import PHASES, UNJUDGED, capitalised, phase_words, progress_words, reason_words
from recviz.ui.setting_words import in_words
from recviz.ui.tokens import escaped

HISTORY_HEIGHT = 280
FAILED = "failed: "
RESTARTED = (mark("restarted from the beginning"), mark("restarted from the last checkpoint"))
"""Beginnings of lines of a history whose rest is said by itself."""
CHOOSING = mark("choosing passes")
"""The phase whose number of passes is not known before."""


def show_progress(ws: Workspace, job: Job, config: RunConfig, metrics: pd.DataFrame, *, judged: bool) -> None:
    """Draw the phases of a run at work, with the one that it is in, and how far the whole is."""
    with shown_problems():
        chooses = chooses_passes(ws, config, ws.run_folder(job.id))
        anew = refits(ws, config)
    st.html(phase_strip(phases_of(chooses=chooses, anew=anew, judged=judged), job.phase))
    st.progress(job.progress, text=capitalised(" · ".join([*_within(metrics, job, config), progress_words(job)])))


def phases_of(*, chooses: bool, anew: bool, judged: bool) -> dict[str, str]:
    """Return the phases that a run goes through, in their order, with what each does.

    Args:
        chooses: Whether it chooses its passes; one that does not fits once.
        anew: Whether it is trained anew once they are chosen.
        judged: Whether it holds anything out.
    """
    left_out = CHOOSING if not chooses else "" if anew else "refit"
    phases = PHASES if judged else UNJUDGED
    return {phase: words for phase, words in phases.items() if phase != left_out}


def phase_strip(phases: Mapping[str, str], now: str) -> str:
    """Return the phases as HTML: done, under way, still to come.

    Args:
        phases: Those that the run goes through, with what each does.
        now: What it says that it is doing; a short phase counts to what comes next.
    """
    name = now.partition(": ")[0]
    after = {"loading": 0, "measuring the level": len(phases) - 1, "writing the model": len(phases) - 1}
    place = [*phases].index(name) if name in phases else after.get(name, 0)
    steps = "".join(_step(words, at - place) for at, words in enumerate(phases.values()))
    return f'<div style="display:flex;flex-wrap:wrap;gap:4px 22px;font-size:.92rem">{steps}</div>'


def _step(words: str, ahead: int) -> str:
    sign, style = (
        ("✓", "opacity:.62") if ahead < 0 else ("●", "font-weight:600") if ahead == 0 else ("○", "opacity:.62")
    )
    colour = "#1B7A4B" if ahead < 0 else "#1c7fbf" if ahead == 0 else "inherit"
    return (
        f'<span style="{style}"><span style="color:{colour};padding-right:6px">{sign}</span>{escaped(tr(words))}</span>'
    )


def _within(metrics: pd.DataFrame, job: Job, config: RunConfig) -> list[str]:
    """Say the pass and the step within the phase where it counts them, else which part of it is done."""
    name, _, part = job.phase.partition(": ")
    rows = metrics[metrics["phase"] == name]
    if not len(rows):
        return [phase_words(part or name)] if part or name not in PHASES else []
    last = rows.iloc[-1]
    words = tr("pass {n} of at most {most}") if name == CHOOSING else tr("pass {n}")
    step = tr("step {n} of {all}").format(n=count(last["step"]), all=count(last["steps"]))
    return [words.format(n=count(last["pass_"]), most=count(config.passes)), step]


def show_learning(ws: Workspace, job: Job, metrics: pd.DataFrame, *, judged: bool) -> None:
    """Draw the curves and the history side by side."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        parts = stretches(metrics)
        if parts:
            show_chart(learning_chart(parts, {name: tr(words) for name, words in PHASES.items()}), "runs_learning")
        else:
            ended = tr("It ended before its first step.")
            st.caption(ended if job.has_ended else tr("The curves begin with the first steps."))
    with right:
        _history(runs.history(ws, job.id), PHASES if judged else UNJUDGED)


def best_words(metrics: pd.DataFrame) -> str:
    """Say where validation was best: ``best at step 800``; "" while nothing was validated."""
    found = best(stretches(metrics))
    return tr("best at step {n}").format(n=count(found.step)) if found else ""


def _history(happenings: Sequence[Happening], phases: Mapping[str, str]) -> None:
    """Draw what happened, the newest first, with its day where that changes."""
    st.markdown(f"**{tr('What happened')}**")
    with st.container(height=HISTORY_HEIGHT, border=False, gap="xxsmall"):
        today = ""
        for line in reversed(happenings):
            if day(line.when) != today:
                today = day(line.when)
                st.caption(today)
            st.markdown(f":small[:gray[{clock(line.when)}] {literal(happening_words(line.text, phases))}]")


def happening_words(text: str, phases: Mapping[str, str] = PHASES) -> str:
    """Say a line of a run's history as a sentence begins; a phase's or setting's own name becomes what it is called."""
    if text in phases:
        return tr(phases[text])
    if text.startswith(FAILED):
        return capitalised(tr("failed: {reason}").format(reason=reason_words(text.removeprefix(FAILED))))
    head, bound, changes = text.removeprefix(f"{CHOOSING}, ").partition(", with ")
    if head not in RESTARTED or not bound:
        return capitalised(in_words(retold(text.removeprefix(f"{CHOOSING}, "))))
    words = tr("{what}, with {changes}")
    each = tr(", ").join(retold(change) for change in changes.split(", "))
    return capitalised(in_words(words.format(what=retold(head), changes=each)))
