"""What training tells of itself: where it is, and what the search for the number of passes has found."""

from dataclasses import dataclass, field

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

    def see(self, loss: dict[str, float], passes: int, step: int) -> None:
        """Note what validation found."""
        found, words = loss["total"], f"validation loss {loss['total']:.4f}"
        if NDCG in loss:
            found, words = -loss[NDCG], f"{NDCG} {loss[NDCG]:.4f}"
        self.worse += 1
        if found < self.best:
            self.best, self.best_words, self.best_passes, self.best_step, self.worse = found, words, passes, step, 0
