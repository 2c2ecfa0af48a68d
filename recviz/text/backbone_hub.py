"""Backbones from the Hugging Face hub: only files that cannot run code are ever downloaded."""

import logging
import re
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)
from huggingface_hub.utils.tqdm import tqdm

from recviz.errors import BackboneError
from recviz.language import tr

PLAIN_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
TOLD_EVERY = 0.1
_log = logging.getLogger(__name__)


def fetch(name: str) -> Path:
    """Return the folder of a hub model, downloading it if this machine does not have it yet.

    Raises:
        BackboneError: If there is no such model, or no way to get it.
    """
    if not HUB_ID.fullmatch(name) or ".." in name or "--" in name:
        raise BackboneError.of(
            tr("{name!r} is neither a folder on this machine nor a model id").format(name=name),
            tr("backbone"),
            tr("Write minilm, the path of a folder, or an id such as intfloat/multilingual-e5-small"),
        )
    try:
        return Path(snapshot_download(name, allow_patterns=list(PLAIN_FILES), local_files_only=True))
    except LocalEntryNotFoundError:
        return _download(name)


def _download(name: str) -> Path:
    try:
        return Path(snapshot_download(name, allow_patterns=list(PLAIN_FILES), tqdm_class=_ToldProgress))
    except GatedRepoError as error:
        raise BackboneError.of(
            tr("The model {name!r} asks for an agreement").format(name=name),
            "huggingface.co",
            tr("Accept its terms there and set HF_TOKEN"),
        ) from error
    except RepositoryNotFoundError as error:
        raise BackboneError.of(
            tr("There is no model {name!r}").format(name=name),
            "huggingface.co",
            tr("Correct its id; a private one needs HF_TOKEN"),
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise BackboneError.of(
            tr("The model {name!r} is not on this machine and could not be downloaded").format(name=name),
            tr("no way to huggingface.co from here"),
            tr("Take minilm, which needs no download, or copy the model's folder here and give its path"),
        ) from error


class _ToldProgress(tqdm):
    """Tells the log of a run each tenth of a download, in place of a bar that a file cannot show."""

    _told = 0.0

    def display(self, *_: object, **__: object) -> None:
        """Write a line when another tenth is there."""
        if self.total and self.n / self.total >= self._told:
            self._told = self.n / self.total + TOLD_EVERY
            _log.info("%s: %.0f %%", self.desc or "downloading", 100 * self.n / self.total)
