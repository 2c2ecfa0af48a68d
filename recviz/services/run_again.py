"""Runs made from other runs: restarted with other settings, cloned, or continued on a newer or the rest of a log."""

import shutil
from dataclasses import fields, replace
from pathlib import Path

from recviz.data.split import END, make_split
from recviz.errors import BusyError, InvalidSettingError, NotFoundError, UnsupportedError
from recviz.evaluate.backtest import FOLDER as EVALUATION_FOLDER
from recviz.jobs.job import Job
from recviz.jobs.journal import METRICS
from recviz.language import mark
from recviz.model.checkpoint import CHECKPOINTS
from recviz.model.config import RunConfig, with_text_changes
from recviz.model.loading import split_of
from recviz.model.predictor import MODEL
from recviz.services import runs
from recviz.services.workspace import Workspace

KEEP_CHECKPOINTS = frozenset(
    {"texts_per_step", "rate", "text_rate", "weight_decay", "clip", "dropout", "identity_dropout", "negatives",
     "precision", "patience", "checkpoint_every", "checkpoints_kept", "baselines"}
)  # fmt: skip
"""Settings that may change in the middle of training: any other makes another plan, which begins anew."""


def differences(before: RunConfig, after: RunConfig) -> dict[str, tuple[object, object]]:
    """Return the settings that differ: name to (before, after), in the settings' order."""
    pairs = {spec.name: (getattr(before, spec.name), getattr(after, spec.name)) for spec in fields(RunConfig)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def goes_on(before: RunConfig, after: RunConfig) -> bool:
    """Whether a run whose settings change so can go on from its last checkpoint."""
    return differences(before, after).keys() <= KEEP_CHECKPOINTS


def suggested(ws: Workspace, run_id: str) -> RunConfig:
    """Return a run's settings with those changed that may mend its failure; its own where nothing is suggested.

    ``Job.to_try`` holds the same as words: "texts_per_step=96".

    Raises:
        NotFoundError: If there is no such run.
    """
    words = ws.jobs.get(run_id).to_try.split()
    return with_text_changes(ws.run_config(run_id), dict(word.split("=", 1) for word in words))


def restart(ws: Workspace, run_id: str, config: RunConfig | None = None, *, anew: bool = False) -> Job:
    """Queue a failed or cancelled run again, with changed settings where given.

    It goes on from its newest complete checkpoint where all changes allow that (see `goes_on`), and else from the
    start; then its checkpoints and metrics are dropped, while its log and history stay. The history names the changes.

    Args:
        ws: The workspace.
        run_id: The run.
        config: Its new settings, such as `suggested` gives; ``None`` leaves them.
        anew: Begin from the start in any case.

    Raises:
        NotFoundError: If there is no such run, or its log is gone.
        BusyError: If it is neither failed nor cancelled.
        InvalidSettingError: If the settings cannot work, or change the log or the run that is continued.
    """
    job, before = ws.jobs.get(run_id), ws.run_config(run_id)
    if job.state not in {"failed", "cancelled"}:
        raise BusyError.of(
            f"This run is {job.state} and cannot be restarted",
            f"run {run_id}",
            "Clone it to run it with other settings",
        )
    after = config or before
    _check(ws, before, after)
    from_start = anew or not goes_on(before, after)
    words = mark("restarted from the beginning") if from_start else mark("restarted from the last checkpoint")
    changed = ", ".join(
        mark(f"{name} {new} instead of {old}") for name, (old, new) in differences(before, after).items()
    )
    folder = ws.run_folder(run_id)
    if from_start:
        _drop_training(folder)
    after.write(folder)
    ws.forget(run_id)
    return runs.queue_again(ws, run_id, mark(f"{words}, with {changed}") if changed else words, finish_early=False)


def clone(ws: Workspace, run_id: str, config: RunConfig | None = None, name: str = "", key: str | None = None) -> str:
    """Launch a new run with a run's settings, changed where ``config`` says so, and return its id.

    Raises:
        As `recviz.services.runs.launch`.
    """
    job = ws.jobs.get(run_id)
    return runs.launch(ws, config or ws.run_config(run_id), name.strip() or f"Copy of {job.name}", key)


def continuation(ws: Workspace, run_id: str, dataset_id: str) -> RunConfig:
    """Return the settings of a run that continues a completed one on a (newer) log; `runs.launch` takes them.

    All settings are the other run's, but the origin: the last horizon of the new log is held out.

    Raises:
        NotFoundError: If there is no such run or log.
        BusyError: If the run is not completed.
    """
    job = ws.jobs.get(run_id)
    if job.state != "completed":
        raise BusyError.of(f"This run is {job.state}", f"run {run_id}", "Continue a completed run")
    ws.dataset(dataset_id)
    return replace(ws.run_config(run_id), dataset=dataset_id, continues=run_id, cut=None)


def has_rest(ws: Workspace, run_id: str) -> bool:
    """Whether a run's log, as far as it is still there, holds days that the run has not learnt from.

    Raises:
        NotFoundError: If there is no such run.
    """
    config = ws.run_config(run_id)
    try:
        split = split_of(ws.dataset(config.dataset), config)
    except NotFoundError:
        return False
    return split.kind == "time" and split.holds_out


def rest_of_log(ws: Workspace, run_id: str) -> RunConfig:
    """Return the settings of a run that learns what a completed one held out, for use; `runs.launch` takes them.

    It holds out nothing, so that it has no backtest: how good such weights are, that of the completed run says, which were
    made the same way and stand at its cut as these stand at the log's end.

    Raises:
        NotFoundError: If there is no such run or its log is gone.
        BusyError: If the run is not completed.
        UnsupportedError: If it has no curves, or has learnt from everything already.
    """
    config = continuation(ws, run_id, ws.run_config(run_id).dataset)
    if not has_rest(ws, run_id):
        raise UnsupportedError.of(
            "There is no rest of the log that this run could learn from",
            f"run {run_id}",
            "Choose a run with a cut in time",
        )
    return replace(config, cut=END, error_weight=0.0)


def _check(ws: Workspace, before: RunConfig, after: RunConfig) -> None:
    dataset = ws.dataset(after.dataset)
    if (before.dataset, before.continues) != (after.dataset, after.continues):
        raise InvalidSettingError.of(
            "A restarted run keeps its log and the run that it continues", f"log {after.dataset}", "Launch a new run"
        )
    make_split(dataset, after.split, after.cut, after.period, after.horizon)


def _drop_training(folder: Path) -> None:
    for name in (CHECKPOINTS, MODEL, EVALUATION_FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / METRICS).unlink(missing_ok=True)
