"""What the best ranking baseline of a run would recommend to the same user, from the same past."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recviz.baselines.choice import RANKINGS, chosen
from recviz.baselines.ranking import Ranker, past_items
from recviz.evaluate.judging import WEEK
from recviz.evaluate.ranking_tasks import rankers
from recviz.forecast.remembered import Remembered
from recviz.model.predictor import Predictor
from recviz.recommend.ranking import excluded_positions
from recviz.services.beside import judged_order
from recviz.services.workspace import Origin, Workspace


@dataclass(frozen=True, slots=True)
class RankedBeside:
    """A baseline's ranking of one user's candidates."""

    name: str
    rank: Mapping[str, int]
    """Item id -> rank, 1 is best; what may not be shown has none."""

    @property
    def first(self) -> str:
        """The item that the baseline would put first; empty where nothing may be shown."""
        return next(iter(self.rank), "")


def ranked_beside(
    ws: Workspace, run_id: str, user_id: str, origin: Origin = "cut", *, exclude_seen: bool = True
) -> RankedBeside | None:
    """Rank a user's candidates by the run's best baseline that needs no training of its own.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user.
        origin: ``cut`` or ``now``.
        exclude_seen: Leave out what the user had; then the best at new items is asked, else the best at all.

    Returns:
        ``None`` where the run was not judged by its rankings.

    Raises:
        NotFoundError: If there is no such run, or the log has no such user.
    """
    predictor = ws.predictor(run_id, origin)
    user = predictor.dataset.user_index(user_id)
    order = judged_order(ws, run_id, "ranking_new" if exclude_seen else "ranking") or judged_order(
        ws, run_id, "ranking"
    )
    fitted = remembered_rankers(predictor)
    name = next((name for name in order if name in fitted), None)
    if name is None:
        return None
    users = np.array([user])
    score = fitted[name].scores(users)[0].astype(np.float64)  # (I,)
    if exclude_seen:
        barred = excluded_positions(predictor, users)[0]
        score[barred[barred >= 0]] = -np.inf
    best_first = np.argsort(-score, kind="stable")[: int(np.isfinite(score).sum())]
    ids = predictor.dataset.item_ids[predictor.candidates[best_first]]
    return RankedBeside(name, {str(item): at + 1 for at, item in enumerate(ids)})


def _fitted(predictor: Predictor) -> dict[str, Ranker]:
    """Fit the ranking baselines that need no training, by name."""
    past = past_items(predictor.view, predictor.dataset.target_kinds, predictor.position, len(predictor.candidates))
    week_before = predictor.instant - WEEK if predictor.split.kind == "time" else None
    known = rankers(chosen(",".join(RANKINGS)), past, predictor.pretrained_vectors, week_before)
    return {each.ranker.name: each.ranker for each in known}


remembered_rankers = Remembered(_fitted)
