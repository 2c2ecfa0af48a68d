"""The score as a function of what one event is made of: the ground on which every method for parts stands.

Each part has a place between its baseline and what it is (see `recviz.explain.parts`); the other events stay present.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recviz.data.history import History
from recviz.errors import InvalidSettingError
from recviz.explain.choices import Baseline
from recviz.explain.rollup import field_of_places, word_of_places
from recviz.explain.scalars import Scalar
from recviz.explain.texts import read_texts
from recviz.language import tr
from recviz.model.network import EventParts
from recviz.model.predictor import Predictor

OTHERS = ("identity", "kind", "value", "time")
"""Parts of an event beside its text, in the order of their columns."""
TOKENS_AT_ONCE = 2048
"""Tokens that go through the language model together, with gradient or without: bounds the memory."""
PAIRS_AT_ONCE = 3_000_000
"""Pairs of events whose attention is held together: bounds the memory of long histories."""

# E events looked into, V rows of the scalar for one history, R rows at work, L events, T tokens, D width,
# P = T + 4 places: the tokens and the other parts

Batched = TypeVar("Batched")


@dataclass(frozen=True, slots=True)
class Units:
    """What one event can lose at a time: its words and its other parts."""

    of_place: NDArray[np.intp]
    """The unit of each place, ``(P,)``; -1 where nothing can be lost: padding and the model's own markers."""
    field: NDArray[np.intp]
    """The text field of each unit, ``(units,)``; the other parts are fields of their own."""

    def __len__(self) -> int:
        return len(self.field)


class PartPath:
    """The score of one history as a function of the parts of one of its events at a time."""

    def __init__(
        self,
        predictor: Predictor,
        scalar: Scalar,
        history: History,
        instant: int,
        positions: Sequence[int],
        baseline: Baseline = "neutral",
    ) -> None:
        self._predictor, self._scalar = predictor, scalar
        looks_from = scalar.looks_from(instant)
        variants = scalar.histories(history, instant, predictor)
        with torch.no_grad():
            self._batch = predictor.collate(variants, [looks_from] * len(variants))
            parts = predictor.parts(self._batch)
        as_trained = torch.ones(parts.text.shape[:2], device=parts.text.device)
        self._old = (parts.text, parts.identity, parts.kind, parts.value, as_trained)
        slots = [window_places(predictor, row.before(looks_from), positions) for row in variants]
        self._slots = torch.tensor(np.stack(slots), device=as_trained.device)  # (V, E)
        self._n_variants = len(variants)
        self.texts = read_texts(predictor, [int(history.item[position]) for position in positions], baseline)

    def __len__(self) -> int:
        return self._slots.shape[1]

    @property
    def rows_at_once(self) -> int:
        """How many rows may be at work together under the memory limits."""
        per_history = self._n_variants * (1 + self._old[0].shape[1]) ** 2
        return max(1, min(TOKENS_AT_ONCE // self.texts.embeddings.shape[1], PAIRS_AT_ONCE // per_history))

    def inputs(self) -> tuple[Tensor, ...]:
        """The parts as they are: ``(E, T, H)``, three times ``(E, D)``, ``(E, 1)``."""
        _, *others, time = (part[0, self._slots[0]] for part in self._old)
        return self.texts.embeddings, *others, time[:, None]

    def baselines(self) -> tuple[Tensor, ...]:
        """The parts at their baselines, shaped as `inputs`."""
        _, *others = self.inputs()
        return self.texts.baseline, *(torch.zeros_like(part) for part in others)

    def score(self, *given: Tensor) -> Tensor:
        """Return the score of each row, ``(R,)``; row r replaces the parts of event ``index[r]``.

        Args:
            *given: The five parts as `inputs` has them, for R rows; last ``index``, ``(R,)``.
        """
        embeddings, *parts, time, index = given
        n_variants = self._n_variants
        text = self.texts.vectors(self._predictor, embeddings, index)  # (R, D)
        slot = self._slots[:, index].T.flatten()  # (R * V,)
        row = torch.arange(len(slot), device=slot.device)
        repeats = torch.arange(n_variants, device=slot.device).repeat(len(index))  # (R * V,)
        changed = EventParts(*(
            old[repeats].index_put((row, slot), new[row // n_variants])
            for old, new in zip(self._old, (text, *parts, time[:, 0]), strict=True)
        ))  # fmt: skip
        prediction = self._predictor.predict_parts(take_rows(self._batch, repeats), changed)
        return self._scalar.value(prediction, self._predictor)

    @torch.no_grad()
    def scores_with(self, index: NDArray[np.intp], present: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the score with only some of an event's places as they are, the others at their baselines.

        Args:
            index: The event of each row, ``(R,)``.
            present: ``(R, P)``.

        Returns:
            ``(R,)``, in the scalar's unit.
        """
        ends = list(zip(self.inputs(), self.baselines(), strict=True))
        n_tokens = ends[0][0].shape[1]
        found = []
        for start in range(0, len(index), self.rows_at_once):
            rows = torch.from_numpy(index[start : start + self.rows_at_once]).to(ends[0][0].device)
            kept = torch.from_numpy(present[start : start + self.rows_at_once]).to(rows.device)
            weights = (kept[:, :n_tokens, None], *(kept[:, [n_tokens + at]] for at in range(len(OTHERS))))
            mixed = [torch.where(weight, a[rows], b[rows]) for weight, (a, b) in zip(weights, ends, strict=True)]
            found.append(self.score(*mixed, rows).double().cpu().numpy())
        return np.concatenate(found) if found else np.empty(0)

    def units(self, row: int) -> Units:
        """Divide an event into what it can lose at a time: words, identity, kind, value, time."""
        texts = self.texts
        stands = texts.stands[row].cpu().numpy()
        offsets = texts.tokens.offsets[row].cpu().numpy()
        item = texts.texts[row]
        word = np.full(len(stands), -1, np.intp)
        word[stands] = word_of_places(item.text, offsets[stands])
        n_words = int(word.max(initial=-1)) + 1
        field = np.zeros(n_words, np.intp)
        field[word[stands]] = field_of_places(item.spans, offsets[stands])
        others = np.arange(len(OTHERS))
        return Units(
            of_place=np.concatenate([word, n_words + others]),
            field=np.concatenate([field, max(1, len(item.spans)) + others]),
        )


def window_places(predictor: Predictor, history: History, positions: Sequence[int]) -> NDArray[np.intp]:
    """Return where events of a history stand in the encoder's window, which drops the oldest, ``(E,)``.

    Raises:
        InvalidSettingError: If an event is too old for the window.
    """
    window = np.sort(predictor.latest(history, predictor.config.max_history))
    places = np.searchsorted(window, positions)
    if np.any(window[np.minimum(places, len(window) - 1)] != positions):
        raise InvalidSettingError.of(
            tr("The event is older than those that the model attends to"),
            tr("explanation"),
            tr("Pick a later event"),
        )
    return places


def take_rows(batch: Batched, index: Tensor) -> Batched:
    """Take rows of a dataclass of tensors, as often as they are named."""
    return type(batch)(*(getattr(batch, spec.name)[index] for spec in fields(batch)))  # type: ignore[arg-type]  # the same class's own fields
