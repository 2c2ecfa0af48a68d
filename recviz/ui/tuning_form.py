"""Fine-tune page: the settings of a run, each with its sentence, made from the settings' own metadata."""

from collections.abc import Iterator
from dataclasses import Field, dataclass
from itertools import groupby
from typing import Any, Literal, get_args, get_origin, get_type_hints

import streamlit as st

from recviz.data.split import SplitKind
from recviz.errors import NotFoundError
from recviz.language import mark, tr
from recviz.model.config import LEAVE_ONE_OUT, Preset, RunConfig, Tuning, preset_config
from recviz.services import run_again, runs
from recviz.services.workspace import Workspace
from recviz.ui.formats import literal
from recviz.ui.session import address, choose, forget, keep, kept, session
from recviz.ui.setting_words import chosen_settings, group_name, label, preset_name, value_words

BACKBONES = {
    "minilm": mark("MiniLM, 22.7 M parameters, on this machine, reads English"),
    "intfloat/multilingual-e5-small": mark("multilingual-e5-small, 118 M parameters, about 100 languages"),
    "Qwen/Qwen3-Embedding-0.6B": mark("Qwen3-Embedding-0.6B, about 100 languages, wants a GPU"),
}
TUNING_WORDS: dict[Tuning, str] = {
    "frozen": mark("The language model stays as it is; only the network above it learns. Fastest."),
    "top": mark("Its last layers learn from your log; the rest is worked out once and kept. A good middle."),
    "lora": mark("Small added matrices learn in every layer: close to full tuning for a part of its memory."),
    "full": mark("All of it learns. Slowest, wants the most memory, and pays off on large logs."),
}
TUNING_LABELS: dict[Tuning, str] = {
    "frozen": mark("Frozen"),
    "top": mark("Top layers"),
    "lora": "LoRA",
    "full": mark("Full"),
}
IN_FRONT = ("backbone", "tuning", "cut", "period", "horizon", "split")
"""Settings that the page shows in front."""
CARRIED = ("continues", "continued_passes", "error_weight")
"""Settings of a run that continues another: chosen where one continues it, and carried over when it is cloned."""
PATTERN = "fine_tune_pattern"
LIKE = "like"
"""Under this word the address of the page says which run the form follows."""
PRESET = "preset"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A run whose settings the form starts from, in place of the preset's own."""

    run: str
    name: str
    config: RunConfig


def start_from(pattern: Pattern) -> dict[str, str]:
    """Let the form open with the settings of a run; its log and preset become the chosen ones.

    Returns:
        The query parameters with which the page opens; a link with them shows the same form.
    """
    choose(dataset=pattern.config.dataset)
    keep(PRESET, pattern.config.preset)
    keep(PATTERN, pattern)
    return {**address(), LIKE: pattern.run}


def adopt_pattern(ws: Workspace) -> None:
    """Follow the run that the address names, as after a reload; one that is gone, or of another log, is told."""
    named = st.query_params.get(LIKE, "")
    known: Pattern | None = kept(PATTERN, None)
    if not named or (known is not None and known.run == named):
        return
    try:
        found = Pattern(named, runs.run(ws, named).name, run_again.suggested(ws, named))
    except NotFoundError:
        found = None
    if found is not None and found.config.dataset == session().dataset:
        start_from(found)
        return
    del st.query_params[LIKE]
    st.info(tr("The run whose settings this link asks for is not among the runs of this log. The preset's are shown."))


def pattern(preset: Preset) -> Pattern | None:
    """Return the run that the form follows; another log or preset is not that run's."""
    known: Pattern | None = kept(PATTERN, None)
    if known is None or (known.config.dataset, known.config.preset) != (session().dataset, preset):
        return None
    return known


def starting_values(preset: Preset, split: SplitKind = "time") -> RunConfig:
    """Return what the widgets start with: the followed run's settings, else the preset's."""
    known = pattern(preset)
    return known.config if known else preset_config(preset, split=split)


def say_pattern(preset: Preset) -> None:
    """Say whose settings the form shows, and offer to leave them."""
    known = pattern(preset)
    if known is None:
        st.query_params.pop(LIKE, None)
        return
    if st.query_params.get(LIKE) != known.run:
        st.query_params[LIKE] = known.run
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/content_copy: "
            + tr("These are the settings of **{run}**; change what you like.").format(run=literal(known.name))
        )
        st.button(
            tr("Take {preset} as it is").format(preset=preset_name(preset)), key="fine_tune_leave", on_click=_leave
        )


def _leave() -> None:
    forget(PATTERN)
    st.query_params.pop(LIKE, None)


def key(preset: Preset, name: str) -> str:
    """Name a widget: another log, preset or followed run starts from its own values."""
    known = pattern(preset)
    return f"fine_tune_{session().dataset}_{preset}_{f'{known.run}_' if known else ''}{name}"


def language_model(preset: Preset) -> dict[str, Any]:
    """Draw the choice of backbone and tuning and return both."""
    defaults = starting_values(preset)
    known = [*BACKBONES, *({defaults.backbone} - BACKBONES.keys())]
    left, right = st.columns(2, gap="large")
    with left:
        backbone = st.selectbox(
            tr("Language model"),
            known,
            index=known.index(defaults.backbone),
            format_func=lambda name: tr(BACKBONES[name]) if name in BACKBONES else name,
            key=key(preset, "backbone"),
            accept_new_options=True,
            help=tr(
                "Any model of the Hugging Face hub by its name, or a folder on this server, with safetensors weights."
            ),
        )
    with right:
        tuning: Tuning = st.segmented_control(
            tr("How much of it learns"),
            list(TUNING_WORDS),
            default=defaults.tuning,
            format_func=lambda name: tr(TUNING_LABELS[name]),
            key=key(preset, "tuning"),
            required=True,
        )
        st.caption(tr(TUNING_WORDS[tuning]))
    return {"backbone": backbone or defaults.backbone, "tuning": tuning}


def other_settings(preset: Preset, split: SplitKind) -> dict[str, Any]:
    """Draw every other setting, folded, in groups, and return those that differ from the preset's for this split."""
    usual, starts = preset_config(preset, split=split), starting_values(preset, split)
    changed: dict[str, Any] = {
        name: getattr(starts, name) for name in CARRIED if getattr(starts, name) != getattr(usual, name)
    }
    with st.expander(tr("All settings"), icon=":material/tune:"):
        for group, specs in _groups():
            st.markdown(f"**{group_name(group)}**")
            columns = st.columns(3, gap="medium")
            for place, spec in enumerate(specs):
                with columns[place % len(columns)]:
                    name = key(preset, f"{split}_{spec.name}" if spec.name in LEAVE_ONE_OUT else spec.name)
                    value = _widget(name, spec, getattr(starts, spec.name), getattr(usual, spec.name))
                if value != getattr(usual, spec.name):
                    changed[spec.name] = value
    return changed


def _groups() -> Iterator[tuple[str, list[Field[Any]]]]:
    shown = [spec for spec in chosen_settings() if spec.name not in (*IN_FRONT, *CARRIED)]
    for group, specs in groupby(shown, key=lambda spec: str(spec.metadata["group"])):
        yield group, list(specs)


def _widget(name: str, spec: Field[Any], start: Any, usual: Any) -> Any:  # noqa: ANN401 - the field's own type
    words, choices = label(spec.name), _choices(spec.name)
    value: Any
    if choices:
        value = st.selectbox(words, choices, index=choices.index(start), key=name)
    elif isinstance(usual, str):
        value = st.text_input(words, value=start, key=name)
    elif isinstance(usual, bool):
        value = st.toggle(words, value=start, key=name)
    elif isinstance(usual, int):
        value = st.number_input(words, value=start, step=1, min_value=0, key=name)
    else:
        value = st.number_input(
            words, value=float(start), min_value=0.0, format="%.3g", step=usual / 10 or 0.01, key=name
        )
    st.caption(
        tr("{help} Preset: {value}.").format(help=tr(str(spec.metadata["help"])), value=value_words(spec.name, usual))
    )
    return value


def _choices(name: str) -> list[str]:
    hint = get_type_hints(RunConfig)[name]
    return list(get_args(hint)) if get_origin(hint) is Literal else []
