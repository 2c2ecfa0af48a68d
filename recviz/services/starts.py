"""What a run that continues another starts from: checked, and copied into its folder by ids."""

from pathlib import Path

import pandas as pd

from recviz.data.split import END, Split, make_split
from recviz.errors import InvalidSettingError, NotFoundError
from recviz.evaluate.backtest import FOLDER as EVALUATION_FOLDER
from recviz.evaluate.counts import user_deviance
from recviz.evaluate.result import PERIODS_FILE
from recviz.model.checkpoint import read_facts
from recviz.model.config import RunConfig
from recviz.model.loading import split_of
from recviz.services.workspace import Workspace
from recviz.training import preparing
from recviz.training.continuing import START, may_choose, write_start

INHERITED = ("split", "period", "backbone", "tuning", "top_layers", "lora_rank", "width", "layers", "heads")
"""Settings that the weights are made for: a run that continues another has the same."""


def prepare_start(ws: Workspace, config: RunConfig, folder: Path) -> None:
    """Copy into a new run's folder what it starts from; from then on the run that it continues may be deleted.

    Args:
        ws: The workspace.
        config: Of the new run; ``config.continues`` names the other.
        folder: Of the new run.

    Raises:
        NotFoundError: If the run to continue, or its log, is gone.
        RunFailedError: If it has no complete model.
        InvalidSettingError: If its weights do not fit these settings, if it has learnt from events that this run
            holds out, or if it has no errors to weigh by though ``error_weight`` asks for that.
    """
    parent_folder = ws.run_folder(config.continues)
    parent = RunConfig.read(parent_folder)
    differing = [
        f"{name} {getattr(config, name)} instead of {getattr(parent, name)}"
        for name in INHERITED
        if getattr(config, name) != getattr(parent, name)
    ]
    if differing:
        raise InvalidSettingError.of(
            f"The weights of the run to continue do not fit: {', '.join(differing)}",
            f"run {config.continues}",
            "Leave these settings as that run has them, or start anew",
        )
    dataset = ws.dataset(parent.dataset)
    before = make_split(dataset, parent.split, parent.cut, parent.period, parent.horizon)
    after = make_split(ws.dataset(config.dataset), config.split, config.cut, config.period, config.horizon)
    if after.kind == "time" and before.cut > after.cut:
        raise InvalidSettingError.of(
            "The run to continue has learnt from events that this run would hold out",
            f"its origin is {_day(before.cut)}, this run's {_day(after.cut)}",
            "Choose a later origin, a shorter horizon, or start anew",
        )
    errors = _errors(parent_folder, before, after) if config.error_weight else {}
    write_start(dataset, parent_folder, folder, errors)


def holds_out(ws: Workspace, config: RunConfig) -> bool:
    """Whether a run keeps anything from its model to be judged by; where its log is gone, what its settings ask for."""
    try:
        return split_of(ws.dataset(config.dataset), config).holds_out
    except NotFoundError:
        return config.cut != END


def refits(ws: Workspace, config: RunConfig) -> bool:
    """Whether a run is trained anew once its passes are chosen; see `recviz.training.preparing.refits`.

    Raises:
        NotFoundError: If its log is gone.
    """
    dataset = ws.dataset(config.dataset)
    return preparing.refits(dataset, split_of(dataset, config), config)


def chooses_passes(ws: Workspace, config: RunConfig, folder: Path | None = None) -> bool:
    """Whether validation chooses a run's passes; see `recviz.training.continuing.may_choose`.

    Args:
        ws: The workspace.
        config: Of the run.
        folder: Of the run, once it is launched: what it continues may be deleted then.

    Raises:
        NotFoundError: If its log is gone, or before its launch the run to continue.
    """
    if not config.continues:
        return True
    after = make_split(ws.dataset(config.dataset), config.split, config.cut, config.period, config.horizon)
    if folder is not None:
        seen = int(read_facts(folder / START)["cut"])
    else:
        first = ws.run_config(config.continues)
        seen = make_split(ws.dataset(first.dataset), first.split, first.cut, first.period, first.horizon).cut
    return may_choose(seen, after)


def _errors(parent_folder: Path, before: Split, after: Split) -> dict[str, float]:
    """Return the deviance of each user in a run's own backtest, over the periods that end before the new cut.

    A later period holds events that the new run holds out: its errors would tell it of them.
    """
    path = parent_folder / EVALUATION_FOLDER / PERIODS_FILE
    usable = int((before.edges(before.cut)[1:] <= after.cut).sum()) if before.kind == "time" else 0
    if not usable or not path.is_file():
        raise InvalidSettingError.of(
            "There are no errors of the run to continue that this run may know",
            f"run {parent_folder.name}, up to {_day(after.cut)}" if after.kind == "time" else "leave-one-out",
            "Set error_weight to 0, or choose a later origin",
        )
    periods = pd.read_parquet(path).query("period <= @usable")
    wide = periods.pivot_table(index="user_id", columns="period", values=["actual", "model"], sort=True)
    deviance = user_deviance(wide["actual"].to_numpy(float), wide["model"].to_numpy(float))
    return dict(zip(map(str, wide.index), map(float, deviance), strict=True))


def _day(instant: int) -> str:
    return f"{pd.Timestamp(instant, unit='us'):%Y-%m-%d}"
