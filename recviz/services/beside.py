"""The baselines that a run was judged beside, ready to be drawn beside its curves: fitted once a run, and kept."""

from recviz.baselines.choice import COUNTS, SHARES, chosen
from recviz.baselines.shares import ShareBaseline
from recviz.errors import NotFoundError
from recviz.evaluate.result import Task, TaskName
from recviz.forecast.beside import Beside, counts_beside
from recviz.services.evaluations import evaluation
from recviz.services.workspace import Origin, Workspace

USUAL = "shrunken-rate"
"""Stands first until the run is judged."""


def count_choices(ws: Workspace, run_id: str) -> tuple[str, ...]:
    """Return the names of the run's baselines of activity, best first; those whose fit failed are left out.

    Before the run is judged, the shrunken own rate comes first.

    Raises:
        NotFoundError: If there is no such run.
    """
    known = {baseline.name for baseline in COUNTS.values()}
    if order := judged_order(ws, run_id, "counts"):
        return tuple(name for name in order if name in known)
    names = [baseline.name for baseline in chosen(ws.run_config(run_id).baselines).counts]
    return tuple(sorted(names, key=lambda name: name != COUNTS[USUAL].name))


def best_mix(ws: Workspace, run_id: str) -> ShareBaseline | None:
    """Return the run's best baseline of shares; ``None`` where shares were not judged.

    Raises:
        NotFoundError: If there is no such run.
    """
    mixes = {baseline.name: baseline for baseline in SHARES.values()}
    return next((mixes[name] for name in judged_order(ws, run_id, "shares") if name in mixes), None)


def judged_order(ws: Workspace, run_id: str, name: TaskName) -> tuple[str, ...]:
    """Return the names of the baselines that a run was judged beside at a task, best first; empty where it was not.

    Raises:
        NotFoundError: If there is no such run.
    """
    task = _task(ws, run_id, name)
    return () if task is None else tuple(_ranked(task))


def beside(ws: Workspace, run_id: str, origin: Origin = "cut", counts: str = "") -> Beside:
    """Return the baselines beside a run's curves, fitted on what the origin knows.

    Args:
        ws: The workspace.
        run_id: The run.
        origin: ``cut`` or ``now``.
        counts: Name of a baseline of activity, see `count_choices`; empty takes the best.

    Raises:
        NotFoundError: If there is no such run, or it has no such baseline.
    """
    choices = count_choices(ws, run_id)
    if counts and counts not in choices:
        raise NotFoundError.of(
            f"This run was not judged beside {counts!r}", "the baseline", f"Choose one of {', '.join(choices)}"
        )
    name = counts or choices[0]
    return Beside(counts_beside(ws.predictor(run_id, origin), name), best_mix(ws, run_id))


def _ranked(task: Task) -> list[str]:
    """Return the names of a task's baselines, best first."""
    scored = [
        (value, method.name)
        for method in task.methods
        if not method.is_model and (value := method.scores.get(task.measure)) is not None
    ]
    sign = 1 if task.lower_is_better else -1
    return [name for value, name in sorted(scored, key=lambda pair: sign * pair[0])]


def _task(ws: Workspace, run_id: str, name: TaskName) -> Task | None:
    try:
        return evaluation(ws, run_id).task(name)
    except NotFoundError:
        ws.run_folder(run_id)  # no such run is another matter than one that was not judged
        return None
