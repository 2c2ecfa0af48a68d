"""Ranking tasks: which items come next, all of them and by sort."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recviz.baselines.choice import Choice
from recviz.baselines.ranking import Chance, ItemNeighbours, OwnItems, PastItems, Popularity, Ranker, TextNeighbours
from recviz.evaluate.ranking import Targets, all_hits, baseline_top, catalogue_scores, ranking_scores, user_ndcg
from recviz.evaluate.result import MODEL, Method, Task, TaskName
from recviz.evaluate.tasks import MAIN_CUT, Candidate, Question


@dataclass(frozen=True, slots=True)
class RankingBaseline:
    """A fitted ranker, with what has to be known of it."""

    ranker: Ranker
    note: str = ""


def rankers(
    choice: Choice, past: PastItems, vectors: NDArray[np.float32], week_before: int | None
) -> tuple[RankingBaseline, ...]:
    """Fit the ranking baselines that were chosen and need no training.

    Args:
        choice: Which.
        past: Before the cut.
        vectors: Unit text vectors of the candidates from the untuned language model, ``(I, H)``.
        week_before: Instant 7 days before the cut, microseconds; ``None`` where there are no times.
    """
    fitted: list[Ranker] = [Popularity.fit(past, "most popular")]
    if "popular-week" in choice and week_before is not None:
        fitted.append(Popularity.fit(past, "most popular in the last 7 days", week_before))
    if "own-items" in choice:
        fitted.append(OwnItems.fit(past))
    if "text" in choice:
        fitted.append(TextNeighbours.fit(past, vectors))
    if "together" in choice:
        fitted.append(ItemNeighbours.fit(past))
    return tuple(map(RankingBaseline, fitted))


def among_newcomers(fitted: Sequence[RankingBaseline], n_items: int) -> tuple[RankingBaseline, ...]:
    """Keep what tells items without a past apart, beside chance; all else scores them alike, and ids would decide."""
    return RankingBaseline(Chance(n_items)), *(each for each in fitted if isinstance(each.ranker, TextNeighbours))


@dataclass(frozen=True, slots=True)
class Asked:
    """One sort of items that users took."""

    name: TaskName
    targets: Targets
    """At least one user."""
    present: NDArray[np.int64]
    """Active days lately of the targets' users, ``(U,)``, or empty."""


def ranking_task(
    asked: Asked, model: NDArray[np.int64], baselines: Sequence[RankingBaseline], popularity: NDArray[np.int64]
) -> Task:
    """Compare rankings.

    Args:
        asked: What was wanted.
        model: The model's ranking, ``(U, 200)`` candidate positions.
        baselines: Fitted before the cut; at least one.
        popularity: Events of each candidate before the cut, ``(I,)``.
    """
    answers = [(MODEL, "", model)]
    answers += [(each.ranker.name, each.note, baseline_top(each.ranker, asked.targets)) for each in baselines]
    candidates = []
    for name, note, top in answers:
        hits, count = all_hits(top, asked.targets), asked.targets.count
        scores = {**ranking_scores(hits, count), **catalogue_scores(top, asked.targets, popularity)}
        method = Method(name=name, is_model=name == MODEL, scores=scores, note=note)
        candidates.append(Candidate(method, user_ndcg(hits, count, MAIN_CUT)))
    return Question(asked.name, f"ndcg@{MAIN_CUT}", lower_is_better=False, present=asked.present).task(candidates)
