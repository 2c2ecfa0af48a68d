"""Start a run from the weights of another: what is taken over, and how it is named.

The log may have grown in between: items, kinds and users are therefore named by their ids, never by their positions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.dataset import Dataset
from recviz.data.split import Split
from recviz.errors import RunFailedError
from recviz.model.assembly import RunItems, kind_places
from recviz.model.checkpoint import FORMAT, fault_of, read_facts, read_tensors, require_complete, write_folder
from recviz.model.config import RunConfig
from recviz.model.loading import GAIN, network_weights, split_of
from recviz.model.network import InterestNetwork
from recviz.model.predictor import MODEL
from recviz.training.texts import TextTable

START = "start"
OWN = "identity.weight"
BY_ITEM = (OWN, "item_bias")
LAST_OF_VALUES = ("value_head.2.weight", "value_head.2.bias")
BY_KIND = "kind.weight"
STARTS = (5, 6, 7, FORMAT)
"""Formats of models that a run which has not ended may have been given to start from."""
BY_STEP = ("step.weight", "carry", "popularity_weight")
MEASURED = (GAIN, "counts.", "shared_beyond")
"""Beginnings of the names of what is fitted to the new log before its passes begin."""
MOST_WEIGHT = 4.0
"""A user counts at most so many times."""


def write_start(dataset: Dataset, run_folder: Path, folder: Path, errors: Mapping[str, float]) -> None:
    """Copy what a run may start from into the folder of the new run, named by ids.

    Args:
        dataset: The log of the run to continue.
        run_folder: That run's folder.
        folder: The new run's folder; ``start/`` is written below it.
        errors: User id to the error of that run's backtest, at least 0; empty where examples are not weighted.

    Raises:
        RunFailedError: If that run has no complete model.
    """
    model = run_folder / MODEL
    require_complete(model)
    split = split_of(dataset, RunConfig.read(run_folder))
    rows = read_tensors(model, "tables")["rows"].tolist()
    places = kind_places(dataset, split)
    facts = {
        "run": run_folder.name,
        "split": split.kind,
        "cut": split.cut,
        "items": [str(dataset.item_ids[row]) for row in rows],
        "kinds": {
            kind.name: int(at) for kind, at in zip(dataset.manifest.kinds, places, strict=False) if at < places[-1]
        },
        "errors": dict(errors),
    }
    network = network_weights(model)
    if "value_prior" not in read_facts(model)["collator"]:  # it told whole values, which now have a start of their own
        network |= {name: torch.zeros_like(network[name]) for name in LAST_OF_VALUES}
    groups = {"network": network}
    if (model / "text.safetensors").is_file():
        groups["text"] = read_tensors(model, "text")
    write_folder(folder / START, groups, facts)


def may_choose(seen: int, split: Split) -> bool:
    """Whether validation may choose the passes of a run that continues another.

    It may not where that one has learnt from the validation window, nor where nothing is held out: such a run is to learn
    from just that window, and passes over what came before would say nothing of it.

    Args:
        seen: The cut of the run that is continued.
        split: Of the run that continues it.
    """
    return split.kind == "time" and split.holds_out and seen <= split.validation


@dataclass(frozen=True, slots=True)
class Start:
    """The weights that a run starts from, read from its folder."""

    facts: Mapping[str, Any]
    network: Mapping[str, Tensor]
    text: Mapping[str, Tensor]
    """Tuned weights of the language model; empty where it was frozen."""

    @classmethod
    def read(cls, folder: Path) -> "Start | None":
        """Read ``start/``; ``None`` for a run that starts anew.

        Raises:
            RunFailedError: If a file is missing or damaged.
        """
        path = folder / START
        if not path.is_dir():
            return None
        fault = fault_of(path, STARTS)
        if fault is not None:
            raise RunFailedError.of(
                f"The weights that this run starts from are not whole: {fault}", f"run {folder.name}", "Launch it anew"
            )
        text = read_tensors(path, "text") if (path / "text.safetensors").is_file() else {}
        return cls(read_facts(path), network_weights(path), text)

    def may_choose(self, split: Split) -> bool:
        """Whether validation may choose this run's passes; see `may_choose`."""
        return may_choose(int(self.facts["cut"]), split)

    @torch.no_grad()
    def load_text(self, texts: TextTable) -> None:
        """Put the tuned weights into the language model and read the texts with them.

        Raises:
            RunFailedError: If they do not fit.
        """
        ours = texts.tuned()
        if ours.keys() != self.text.keys():
            raise _unfit(sorted(ours.keys() ^ self.text.keys()))
        for name, weight in ours.items():
            weight.copy_(self.text[name])
        if ours:
            texts.refresh()

    def load_network(self, network: InterestNetwork, dataset: Dataset, split: Split, items: RunItems) -> str:
        """Put the weights into a fresh network, rows of items and kinds by their ids; say how many carried over.

        Raises:
            RunFailedError: If they do not fit.
        """
        fresh = network.state_dict()
        if fresh.keys() != self.network.keys():
            raise _unfit(sorted(fresh.keys() ^ self.network.keys()))
        place = {name: row for row, name in enumerate(self.facts["items"])}
        here = np.array([place.get(str(dataset.item_ids[row]), -1) for row in items.rows], np.int64)
        known = (here >= 0) & (self.network[GAIN].numpy()[here] > 0) & (fresh[GAIN].numpy() > 0)
        kinds, theirs = self._kinds(dataset, split)
        steps = np.arange(min(len(fresh[BY_STEP[0]]), len(self.network[BY_STEP[0]])))
        rows = {name: (np.flatnonzero(known), here[known]) for name in BY_ITEM}
        rows |= {BY_KIND: (kinds, theirs)} | dict.fromkeys(BY_STEP, (steps, steps))
        loaded = {name: self._merged(name, ours, rows.get(name)) for name, ours in fresh.items()}
        loaded[OWN][known] *= (self.network[GAIN][here[known]] / fresh[GAIN][known])[:, None]
        network.load_state_dict(loaded)
        return (
            f"Continues {self.facts['run']}: {int((here >= 0).sum()):,} of {len(here):,} items were known to it, "
            f"{int(known.sum()):,} with a vector of their own, and {len(kinds)} of {len(dataset.manifest.kinds)} kinds"
        )

    def user_weights(self, user_ids: NDArray[np.object_], config: RunConfig) -> NDArray[np.float64] | None:
        """Return how much each user counts, ``(users,)``; ``None`` where ``error_weight`` is 0: all count alike.

        A user counts 1 whose backtest was as wrong as on average, or who was not in it.
        """
        errors = self.facts["errors"]
        mean = sum(errors.values()) / max(1, len(errors))
        if not config.error_weight or not mean:
            return None
        relative = np.array([errors.get(str(user), mean) / mean for user in user_ids])
        return np.clip(1 + config.error_weight * (relative - 1), 0, MOST_WEIGHT)

    def _kinds(self, dataset: Dataset, split: Split) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        places = kind_places(dataset, split)
        pairs = [
            (int(at), self.facts["kinds"][kind.name])
            for kind, at in zip(dataset.manifest.kinds, places, strict=False)
            if at < places[-1] and kind.name in self.facts["kinds"]
        ]
        ours, theirs = np.array(pairs, np.int64).reshape(-1, 2).T
        return ours, theirs

    def _merged(self, name: str, ours: Tensor, rows: tuple[NDArray[np.int64], NDArray[np.int64]] | None) -> Tensor:
        theirs = self.network[name]
        if name.startswith(MEASURED):
            return ours
        if ours.shape[rows is not None :] != theirs.shape[rows is not None :]:
            raise _unfit([name])
        if rows is None:
            return theirs
        merged = ours.clone()
        merged[torch.from_numpy(rows[0])] = theirs[torch.from_numpy(rows[1])]
        return merged


def _unfit(names: list[str]) -> RunFailedError:
    return RunFailedError.of(
        "The weights of the run to continue do not fit this run's",
        ", ".join(names[:3]),
        "It was trained with other settings or by another version of recviz: start anew",
    )
