"""Answers of a run that take long and stay the same as long as its weights do, in files beside its model."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from recviz.data.whole import write_whole

FOLDER = "kept"
MEANING = "1"
"""Of the answers, to be raised where the same weights come to give others."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of one model at one origin; what cannot be read counts as absent."""

    folder: Path
    origin: str
    of: str
    """The model's fingerprint: a file that was made from other weights is made anew."""

    def tensors(self, name: str, make: Callable[[], Mapping[str, Tensor]]) -> Mapping[str, Tensor]:
        """Return the answer of this name; work it out and keep it where there is none.

        A full disk or a folder that cannot be written to costs the keeping, not the answer.
        """
        path = self.folder / f"{self.origin}-{name}.safetensors"
        found = self._read(path)
        if found is not None:
            return found
        made = {key: value.detach().cpu().contiguous() for key, value in make().items()}
        try:
            self.folder.mkdir(exist_ok=True)  # not the run's: it may have been deleted meanwhile
            write_whole(path, save(made, self._told()))
        except OSError as error:
            _log.warning("Not kept: %s", error)
        return made

    def _read(self, path: Path) -> Mapping[str, Tensor] | None:
        try:
            with safe_open(path, framework="pt") as file:
                if file.metadata() != self._told():
                    return None
                return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - a file, not a mapping
        except (OSError, SafetensorError):
            return None

    def _told(self) -> dict[str, str]:
        return {"of": self.of, "meaning": MEANING}
