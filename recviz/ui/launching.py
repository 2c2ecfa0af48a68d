"""Fine-tune page: presets with what they cost here, the equivalent command, and the start."""

import json
import math
import secrets
import shlex
from dataclasses import asdict, fields
from typing import Any

import streamlit as st

from recviz.data.dataset import Dataset
from recviz.data.findings import Profile
from recviz.data.split import usual_split
from recviz.language import mark, retold, tr
from recviz.model.config import PRESETS, Preset, RunConfig, preset_config, usual_config
from recviz.services import runs
from recviz.services.estimates import Estimate, estimate
from recviz.services.workspace import Workspace
from recviz.ui.caches import remembered
from recviz.ui.formats import counted, literal, share, size
from recviz.ui.guards import shown_problems
from recviz.ui.session import address, choose, forget, keep, kept
from recviz.ui.setting_words import preset_name
from recviz.ui.tuning_form import PATTERN, PRESET, key, pattern

PRESET_WORDS: dict[Preset, str] = {
    "fast": mark("Leaves the language model as it is: the quickest look at a log."),
    "balanced": mark("Tunes the language model's last layers on your log. The default."),
    "thorough": mark("Tunes every layer with LoRA and takes more passes. For results that are kept."),
}
UNREADABLE_LIMIT = 0.10
COMMAND_OPTIONS = {"backbone": "backbone", "tuning": "tuning", "split": "split", "cut": "origin", "period": "period",
                   "horizon": "horizon", "seed": "seed"}  # fmt: skip
"""Settings that `recviz train` has an option for; the others go through ``--set``."""
MINUTE = 60
LONGEST_NAME = 80
CHANGED = mark(", changed")
LAUNCH = "fine_tune_key"
STARTED = "fine_tune_started"


def estimated(ws: Workspace, config: RunConfig) -> Estimate:
    """Return what a run would cost; see `recviz.services.estimates.estimate`."""
    return _estimated(ws, config, tuple(job.id for job in runs.runs(ws) if job.state == "completed"))


@remembered(entries=64)
def _estimated(ws: Workspace, config: RunConfig, learnt_from: tuple[str, ...]) -> Estimate:  # noqa: ARG001 - tells answers apart
    return estimate(ws, config)


def choose_preset(ws: Workspace, dataset: Dataset) -> Preset:
    """Draw the presets as cards with what each costs here, and return the chosen one."""
    chosen: Preset = kept(PRESET, "balanced")
    for place, preset in zip(st.columns(len(PRESETS), gap="small"), PRESETS, strict=True):
        with shown_problems():
            cost = estimated(ws, preset_config(preset, dataset=dataset.id, split=usual_split(dataset)))
        with place.container(
            border=True, key=f"preset_{preset}_{'on' if preset == chosen else 'off'}", height="stretch"
        ):
            st.markdown(f"#### {preset_name(preset)}")
            st.markdown(
                tr("**about {time}** · {size} of memory").format(
                    time=rounded(cost.seconds), size=size(cost.memory_bytes)
                )
            )
            st.caption(tr(PRESET_WORDS[preset]))
            st.button(
                tr("Chosen") if preset == chosen else tr("Take {preset}").format(preset=preset_name(preset)),
                key=f"fine_tune_{preset}", width="stretch", type="primary" if preset == chosen else "secondary",
                on_click=keep, args=(PRESET, preset),
            )  # fmt: skip
    return chosen


def warn_of_text(profile: Profile, backbone: str) -> None:
    """Say where the default language model cannot read the log's text, and what to take instead."""
    if profile.unreadable_share is None or profile.unreadable_share <= UNREADABLE_LIMIT or backbone != "minilm":
        return
    st.warning(
        tr(
            "MiniLM cannot read {share} of this log's text. Take a multilingual language model above, such as "
            "intfloat/multilingual-e5-small or Qwen/Qwen3-Embedding-0.6B. Started as it is, items live on their "
            "behaviour alone where their text cannot be read."
        ).format(share=share(profile.unreadable_share)),
        icon=":material/translate:",
    )


def make_config(dataset: Dataset, preset: Preset, changes: dict[str, Any]) -> RunConfig:
    """Put the settings together; a wrong one is told on the page."""
    with shown_problems():
        return preset_config(preset, dataset=dataset.id, **changes)


def start(ws: Workspace, dataset: Dataset, config: RunConfig) -> None:
    """Draw the cost of the very settings, the start, and the command that does the same."""
    if kept(STARTED, ""):
        forget(STARTED)
        forget(LAUNCH)
        forget(PATTERN)
        st.switch_page("pages/runs.py", query_params=address())
    once = kept(LAUNCH, "") or secrets.token_hex(8)
    keep(LAUNCH, once)
    with shown_problems():
        cost = estimated(ws, config)
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            tr("Name of the run"), value=_usual_name(config, dataset), key=key(config.preset, "name"), max_chars=LONGEST_NAME,
        )  # fmt: skip
        st.button(
            tr("Start, about {time}").format(time=rounded(cost.seconds)), type="primary", icon=":material/play_arrow:", key="fine_tune_start",
            on_click=_launch, args=(ws, config, name, once),
        )  # fmt: skip
    st.caption(literal(retold(cost.reason)))
    with st.expander(tr("The same without a browser"), icon=":material/terminal:"):
        st.code(command(config), language="bash", wrap_lines=True)


def _usual_name(config: RunConfig, dataset: Dataset) -> str:
    known = pattern(config.preset)
    if known is not None:
        changed = tr(CHANGED)
        return f"{known.name[: LONGEST_NAME - len(changed)].removesuffix(changed)}{changed}"
    name = tr("{preset} on {log}").format(preset=preset_name(config.preset), log=dataset.manifest.name)
    return name[:LONGEST_NAME]


def rounded(seconds: float) -> str:
    """Write an estimate no finer than it is: ``40 s``, ``4 min``, ``2 h``."""
    if seconds < MINUTE:
        return tr("{seconds} s").format(seconds=max(10, 10 * math.ceil(seconds / 10)))
    if seconds < 90 * MINUTE:
        return tr("{n} min").format(n=math.ceil(seconds / MINUTE))
    return counted(math.ceil(seconds / (60 * MINUTE)), "hour")


def command(config: RunConfig) -> str:
    """Return the command that starts the same run."""
    defaults = asdict(usual_config(config))
    words = ["recviz", "train", config.dataset, "--preset", config.preset]
    for spec in fields(RunConfig):
        value = getattr(config, spec.name)
        if spec.name in {"dataset", "preset"} or value == defaults[spec.name]:
            continue
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        words += (
            [f"--{COMMAND_OPTIONS[spec.name]}", text]
            if spec.name in COMMAND_OPTIONS
            else ["--set", f"{spec.name}={text}"]
        )
    return shlex.join(words)


def _launch(ws: Workspace, config: RunConfig, name: str, once: str) -> None:
    """Start the run once: a second click still carries the same ``once``, since the page moves on before a new one."""
    with shown_problems():
        run_id = runs.launch(ws, config, name, once)
    choose(dataset=config.dataset, run=run_id)
    keep(STARTED, run_id)
