"""Settings of a run: small, frozen, saved as JSON, each told in a sentence."""
# ruff: noqa: RUF009 - the sentences are attached where the defaults are

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from recviz.data.split import Period, SplitKind
from recviz.data.whole import write_whole
from recviz.errors import InvalidSettingError
from recviz.language import tr

Tuning = Literal["frozen", "top", "lora", "full"]
Preset = Literal["fast", "balanced", "thorough"]
FORMAT = 1
ALMOST_ALL = 1 - 1e-9


def _told(default: Any, /, sentence: str, group: str) -> Any:  # noqa: ANN401 - dataclasses.field is typed so
    return field(default=default, metadata={"help": sentence, "group": group})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything that, with the dataset, determines a run."""

    dataset: str = _told("", "The log that the run learns from.", "data")
    preset: Preset = _told("balanced", "The preset that the settings started from.", "data")
    split: SplitKind = _told(
        "time", "time holds out everything after one instant; leave-one-out holds out each user's last event.", "data"
    )
    cut: str | None = _told(
        None, "First day that is held out; empty holds out the last horizon, end holds out nothing.", "data"
    )
    continues: str = _told("", "The run whose weights this one starts from; empty starts anew.", "data")
    period: Period = _told("week", "Length of one step of the curves.", "data")
    horizon: int = _told(13, "How many steps ahead the curves reach.", "data")

    backbone: str = _told("minilm", "The pretrained language model that reads item texts.", "language model")
    tuning: Tuning = _told(
        "top",
        "frozen leaves the language model as it is; top tunes its last layers; lora adds small matrices to every "
        "layer; full tunes all of it.",
        "language model",
    )
    top_layers: int = _told(1, "How many of the last layers are tuned with top.", "language model")
    lora_rank: int = _told(8, "Rank of the matrices that lora adds.", "language model")
    max_tokens: int = _told(48, "Longest item text, in tokens; what is beyond is cut and marked.", "language model")
    texts_per_step: int = _told(
        192, "How many item texts go through the language model with gradient in one step.", "language model"
    )
    text_rate: float = _told(
        5e-5,
        "Highest learning rate of the language model; a tenth of it where every layer learns (`full`).",
        "language model",
    )

    width: int = _told(96, "Width of item vectors and states.", "network")
    layers: int = _told(2, "Blocks of the history encoder.", "network")
    heads: int = _told(4, "Attention heads of a block.", "network")
    dropout: float = _told(0.1, "Share of activations that are dropped in training.", "network")
    max_history: int = _told(128, "How many of a user's latest events the encoder attends to.", "network")
    min_identity_events: int = _told(
        3, "Items with fewer events live on their text alone, without a vector of their own.", "network"
    )
    identity_dropout: float = _told(
        0.1,
        "Share of items whose own vector and bias are hidden in a step, so that text learns to stand alone.",
        "network",
    )
    own_half_life: float = _told(
        91.0, "Days (or positions) after which an own event counts half in the repeat mixture.", "network"
    )

    passes: int = _told(16, "Most passes over the log; fewer when validation stops improving.", "training")
    patience: int = _told(2, "Passes without a better validation loss before training ends.", "training")
    continued_passes: int = _told(
        2,
        "Passes of a run that continues one which has seen the validation window, so that it cannot choose them.",
        "training",
    )
    error_weight: float = _told(
        0.0,
        "How far users whom the continued run's backtest got wrong count more: 0 not at all, 1 as their error.",
        "training",
    )
    refit: bool = _told(
        True,  # noqa: FBT003 - a default
        "Train anew on everything before the cut once the passes are chosen, where validation hid a fiftieth of it or more.",
        "training",
    )
    batch_users: int = _told(
        0, "Histories per step; 0 takes as many as give some 100 steps a pass, from 16 to 64.", "training"
    )
    accumulate: int = _told(1, "Steps whose gradients are added up before the weights move.", "training")
    rate: float = _told(
        2e-3,
        "Highest learning rate of the network.",
        "training",
    )
    weight_decay: float = _told(0.6, "Pull of the network's weights towards zero.", "training")
    warmup: float = _told(0.05, "Share of the steps in which the learning rate rises.", "training")
    clip: float = _told(
        10.0,
        "Largest norm of a gradient; a guard against outliers alone, since what is cut is frequent users.",
        "training",
    )
    average: float = _told(
        0.99, "Decay of the running average of the weights that is kept; 0 keeps the last.", "training"
    )
    origins: int = _told(6, "Forecast origins that are drawn from each history in a pass.", "training")
    negatives: int = _told(0, "Items sampled for the softmax; 0 compares with the whole catalogue.", "training")
    precision: Literal["auto", "bf16", "fp32"] = _told(
        "auto",
        "Number format of the language model in training; auto takes bf16 where the machine is fast at it.",
        "training",
    )
    checkpoint_every: int = _told(200, "Steps between checkpoints.", "training")
    checkpoints_kept: int = _told(2, "How many of the newest checkpoints are kept, beside the best.", "training")
    seed: int = _told(0, "Seed of everything random.", "training")
    baselines: str = _told(
        "quick",
        "What the run is judged beside: quick, all (the same model without text is trained, too), or names with commas.",
        "evaluation",
    )
    format: int = FORMAT

    def __post_init__(self) -> None:
        positive = ("horizon", "width", "layers", "heads", "max_history", "passes", "accumulate",
                    "max_tokens", "texts_per_step", "origins", "top_layers", "lora_rank", "checkpoint_every",
                    "checkpoints_kept", "continued_passes")  # fmt: skip
        wrong = [
            tr("{name} must be at least {least}, got {value}").format(name=name, least=1, value=getattr(self, name))
            for name in positive
            if getattr(self, name) < 1
        ]
        if self.batch_users < 0:
            wrong.append(
                tr("{name} must be at least {least}, got {value}").format(
                    name="batch_users", least=0, value=self.batch_users
                )
            )
        if self.width % self.heads:
            wrong.append(
                tr("width {width} is not a multiple of heads {heads}").format(width=self.width, heads=self.heads)
            )
        shares = ("dropout", "identity_dropout", "average", "warmup", "error_weight")
        wrong += [
            (
                tr("{name} must be from 0 to 1, got {value}")
                if name == "error_weight"
                else tr("{name} must be from 0 to below 1, got {value}")
            ).format(name=name, value=getattr(self, name))
            for name in shares
            if not 0 <= getattr(self, name) <= (1 if name == "error_weight" else ALMOST_ALL)
        ]
        for name, allowed in (("tuning", Tuning), ("period", Period), ("preset", Preset)):
            if getattr(self, name) not in get_args(allowed):
                wrong += [
                    tr("{name} must be one of {names}, got {value!r}").format(
                        name=name, names=", ".join(get_args(allowed)), value=getattr(self, name)
                    )
                ]
        if wrong:
            raise InvalidSettingError.of("; ".join(wrong), tr("settings of the run"), tr("Correct these values"))

    def write(self, folder: Path) -> None:
        """Write ``config.json``."""
        write_whole(folder / "config.json", json.dumps(asdict(self), indent=1).encode())

    @classmethod
    def read(cls, folder: Path) -> "RunConfig":
        """Read ``config.json``."""
        return cls(**json.loads((folder / "config.json").read_text(encoding="utf-8")))


PRESETS: dict[Preset, dict[str, Any]] = {
    "fast": {"tuning": "frozen", "passes": 6},
    "balanced": {"tuning": "top"},
    "thorough": {"tuning": "lora", "passes": 20, "width": 128, "layers": 3, "texts_per_step": 384},
}


LEAVE_ONE_OUT: dict[str, int] = {"passes": 16}
"""What every preset says at least where each user's last event is held out: what is asked there is like what is learnt, so
that further passes pay for longer."""


def preset_config(preset: Preset, **changes: Any) -> RunConfig:  # noqa: ANN401 - values are checked by RunConfig
    """Build the settings of a preset, for the split among the changes, with the changes on top."""
    settings = {"preset": preset, **PRESETS[preset]}
    if changes.get("split") == "leave-one-out":
        settings |= {name: max(least, settings.get(name, 0)) for name, least in LEAVE_ONE_OUT.items()}
    return RunConfig(**settings | changes)


def usual_config(config: RunConfig) -> RunConfig:
    """Return what a run would be by its preset alone: as the preset says for its split, which itself is a choice."""
    return replace(preset_config(config.preset, split=config.split), split="time")


def with_text_changes(config: RunConfig, changes: dict[str, str]) -> RunConfig:
    """Apply ``key=value`` texts as a command line gives them.

    Raises:
        InvalidSettingError: If a key is unknown or a value is not of its type.
    """
    specs = {spec.name: spec for spec in fields(RunConfig)}
    parsed: dict[str, Any] = {}
    for name, text in changes.items():
        if name not in specs:
            raise InvalidSettingError.of(
                tr("There is no setting {name!r}").format(name=name),
                f"{name}={text}",
                tr("See the settings table of the README"),
            )
        parsed[name] = _parse(text, type(specs[name].default), name)
    return replace(config, **parsed)


def _parse(text: str, kind: type, name: str) -> Any:  # noqa: ANN401 - the type is the field's own
    if kind is bool:
        if text.lower() in {"true", "yes", "on", "1"}:
            return True
        if text.lower() in {"false", "no", "off", "0"}:
            return False
    elif kind in {int, float}:
        try:
            return kind(text)
        except ValueError:
            pass
    else:
        return (text or None) if name == "cut" else text
    raise InvalidSettingError.of(
        tr("{text!r} is not a value for {name}").format(text=text, name=name),
        f"{name}={text}",
        tr("Give a {kind}").format(kind=kind.__name__),
    )
