"""How the settings of a run are called and their values written, wherever they are shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields
from itertools import groupby
from typing import Any

from recviz.data.split import END
from recviz.language import mark, tr, tr_p
from recviz.model.config import Preset, RunConfig, usual_config
from recviz.ui.formats import count, decimal, listed

NOT_CHOSEN = ("dataset", "preset", "format")
LABELS: Mapping[str, str] = {
    "dataset": mark("Log"),
    "preset": mark("Preset"),
    "split": mark("Held out by"),
    "cut": mark("Held out from"),
    "period": mark("Step of the curves"),
    "horizon": mark("Steps ahead"),
    "backbone": mark("Language model"),
    "tuning": mark("How much of it learns"),
    "top_layers": mark("Layers that learn"),
    "lora_rank": mark("LoRA rank"),
    "max_tokens": mark("Longest text, tokens"),
    "texts_per_step": mark("Texts per step"),
    "text_rate": mark("Learning rate, language model"),
    "width": mark("Width"),
    "layers": mark("Layers"),
    "heads": mark("Heads"),
    "dropout": mark("Dropout"),
    "max_history": mark("Events remembered"),
    "min_identity_events": mark("Fewest events for an own vector"),
    "identity_dropout": mark("Own vectors hidden"),
    "own_half_life": mark("Half-life of own events, days"),
    "passes": mark("Most passes"),
    "patience": mark("Passes without gain"),
    "refit": mark("Learn anew at the end"),
    "batch_users": mark("Histories per step"),
    "accumulate": mark("Steps added up"),
    "rate": mark("Learning rate, network"),
    "weight_decay": mark("Weight decay"),
    "warmup": mark("Warm-up"),
    "clip": mark("Largest gradient"),
    "average": mark("Averaging of weights"),
    "origins": mark("Origins per history"),
    "negatives": mark("Sampled negatives"),
    "precision": mark("Number format"),
    "checkpoint_every": mark("Steps between checkpoints"),
    "checkpoints_kept": mark("Checkpoints kept"),
    "seed": mark("Seed"),
    "baselines": mark("Judged beside"),
    "continues": mark("Continues the run"),
    "continued_passes": mark("Passes when continuing"),
    "error_weight": mark("Weight of past errors"),
}
"""What each setting is called."""
GROUPS: Mapping[str, str] = {
    "data": mark("Data"),
    "language model": mark("Language model"),
    "network": mark("Network"),
    "training": mark("Training"),
    "evaluation": mark("Evaluation"),
}
PRESET_NAMES: Mapping[Preset, str] = {"fast": mark("Fast"), "balanced": mark("Balanced"), "thorough": mark("Thorough")}
NAMES = ("LoRA",)
"""Names that stay as they are in the middle of a sentence."""
VALUES: Mapping[str, Mapping[object, str]] = {
    "split": {"time": mark("a day"), "leave-one-out": mark("each user's last event")},
    "cut": {None: mark("the last horizon"), END: mark("the log's end, nothing is held out")},
    "baselines": {"quick": mark("all that need no training"), "all": mark("all")},
    "continues": {"": mark("none, starts anew")},
    "tuning": {"frozen": mark("nothing"), "top": mark("top layers"), "lora": "LoRA", "full": mark("all of it")},
    "backbone": {"minilm": "MiniLM"},
    "batch_users": {0: mark("as fits")},
    "negatives": {0: mark("whole catalogue")},
}
_NAMES = "|".join(spec.name for spec in fields(RunConfig))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One setting of a run, in words."""

    name: str
    label: str
    value: str
    preset: str
    """What the preset says."""
    help: str
    group: str

    @property
    def is_changed(self) -> bool:
        return self.value != self.preset


def label(name: str) -> str:
    """Say what a setting is called."""
    return tr(LABELS[name])


def preset_name(preset: Preset) -> str:
    """Say what a preset is called."""
    return tr(PRESET_NAMES[preset])


def group_name(group: str) -> str:
    """Say what a group of settings is called."""
    return tr(GROUPS[group])


def in_words(sentence: str) -> str:
    """Say the settings that a sentence gives a value to, as ``rate to 0.001``, by what the pages call them."""
    to = tr_p("a setting gets a value", " to ")
    given = rf"\b({_NAMES})\b( to |{re.escape(to)}| )(?=[\d.])"
    return re.sub(given, lambda found: f"“{label(found[1])}”{found[2].replace(' to ', to)}", sentence)


def value_words(name: str, value: object) -> str:
    """Write a setting's value."""
    known = VALUES.get(name, {})
    if value in known:
        return tr(known[value])
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 0.01 else decimal(value, 3)  # noqa: PLR2004 - small rates read better as 5e-05
    return count(value) if isinstance(value, int) else str(value)


def told(config: RunConfig) -> list[Told]:
    """Put every setting of a run into words, beside what its preset says, in the settings' own order."""
    usual = usual_config(config)
    return [
        Told(
            name=spec.name,
            label=label(spec.name),
            value=value_words(spec.name, getattr(config, spec.name)),
            preset=value_words(spec.name, getattr(usual, spec.name)),
            help=tr(str(spec.metadata["help"])),
            group=str(spec.metadata["group"]),
        )
        for spec in chosen_settings()
    ]


def chosen_settings() -> list[Field[Any]]:
    """List the settings that somebody chooses."""
    return [spec for spec in fields(RunConfig) if spec.name not in NOT_CHOSEN]


def grouped(settings: list[Told]) -> Iterator[tuple[str, list[Told]]]:
    """Yield the settings by group: what the group is called, and its settings."""
    for group, members in groupby(settings, key=lambda one: one.group):
        yield group_name(group), list(members)


def changes_words(changes: Mapping[str, object]) -> str:
    """Say some changed settings in a line: ``texts per step 96 and histories per step 16``."""
    words = [f"{_inside(label(name))} {value_words(name, value)}" for name, value in changes.items()]
    return listed(words)


def _inside(words: str) -> str:
    return words if words.startswith(NAMES) else words[0].lower() + words[1:]
