"""The sample shop: stored in one step, with settings that are done within minutes."""

from pathlib import Path
from tempfile import TemporaryDirectory

from recviz.data.synthetic.files import write_sample
from recviz.model.config import RunConfig, preset_config
from recviz.services import datasets
from recviz.services.workspace import Workspace

NAME = "Sample shop"
PASSES = 8
"""Few, so that two CPU cores are done within minutes; Balanced has more."""


def store_sample(ws: Workspace, told: datasets.Told | None = None) -> str:
    """Write the sample shop, store its log and return the dataset's id; the same id every time."""
    with TemporaryDirectory(dir=ws.settings.cache) as folder:
        sample = write_sample(Path(folder))
        files = datasets.LogFiles(
            events=datasets.local_file(sample.events),
            items=datasets.local_file(sample.items),
            users=datasets.local_file(sample.users),
        )
        return datasets.ingest(ws, files, datasets.preview(ws, files).plan, NAME, told).dataset_id


def sample_config(dataset_id: str) -> RunConfig:
    """Return the settings of the demo: Balanced with few passes."""
    return preset_config("balanced", dataset=dataset_id, passes=PASSES)
