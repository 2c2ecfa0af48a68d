"""Runs page: what it needs of the workspace."""

from recviz.language import tr
from recviz.services import datasets, runs
from recviz.services.workspace import Workspace
from recviz.ui.guards import empty_state, shown_problems
from recviz.ui.session import session


def require_runs(ws: Workspace) -> None:
    """Explain where runs come from, and stop, while there is none."""
    with shown_problems():
        there_are_runs = bool(runs.runs(ws))
    if not there_are_runs and not session().run:
        empty_state(
            tr("No run yet."),
            tr("A run fine-tunes a model on a log, in the background: closing this tab does not stop it."),
            tr("Fine-tune a model"),
            "pages/fine_tune.py",
        )


def log_names(ws: Workspace) -> dict[str, str]:
    """Return what each log is called, by id."""
    with shown_problems():
        return {row.manifest.id: row.manifest.name for row in datasets.list_datasets(ws)}
