"""How the settings of a run are called and their values written, wherever they are shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields
from itertools import groupby
from typing import Any

from recviz.model.config import RunConfig, preset_config
from recviz.ui.formats import count, decimal

NOT_CHOSEN = ("dataset", "preset", "format")
LABELS: Mapping[str, str] = {
    "split": "Held out by",
    "cut": "Held out from",
    "period": "Step of the curves",
    "horizon": "Steps ahead",
    "backbone": "Language model",
    "tuning": "How much of it learns",
    "top_layers": "Layers that learn",
    "lora_rank": "LoRA rank",
    "max_tokens": "Longest text, tokens",
    "texts_per_step": "Texts per step",
    "text_rate": "Learning rate, language model",
    "max_history": "Events remembered",
    "min_identity_events": "Fewest events for an own vector",
    "identity_dropout": "Own vectors hidden",
    "own_half_life": "Half-life of own events, days",
    "passes": "Most passes",
    "patience": "Passes without gain",
    "refit": "Learn anew at the end",
    "batch_users": "Histories per step",
    "accumulate": "Steps added up",
    "rate": "Learning rate, network",
    "warmup": "Warm-up",
    "clip": "Largest gradient",
    "average": "Averaging of weights",
    "origins": "Origins per history",
    "negatives": "Sampled negatives",
    "precision": "Number format",
    "checkpoint_every": "Steps between checkpoints",
    "checkpoints_kept": "Checkpoints kept",
    "baselines": "Judged beside",
    "continues": "Continues the run",
    "continued_passes": "Passes when continuing",
    "error_weight": "Weight of past errors",
}
"""Where the setting's own name, with spaces, would not say it to an analyst."""
NAMES = ("LoRA",)
"""Names that stay as they are in the middle of a sentence."""
VALUES: Mapping[str, Mapping[object, str]] = {
    "split": {"time": "a day", "leave-one-out": "each user's last event"},
    "cut": {None: "the last horizon"},
    "baselines": {"quick": "all that need no training", "all": "all"},
    "continues": {"": "none, starts anew"},
    "tuning": {"frozen": "nothing", "top": "top layers", "lora": "LoRA", "full": "all of it"},
    "backbone": {"minilm": "MiniLM"},
    "batch_users": {0: "as fits"},
    "negatives": {0: "whole catalogue"},
}
_GIVEN = re.compile(rf"\b(?:{'|'.join(spec.name for spec in fields(RunConfig))})\b(?= (?:to )?[\d.])")


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
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def in_words(sentence: str) -> str:
    """Say the settings that a sentence gives a value to, as ``rate to 0.001``, by what the pages call them."""
    return _GIVEN.sub(lambda found: f"“{label(found[0])}”", sentence)


def value_words(name: str, value: object) -> str:
    """Write a setting's value."""
    known = VALUES.get(name, {})
    if value in known:
        return known[value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 0.01 else decimal(value, 3)  # noqa: PLR2004 - small rates read better as 5e-05
    return count(value) if isinstance(value, int) else str(value)


def told(config: RunConfig) -> list[Told]:
    """Put every setting of a run into words, beside what its preset says, in the settings' own order."""
    usual = preset_config(config.preset)
    return [
        Told(
            name=spec.name,
            label=label(spec.name),
            value=value_words(spec.name, getattr(config, spec.name)),
            preset=value_words(spec.name, getattr(usual, spec.name)),
            help=str(spec.metadata["help"]),
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
        yield group.capitalize(), list(members)


def changes_words(changes: Mapping[str, object]) -> str:
    """Say some changed settings in a line: ``texts per step 96 and histories per step 16``."""
    words = [f"{_inside(label(name))} {value_words(name, value)}" for name, value in changes.items()]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _inside(words: str) -> str:
    return words if words.startswith(NAMES) else words[0].lower() + words[1:]
