"""What the Compare page asks of several runs, kept between clicks as long as their results are the same."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recviz.evaluate.backtest import FOLDER
from recviz.evaluate.comparison import RunsCompared
from recviz.forecast.user_view import UserView
from recviz.language import mark
from recviz.services import comparisons, runs
from recviz.services.background import Background
from recviz.services.comparisons import WorkedOut
from recviz.services.workspace import Origin, Workspace
from recviz.ui.caches import remembered
from recviz.ui.session import forget, keep, kept

WORK = "compare_work"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runs that are laid side by side, the first the one that others are compared with."""

    ws: Workspace
    runs: tuple[str, ...]
    names: tuple[str, ...]
    """In the same order; two runs of one name are told apart by their ids."""

    @property
    def by_run(self) -> dict[str, str]:
        """Run -> its name."""
        return dict(zip(self.runs, self.names, strict=True))


def compared(chosen: Chosen) -> RunsCompared:
    """See `recviz.services.comparisons.compare`."""
    return _compared(chosen.ws, chosen.runs, chosen.names, _stamps(chosen))


def user_differences(chosen: Chosen, origin: Origin) -> pd.DataFrame:
    """See `recviz.services.comparisons.user_differences`."""
    return _user_differences(chosen.ws, chosen.runs, _stamps(chosen), origin)


def user_curves(chosen: Chosen, user: str, origin: Origin) -> dict[str, UserView]:
    """Return name -> what the run says of the user."""
    views = _user_curves(chosen.ws, chosen.runs, _stamps(chosen), origin, user)
    return dict(zip(chosen.names, views, strict=True))


def learning(chosen: Chosen) -> dict[str, pd.DataFrame]:
    """Return name -> what training has reported."""
    return {name: runs.metrics(chosen.ws, run) for run, name in zip(chosen.runs, chosen.names, strict=True)}


def working_out(chosen: Chosen) -> Background[WorkedOut]:
    """Return the work on single users' scores of these runs; the first call for them begins it."""
    known: tuple[tuple[str, ...], Background[WorkedOut]] | None = kept(WORK, None)
    if known is not None and known[0] == chosen.runs:
        return known[1]
    if known is not None:
        known[1].cancel()
    work = Background(comparisons.work_out(chosen.ws, chosen.runs)).start()
    keep(WORK, (chosen.runs, work))
    return work


def forget_work() -> None:
    """Forget the work, so that a later call begins anew."""
    forget(WORK)


def _stamps(chosen: Chosen) -> tuple[str, ...]:
    """Tell results apart that were written anew."""
    return tuple(_stamp(chosen.ws.run_folder(run)) for run in chosen.runs)


def _stamp(folder: Path) -> str:
    files = [*sorted((folder / FOLDER).glob("*")), folder / "config.json"]
    return " ".join(f"{file.name}:{file.stat().st_mtime_ns}" for file in files if file.is_file())


@remembered(entries=32)
def _compared(ws: Workspace, run_ids: tuple[str, ...], names: tuple[str, ...], stamps: tuple[str, ...]) -> RunsCompared:
    del stamps  # tells answers apart
    return comparisons.compare(ws, run_ids, names)


@remembered(mark("Looking for the users for whom they differ"), entries=16)
def _user_differences(ws: Workspace, run_ids: tuple[str, ...], stamps: tuple[str, ...], origin: Origin) -> pd.DataFrame:
    del stamps  # tells answers apart
    return comparisons.user_differences(ws, run_ids, origin)


@remembered(mark("Opening the models"), entries=64)
def _user_curves(
    ws: Workspace, run_ids: tuple[str, ...], stamps: tuple[str, ...], origin: Origin, user: str
) -> tuple[UserView, ...]:
    del stamps  # tells answers apart
    return comparisons.user_curves(ws, run_ids, user, origin)
