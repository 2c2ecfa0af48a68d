"""The family of expected errors: what is wrong, where, and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, told so that the reader can put it right."""

    what: str
    where: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.mend}."


class RecvizError(Exception):
    """Base of all expected failures: pages and commands show these and let all others crash."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)  # the sole argument, so that the error survives pickling

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)

    @classmethod
    def of(cls, what: str, where: str, mend: str) -> Self:
        """Make an error of this class that holds one problem."""
        return cls([Problem(what, where, mend)])


class InvalidLogError(RecvizError):
    """A file or its mapping cannot become a dataset."""


class NotFoundError(RecvizError):
    """A dataset, run, user or item that is not in this workspace."""


class InvalidSettingError(RecvizError):
    """A setting whose value cannot work."""


class BackboneError(RecvizError):
    """A pretrained language model that cannot be had or may not be loaded."""


class UnsupportedError(RecvizError):
    """Something that this log or run cannot answer, such as curves of a log that has an order only."""


class RunFailedError(RecvizError):
    """A run that ended without a model, or whose model is not complete."""


class DivergedError(RunFailedError):
    """Training that has left the range of numbers: a loss or a gradient is not finite."""


class BusyError(RecvizError):
    """Something in use that may not be changed now."""
