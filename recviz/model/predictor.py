"""A trained run, opened at an origin: the one door to the model for everything above."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.dataset import Dataset
from recviz.data.history import History
from recviz.data.sequences import LogView
from recviz.data.split import origin_view
from recviz.errors import RunFailedError
from recviz.language import tr
from recviz.model.assembly import RunItems, collator_from_facts, index_items
from recviz.model.batch import Batch, Collator
from recviz.model.checkpoint import MARKER, is_readable, read_facts, read_tensors, require_complete
from recviz.model.config import RunConfig
from recviz.model.device import pick_device
from recviz.model.item_vectors import directions
from recviz.model.kept import FOLDER as KEPT
from recviz.model.kept import Kept
from recviz.model.level import LevelSpread
from recviz.model.loading import build_network, load_tuned, network_weights, split_of
from recviz.model.network import EventParts, InterestNetwork
from recviz.model.prediction import Prediction, join_predictions
from recviz.model.subsets import collate_subsets
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder
from recviz.text.items import ItemText, item_texts

BATCH = 64
MODEL = "model"

# B histories, L events, K periods, I candidate items, D width, H width of the backbone


class Predictor:
    """Answers for any history, at one origin, with one run's model."""

    def __init__(self, dataset: Dataset, run_folder: Path, origin: Literal["cut", "now"], device: torch.device) -> None:
        folder = run_folder / MODEL
        require_complete(folder)
        self.dataset, self.origin, self.device, self.folder = dataset, origin, device, folder
        self.config = RunConfig.read(run_folder)
        facts = read_facts(folder)
        self.split = split_of(dataset, self.config)
        self.view: LogView = origin_view(dataset, self.split, origin)
        self.instant = self.split.cut if origin == "cut" else self.split.now
        self.level = LevelSpread(**facts.get("level", {}))  # models of before did not measure it
        tables = read_tensors(folder, "tables")
        self.trained_items = index_items(tables["rows"].numpy(), dataset.manifest.n_items)
        self.items = self._items_at_origin()
        self.collator: Collator = collator_from_facts(
            facts["collator"], self.view, dataset, self.split, self.items, self.config
        )
        self.network = self._network(tables["pooled"].shape[1])
        self.fingerprint = f"{run_folder.name}:{_digest(folder)}:{origin}"
        self.kept = Kept(run_folder / KEPT, origin, self.fingerprint)
        self._tables = tables
        self._popularity = torch.from_numpy(self.collator.population.popularity).to(device)  # (G, F, I)
        self._value_levels = torch.from_numpy(self.collator.values.of_items()).to(device)  # (I,)
        with torch.no_grad():  # not inference mode: attribution differentiates through these
            self.item_text, self.item_identity, self._own_bias = self._item_tables()
            self.item_vectors = self.ready(self.item_text + self.item_identity)

    @property
    def candidates(self) -> NDArray[np.int64]:
        """Rows of the item table that may be recommended, ``(I,)``."""
        return self.items.rows

    @property
    def position(self) -> NDArray[np.int64]:
        """Item row to candidate position, -1 where none, ``(items,)``."""
        return self.items.position

    @cached_property
    def users(self) -> NDArray[np.intp]:
        """Users with history at this origin."""
        return self.view.users()

    @cached_property
    def item_texts(self) -> list[ItemText]:
        """What the language model reads of each candidate, ``(I,)``."""
        rows = self.dataset.items.iloc[self.items.rows]
        return item_texts(rows, self.dataset.manifest.text_fields)

    def history(self, user: int) -> History:
        """Return all that this origin knows of the user."""
        return self.view.history(user)

    def instant_of(self, user: int) -> int:
        """Return the user's origin: the same for all, but just after the user's last event in a leave-one-out split."""
        if self.split.kind == "time":
            return self.instant
        history = self.history(user)
        return int(history.time[-1]) + 1 if len(history) else self.instant

    def default_instant(self, history: History) -> int:
        """Return the origin of a history that is nobody's or has been changed."""
        if self.split.kind == "time" or not len(history):
            return self.instant
        return int(history.time[-1]) + 1

    def collate(self, histories: Sequence[History], instants: Sequence[int]) -> Batch:
        """Pad histories, each with one query, to tensors."""
        asked = [np.array([instant], np.int64) for instant in instants]
        known = [history.before(instant) for history, instant in zip(histories, instants, strict=True)]
        return self.collator(known, asked, [len(history) for history in known]).to(self.device)

    def latest(self, history: History, count: int) -> NDArray[np.intp]:
        """Return the positions of the last ``count`` events, oldest first; within a basket texts decide, never ids."""
        return self.collator.latest(history, count)

    def parts(self, batch: Batch) -> EventParts:
        """Look up what each event brings, part by part."""
        return self.network.event_parts(batch, self.item_text, self.item_identity)

    def predict_parts(self, batch: Batch, parts: EventParts) -> Prediction:
        """Predict from given parts; differentiable in them."""
        state = self.network.encode(batch, parts)[:, 0]  # (B, D)
        head = self.network.head(state, batch.features[:, 0], batch.season[:, 0])
        empty = batch.empty[:, 0, None]
        log_rate = torch.where(empty, 0, head.log_rate)  # nobody's curve is the population's
        log_shape = torch.where(empty[:, 0], 0, head.log_shape)
        log_depth = torch.where(empty[:, 0], 0, head.log_depth)
        owns = (batch.own_weight.sum(dim=1) > 0)[:, None]
        return Prediction(
            mu=(batch.rate[:, :1].log() + log_rate).exp(),
            shape=(batch.shape[:, 0].log() + log_shape).exp(),
            depth=1 + (batch.depth[:, 0] - 1).clamp(min=1e-3) * log_depth.exp(),
            z=head.z,
            gate=torch.where(owns, torch.sigmoid(head.gate), 0),
            own_item=batch.own_item,
            own_weight=batch.own_weight,
            popularity_weight=self.network.popularity_weight,
            snapshot=batch.snapshot[:, 0],
            popularity=self._popularity,
            own_bias=self._own_bias,
            own_value=batch.own_value[:, 0],
        )

    @torch.inference_mode()
    def predict(self, histories: Sequence[History], instants: Sequence[int] | None = None) -> Prediction:
        """Predict for histories (which may be empty) at their instants, or each at its own origin."""
        if instants is None:
            instants = [self.default_instant(history) for history in histories]
        order = np.argsort([len(history) for history in histories], kind="stable")
        predictions = []
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = self.collate([histories[at] for at in chosen], [instants[at] for at in chosen])
            predictions.append(self.predict_parts(batch, self.parts(batch)))
        return join_predictions(predictions).rows(torch.from_numpy(np.argsort(order)).to(self.device))

    @torch.inference_mode()
    def predict_subsets(self, history: History, instant: int, present: NDArray[np.bool_]) -> Prediction:
        """Predict for subsets ``(B, n)`` of one history, as if the other events had been removed from the log."""
        known = history.before(instant)
        if not len(known):
            return self.predict([known] * len(present), [instant] * len(present))
        present = present[:, : len(known)]
        order = np.argsort(present.sum(axis=1), kind="stable")
        predictions = []
        for start in range(0, len(order), BATCH):
            chosen = present[order[start : start + BATCH]]
            batch = collate_subsets(self.collator, known, instant, chosen).to(self.device)
            predictions.append(self.predict_parts(batch, self.parts(batch)))
        return join_predictions(predictions).rows(torch.from_numpy(np.argsort(order)).to(self.device))

    @torch.inference_mode()
    def expected_values(self, prediction: Prediction) -> Tensor | None:
        """Return the expected value of each candidate in the log's own unit (or a chance), ``(B, I)``."""
        if self.dataset.manifest.value_type == "none":
            return None
        vectors = self.item_text + self.item_identity
        rows = [
            self.network.values(z[None].expand(len(vectors), -1), vectors, self._value_levels + own)
            for z, own in zip(prediction.z[:, 0], prediction.own_value, strict=True)
        ]  # one user at a time: (I, 3D) each
        return self._in_unit(torch.stack(rows))

    def expected_value(self, prediction: Prediction, position: int) -> Tensor | None:
        """Return the expected value of one candidate, ``(B,)``, as `expected_values`; differentiable."""
        if self.dataset.manifest.value_type == "none":
            return None
        vector = self.item_text[position] + self.item_identity[position]  # (D,)
        z = prediction.z[:, 0]  # (B, D)
        start = self._value_levels[position] + prediction.own_value
        return self._in_unit(self.network.values(z, vector.expand(len(z), -1), start))

    def _in_unit(self, standardised: Tensor) -> Tensor:
        if self.dataset.manifest.value_type == "yes_no":
            return torch.sigmoid(standardised)
        scaling = self.collator.scaling
        spread: Tensor = standardised * scaling.value_std + scaling.value_mean
        return spread.clamp(scaling.value_low, scaling.value_high)

    def ready(self, vectors: Tensor) -> Tensor:
        """Turn sums of text part and identity ``(..., D)`` into what `mark_probabilities` takes."""
        return directions(vectors)

    def project(self, pooled: Tensor) -> Tensor:
        """Turn pooled text vectors ``(N, H)`` into the text part of item vectors ``(N, D)``."""
        return self.network.project_text(pooled)

    @cached_property
    def text(self) -> TextEncoder:
        """The run's tuned language model."""
        return load_tuned(self.config, self.folder).to(self.device)

    @cached_property
    def untuned(self) -> TextEncoder:
        """The language model as it was before tuning, for topics and nearest texts."""
        return TextEncoder(load_backbone(self.config.backbone), self.config.max_tokens).to(self.device).eval()

    @cached_property
    def pretrained_vectors(self) -> NDArray[np.float32]:
        """Unit text vectors of the candidates from the untuned language model, ``(I, H)``."""
        vectors = self._tables["pretrained"].float()
        if len(self.items.rows) > len(vectors):
            vectors = torch.cat([vectors, self._texts_of_new("pretrained", lambda: self.untuned)])
        unit: NDArray[np.float32] = torch.nn.functional.normalize(vectors, dim=1).numpy()
        return unit

    @torch.inference_mode()
    def embed_topic(self, text: str) -> NDArray[np.float32]:
        """Return the untuned unit vector of typed text, ``(H,)``."""
        tokens = self.untuned.tokens([text])
        pooled = self.untuned(tokens.ids.to(self.device), tokens.mask.to(self.device))
        unit: NDArray[np.float32] = torch.nn.functional.normalize(pooled[0], dim=0).cpu().numpy()
        return unit

    def _items_at_origin(self) -> RunItems:
        """Keep the trained items in their places; items first seen after the cut follow, for the origin ``now``."""
        if self.origin == "cut":
            return self.trained_items
        seen = self.view.items(self.dataset.manifest.n_items)
        seen[self.trained_items.rows] = False
        rows = np.concatenate([self.trained_items.rows, np.flatnonzero(seen)])
        return index_items(rows, self.dataset.manifest.n_items)

    def _network(self, text_width: int) -> InterestNetwork:
        network = build_network(self.config, self.dataset, self.collator, (len(self.trained_items.rows), text_width))
        network.load_state_dict(network_weights(self.folder))
        for weight in network.parameters():
            weight.requires_grad = False
        return network.to(self.device).eval()

    def _item_tables(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return text parts and identities ``(I, D)``, and own constants ``(I,)``; new items live on their text."""
        pooled = self._tables["pooled"].float().to(self.device)
        fresh = self.items.rows[len(pooled) :]
        if len(fresh):
            pooled = torch.cat([pooled, self._texts_of_new("pooled", lambda: self.text).to(self.device)])
        identity = self.network.identities()
        bias = self.network.own_biases()
        if len(fresh):
            identity = torch.cat([identity, identity.new_zeros(len(fresh), identity.shape[1])])
            bias = torch.cat([bias, bias.new_zeros(len(fresh))])
        return self.project(pooled), identity, bias

    @torch.inference_mode()
    def _texts_of_new(self, name: str, encoder: Callable[[], TextEncoder]) -> Tensor:
        """Return the pooled texts of the items that are new since the cut, ``(new, H)``, on the processor."""
        rows = self.dataset.items.iloc[self.items.rows[len(self.trained_items.rows) :]]
        texts = [each.text for each in item_texts(rows, self.dataset.manifest.text_fields)]
        made = self.kept.tensors(f"new-{name}", lambda: {"texts": encoder().encode(texts, BATCH)})
        return made["texts"].float()


def load_predictor(
    dataset: Dataset, run_folder: Path, origin: Literal["cut", "now"], device: str = "auto"
) -> Predictor:
    """Open a run's model.

    Raises:
        RunFailedError: If the run has no complete model, or one of another version.
    """
    where = tr("run {name}").format(name=run_folder.name)
    if not (run_folder / MODEL / MARKER).is_file():
        raise RunFailedError.of(tr("This run has no model yet"), where, tr("Wait until it has completed, or resume it"))
    if not is_readable(run_folder / MODEL):
        raise RunFailedError.of(
            tr("This run was trained by another version of recviz, whose models this one cannot read"),
            where,
            tr("Clone it on the Runs page to train it again with the same settings; its scores stay readable"),
        )
    return Predictor(dataset, run_folder, origin, pick_device(device))


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / MARKER).read_bytes()).hexdigest()[:12]
