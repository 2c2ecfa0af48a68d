"""What training tells of itself: where it is, and what the search for the number of passes has found."""

from dataclasses import dataclass, field

import numpy as np

from recviz.training.validation import NDCG


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of training, or one validation."""

    phase: str
    """``reading texts``, ``choosing passes``, ``refit``, ``measuring the level`` or ``writing the model``."""
    step: int
    """Steps done in this phase."""
    steps: int
    """Steps that this phase takes at most."""
    pass_: int
    losses: dict[str, float] = field(default_factory=dict)
    validation: float | None = None
    """Weighted validation loss, at the end of a pass."""
    note: str = ""
    """What the log of the run should say."""


@dataclass
class Search:
    """The search for the number of passes."""

    best: float = float("inf")
    """What decides, lower is better: the validation loss, or the negative NDCG of a run that ranks one next item."""
    best_passes: int = 0
    best_step: int = 0
    """The checkpoint whose averaged weights were best; 0 before the first validation."""
    worse: int = 0
    best_words: str = ""
    found: list[float] = field(default_factory=list)
    """What decides, of each pass."""

    def see(self, loss: dict[str, float], passes: int, step: int) -> None:
        """Note what validation found."""
        found, words = loss["total"], f"validation loss {loss['total']:.4f}"
        if NDCG in loss:
            found, words = -loss[NDCG], f"{NDCG} {loss[NDCG]:.4f}"
        self.found[passes - 1 :] = [found]  # a pass that was broken off, judged and gone on with is judged again
        self.worse += 1
        if found < self.best:
            self.best, self.best_words, self.best_passes, self.best_step, self.worse = found, words, passes, step, 0

    @property
    def passes_to_repeat(self) -> int:
        """How many passes a fit with other draws takes: where validation is best with its noise smoothed out.

        Such a fit does not come by the very weights that were best, and several passes often validate alike: each counts
        half, and what stands beside it the other half. Where validation falls faster than it rises, that leans to later ones.
        """
        if len(self.found) < self.best_passes or not self.found:
            return self.best_passes
        near = np.array([1, 2, 1])
        found = np.nan_to_num(self.found, nan=np.inf)
        smooth = np.convolve(found, near)[1:-1] / np.convolve(np.ones(len(self.found)), near)[1:-1]
        return int(smooth.argmin()) + 1
