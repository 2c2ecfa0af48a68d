"""Mixes, rankings and values of one run, judged on what its cut held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.choice import SEQUENCE, Choice
from recviz.baselines.ranking import past_items
from recviz.baselines.sequence import train_without_text
from recviz.baselines.shares import past_mix
from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.evaluate.answers import ask_top, ask_values
from recviz.evaluate.held_out import Activity, ValuedPairs, Which, categories_after, valued_pairs
from recviz.evaluate.ranking import Targets
from recviz.evaluate.ranking_tasks import Asked, RankingBaseline, among_newcomers, rankers, ranking_task
from recviz.evaluate.result import Task, TaskName
from recviz.evaluate.steps import Steps
from recviz.evaluate.tasks import share_task
from recviz.evaluate.value_task import value_task
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WEEK = 7 * MICROSECONDS_PER_DAY
SORTS: tuple[tuple[TaskName, Which], ...] = (
    ("ranking", "all"),
    ("ranking_new", "new"),
    ("ranking_repeats", "repeats"),
    ("ranking_cold", "cold"),
    ("ranking_newcomers", "newcomers"),
)
LAST_SORTS: tuple[tuple[TaskName, Which], ...] = (
    ("ranking", "new"),
    ("ranking_cold", "cold"),
    ("ranking_newcomers", "newcomers"),
)
"""Of last events: what the user had is barred, as published tables have it."""
TWIN_FOLDER = "without_text"
TWIN_STEPS = 100
"""Of the report, for the baseline that has to be trained."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A run at its cut, and what it is judged beside."""

    predictor: Predictor
    choice: Choice
    steps: Steps
    folder: Path
    """Of the evaluation."""

    @property
    def training_steps(self) -> int:
        """Steps of the report that training a baseline takes."""
        return TWIN_STEPS if SEQUENCE in self.choice else 0

    def mixes(self, activity: Activity, code: Ints, count: int, events: Floats) -> list[Task]:
        """Judge shares of ``count`` categories; ``events`` are the model's expected events, ``(U, K, count)``."""
        horizon, predictor = activity.horizon, self.predictor
        since = (horizon.origin - horizon.days) * MICROSECONDS_PER_DAY
        past = past_mix(predictor.view, predictor.dataset.target_kinds, code, count, since)
        actual = categories_after(predictor, code, count, activity.covered)
        expected = events[:, : activity.scored].sum(axis=1)
        task = share_task(past, actual, expected, activity, self.choice.shares)
        return [] if task is None else [task]

    def rankings(self, sorts: Sequence[tuple[TaskName, Targets]], lately: Ints) -> tuple[list[Task], list[str]]:
        """Judge rankings of each sort of items that somebody took; return the tasks, and what to say of the others.

        Args:
            sorts: What was taken.
            lately: Active days over the last horizon of all users of the log, ``(users,)``, or empty.
        """
        notes, kept = [], []
        for name, targets in sorts:
            if is_judged(name, targets):
                kept.append((name, targets))
            elif len(targets.users) and name == "ranking_cold":
                notes.append(
                    "Items without any event before the cut are not judged: the log brings no table of items, so nobody "
                    "could know them then."
                )
        if not kept:
            return [], notes
        tops = ask_top(self.predictor, [targets for _, targets in kept])
        self.steps.done("asking for rankings")
        baselines, popularity = self._rankers()
        tasks = []
        for (name, targets), top in zip(kept, tops, strict=True):
            asked = Asked(name, targets, lately[targets.users] if len(lately) else lately)
            beside = among_newcomers(baselines, len(popularity)) if name == "ranking_newcomers" else baselines
            tasks.append(ranking_task(asked, top, beside, popularity))
        self.steps.done("comparing rankings")
        return tasks, notes

    def values(self, days: int, lately: Ints) -> tuple[list[Task], list[str]]:
        """Judge values in the days after the cut, or of last events; the arguments and results of `rankings`."""
        kind = self.predictor.dataset.manifest.value_type
        if kind == "none":
            return [], []
        pairs = valued_pairs(self.predictor, days)
        if not pairs.can_be_judged:
            return [], ["Values are not judged: no user with history brought one after the cut."]
        said = ask_values(self.predictor, pairs)
        self.steps.done("comparing values")
        is_chance = kind == "yes_no"
        return [value_task(pairs, said, self.choice.values, lately, is_chance=is_chance)], _value_notes(pairs)

    def _rankers(self) -> tuple[tuple[RankingBaseline, ...], Ints]:
        predictor = self.predictor
        past = past_items(predictor.view, predictor.dataset.target_kinds, predictor.position, len(predictor.candidates))
        week_before = predictor.instant - WEEK if predictor.split.kind == "time" else None
        fitted = rankers(self.choice, past, predictor.pretrained_vectors, week_before)
        if SEQUENCE in self.choice:
            start = self.steps.so_far
            twin = train_without_text(
                predictor,
                self.folder / TWIN_FOLDER,
                lambda share: self.steps.reach("training the same model without text", start + int(share * TWIN_STEPS)),
            )
            fitted = (*fitted, RankingBaseline(twin, "Same settings, passes chosen on the same validation window"))
        return fitted, np.bincount(past.position, minlength=len(predictor.candidates))


def is_judged(name: TaskName, targets: Targets) -> bool:
    """Tell whether anybody took items of a sort, and of new ones whether any could be known at all."""
    return len(targets.users) > 0 and (name not in {"ranking_cold", "ranking_newcomers"} or targets.wanted.nnz > 0)


def _value_notes(pairs: ValuedPairs) -> list[str]:
    notes = []
    if np.isfinite(pairs.low):
        notes.append(
            f"Values below {pairs.low:g} or above {pairs.high:g}, the usual range before the cut, count as its ends."
        )
    if pairs.is_sample:
        notes.append(f"Values are judged on {len(pairs.user):,} events, drawn at random.")
    return notes
