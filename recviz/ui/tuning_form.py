"""Fine-tune page: the settings of a run, each with its sentence, made from the settings' own metadata."""

from collections.abc import Iterator
from dataclasses import Field, fields
from itertools import groupby
from typing import Any, Literal, get_args, get_origin, get_type_hints

import streamlit as st

from recviz.model.config import Preset, RunConfig, Tuning, preset_config
from recviz.ui.formats import decimal
from recviz.ui.session import session

BACKBONES = {
    "minilm": "MiniLM, 22.7 M parameters, on this machine, reads English",
    "intfloat/multilingual-e5-small": "multilingual-e5-small, 118 M parameters, about 100 languages",
    "Qwen/Qwen3-Embedding-0.6B": "Qwen3-Embedding-0.6B, about 100 languages, wants a GPU",
}
TUNING_WORDS: dict[Tuning, str] = {
    "frozen": "The language model stays as it is; only the network above it learns. Fastest.",
    "top": "Its last layers learn from your log; the rest is worked out once and kept. A good middle.",
    "lora": "Small added matrices learn in every layer: close to full tuning for a part of its memory.",
    "full": "All of it learns. Slowest, wants the most memory, and pays off on large logs.",
}
TUNING_LABELS: dict[Tuning, str] = {"frozen": "Frozen", "top": "Top layers", "lora": "LoRA", "full": "Full"}
IN_FRONT = ("dataset", "preset", "backbone", "tuning", "cut", "period", "horizon", "split", "format")
"""Settings that the page shows in front, or that are not chosen."""


def key(preset: Preset, name: str) -> str:
    """Name a widget: another log or preset starts from its own defaults."""
    return f"fine_tune_{session().dataset}_{preset}_{name}"


def language_model(preset: Preset) -> dict[str, Any]:
    """Draw the choice of backbone and tuning and return both."""
    defaults = preset_config(preset)
    left, right = st.columns(2, gap="large")
    with left:
        backbone = st.selectbox(
            "Language model",
            list(BACKBONES),
            format_func=lambda name: BACKBONES.get(name, name),
            key=key(preset, "backbone"),
            accept_new_options=True,
            help="Any model of the Hugging Face hub by its name, or a folder on this server, with safetensors weights.",
        )
    with right:
        tuning: Tuning = st.segmented_control(
            "How much of it learns",
            list(TUNING_WORDS),
            default=defaults.tuning,
            format_func=lambda name: TUNING_LABELS[name],
            key=key(preset, "tuning"),
            required=True,
        )
        st.caption(TUNING_WORDS[tuning])
    return {"backbone": backbone or defaults.backbone, "tuning": tuning}


def other_settings(preset: Preset) -> dict[str, Any]:
    """Draw every other setting, folded, in groups, and return those that differ from the preset."""
    defaults = preset_config(preset)
    changed: dict[str, Any] = {}
    with st.expander("All settings", icon=":material/tune:"):
        for group, specs in _groups():
            st.markdown(f"**{group.capitalize()}**")
            columns = st.columns(3, gap="medium")
            for place, spec in enumerate(specs):
                with columns[place % len(columns)]:
                    value = _widget(preset, spec, getattr(defaults, spec.name))
                if value != getattr(defaults, spec.name):
                    changed[spec.name] = value
    return changed


def _groups() -> Iterator[tuple[str, list[Field[Any]]]]:
    shown = [spec for spec in fields(RunConfig) if spec.name not in IN_FRONT]
    for group, specs in groupby(shown, key=lambda spec: str(spec.metadata["group"])):
        yield group, list(specs)


def _widget(preset: Preset, spec: Field[Any], default: Any) -> Any:  # noqa: ANN401 - the field's own type
    label, name = spec.name.replace("_", " ").capitalize(), key(preset, spec.name)
    choices = _choices(spec.name)
    value: Any
    if choices:
        value = st.selectbox(label, choices, index=choices.index(default), key=name)
    elif isinstance(default, bool):
        value = st.toggle(label, value=default, key=name)
    elif isinstance(default, int):
        value = st.number_input(label, value=default, step=1, min_value=0, key=name)
    else:
        value = st.number_input(label, value=float(default), min_value=0.0, format="%.3g", step=default / 10, key=name)
    st.caption(f"{spec.metadata['help']} Preset: {_said(default)}.")
    return value


def _choices(name: str) -> list[str]:
    hint = get_type_hints(RunConfig)[name]
    return list(get_args(hint)) if get_origin(hint) is Literal else []


def _said(value: Any) -> str:  # noqa: ANN401 - the field's own type
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}" if value < 0.01 else decimal(value, 3)  # noqa: PLR2004 - small rates read better as 5e-05
    return str(value)
