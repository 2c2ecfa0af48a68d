"""The workspace: one folder with datasets, runs and the job store, and the models that are open."""

import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Literal

from recviz.data.dataset import Dataset, open_dataset
from recviz.errors import NotFoundError
from recviz.jobs.store import JobStore
from recviz.language import tr
from recviz.model.config import RunConfig
from recviz.model.predictor import Predictor, load_predictor
from recviz.settings import Settings

Origin = Literal["cut", "now"]
OPEN_MODELS = 4


class Workspace:
    """Opens datasets and runs by id; models stay open, a few at a time, and are shared by all sessions."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        for folder in (settings.datasets, settings.runs, settings.uploads, settings.cache):
            folder.mkdir(parents=True, exist_ok=True)
        self._open: OrderedDict[tuple[str, Origin], Predictor] = OrderedDict()
        self._lock = threading.Lock()

    @cached_property
    def jobs(self) -> JobStore:
        """The store of all runs' states and histories."""
        return JobStore(self.settings.database)

    def dataset(self, dataset_id: str) -> Dataset:
        """Open a dataset.

        Raises:
            NotFoundError: If this workspace has none of this id.
        """
        return open_dataset(self.settings.datasets, dataset_id)

    def run_folder(self, run_id: str) -> Path:
        """Return the folder of a run.

        Raises:
            NotFoundError: If this workspace has no run of this id.
        """
        folder = self.settings.runs / run_id
        plain = run_id.isascii() and run_id.replace("-", "").isalnum()
        if not plain or not (folder / "config.json").is_file():
            raise NotFoundError.of(
                tr("There is no run {run_id!r}").format(run_id=run_id),
                tr("this workspace"),
                tr("Pick a run from the Runs page"),
            )
        return folder

    def run_config(self, run_id: str) -> RunConfig:
        """Read the settings of a run."""
        return RunConfig.read(self.run_folder(run_id))

    def predictor(self, run_id: str, origin: Origin) -> Predictor:
        """Open a run's model at an origin, or return it where it is open already.

        Raises:
            NotFoundError: If there is no such run or its dataset is gone.
            RunFailedError: If the run has no complete model.
        """
        with self._lock:
            key = (run_id, origin)
            if key not in self._open:
                folder = self.run_folder(run_id)
                dataset = self.dataset(RunConfig.read(folder).dataset)
                self._open[key] = load_predictor(dataset, folder, origin, self.settings.device)
                while len(self._open) > OPEN_MODELS:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return self._open[key]

    def forget(self, run_id: str) -> None:
        """Close a run's model, which is about to change or to go."""
        with self._lock:
            for key in [key for key in self._open if key[0] == run_id]:
                del self._open[key]
