"""What each section of the report says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from recviz.data.findings import Profile
from recviz.evaluate.result import Evaluation, Task
from recviz.explain.explanation import Explanation, TextAttribution
from recviz.forecast.cohorts import CohortView
from recviz.forecast.segments import EVERYBODY
from recviz.forecast.user_view import UserView
from recviz.forecast.users import ListName
from recviz.language import mark, tr
from recviz.model.predictor import Predictor
from recviz.plots import attribution, curves, profile, verdicts
from recviz.plots.cohorts import heading_words
from recviz.plots.formats import to_datetime
from recviz.plots.template import Chart
from recviz.plots.trust import trust_charts
from recviz.services import cohorts, explanations, forecasts, recommendations
from recviz.services.first_example import telling_user
from recviz.services.ranking_beside import RankedBeside, ranked_beside
from recviz.services.recommendations import RecommendedItem
from recviz.services.workspace import Workspace

EXAMPLES: dict[ListName, str] = {
    "most active": mark("Active"),
    "rising": mark("Rising"),
    "may lapse": mark("May lapse"),
}
"""The lists whose first users are shown, and what the Interest page calls them."""
SEGMENT_GROUP = "Activity"
RECOMMENDED = 10
DETAILED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """What the log is like."""

    profile: Profile
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """One comparison with the baselines."""

    task: Task
    title: str
    verdict: str
    measures: tuple[str, ...]
    """Keys of the scores, the main one first."""
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPart:
    """Whether the model is any good."""

    found: Evaluation
    tasks: tuple[TaskPart, ...]
    charts: tuple[Chart, ...]
    """How far chances, bands and levels can be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One user's page."""

    why_shown: str
    """The list that the user heads."""
    view: UserView
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """What is expected of everybody, of segments, and of a few users."""

    everybody: CohortView
    heading: str
    """How many of all users rise, fade, may lapse and stay."""
    chart: Chart
    segments: tuple[CohortView, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPart:
    """One user's recommendations, and why the first is first."""

    user_id: str
    items: tuple[RecommendedItem, ...]
    only_new: bool
    """Whether items that the user had are left out."""
    beside: RankedBeside | None
    """What the best ranking baseline would put first instead; ``None`` where rankings were not judged."""
    explanation: Explanation
    chart: Chart
    reach: float
    """Largest absolute share of a word of the events: the strongest tint."""
    candidate_reach: float
    """The same for the item's own words, a strip of its own."""


def log_part(found: Profile, predictor: Predictor) -> LogPart:
    """Draw the log's profile."""
    charts = []
    if found.activity:
        starts = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day, _, _ in found.activity]
        cut = to_datetime(predictor.split.cut) if predictor.split.kind == "time" else None
        charts.append(profile.activity_area(starts, [events for _, events, _ in found.activity], "week", cut))
    bars = found.events_per_user_histogram
    if bars:
        edges = [low for low, _, _ in bars] + [bars[-1][1] + 1]
        charts.append(profile.events_per_user(edges, [users for _, _, users in bars]))
    return LogPart(profile=found, charts=tuple(charts))


def evaluation_part(found: Evaluation) -> EvaluationPart:
    """Draw the model beside the baselines, and how honest its chances are."""
    return EvaluationPart(
        found=found, tasks=tuple(map(_task_part, found.tasks)), charts=tuple(trust_charts(found).values())
    )


def curves_part(ws: Workspace, run_id: str) -> Curves:
    """Gather the curves of everybody, of activity segments and of example users, at the cut."""
    predictor = ws.predictor(run_id, "cut")
    everybody = forecasts.cohort(ws, run_id, EVERYBODY)
    segments = [part for part in forecasts.segments(ws, run_id) if part.group == SEGMENT_GROUP]
    return Curves(
        everybody=everybody,
        heading=heading_words(cohorts.users(ws, run_id, EVERYBODY)["direction"]),
        chart=curves.cohort_curve(everybody, predictor.split.period),
        segments=tuple(forecasts.cohort(ws, run_id, part.key) for part in segments),
        examples=tuple(_examples(ws, run_id)),
    )


def why_part(ws: Workspace, run_id: str, user_id: str | None) -> WhyPart:
    """Rank items for one user and explain the first.

    Args:
        ws: The workspace.
        run_id: The run.
        user_id: The user; ``None`` takes one whose first recommendation has a clear reason; see
            `recviz.services.first_example.telling_user`.
    """
    user = telling_user(ws, run_id) if user_id is None else user_id
    new = recommendations.recommend_user(ws, run_id, user, top=RECOMMENDED)
    # in a small catalogue a user may have had everything
    items = new or recommendations.recommend_user(ws, run_id, user, top=RECOMMENDED, exclude_seen=False)
    found = explanations.explain_recommendation(ws, run_id, user, items[0].item_id, n_detailed=DETAILED)
    texts = [event.parts.text for event in found.events if event.parts and event.parts.text]
    return WhyPart(
        user_id=user,
        items=items,
        only_new=bool(new),
        beside=ranked_beside(ws, run_id, user, exclude_seen=bool(new)),
        explanation=found,
        chart=attribution.event_bars(found),
        reach=_reach(texts),
        candidate_reach=_reach([found.candidate] if found.candidate else []),
    )


def _task_part(task: Task) -> TaskPart:
    return TaskPart(
        task=task,
        title=tr(verdicts.TASK_WORDS[task.name]),
        verdict=verdicts.verdict(task.comparison),
        measures=(task.measure, *(name for name in task.model.scores if name != task.measure)),
        chart=verdicts.task_chart(task),
    )


def _examples(ws: Workspace, run_id: str) -> list[Example]:
    lists = forecasts.user_lists(ws, run_id)
    shown: dict[str, ListName] = {}
    for name in EXAMPLES:
        first = next((user for user in lists.pick(name)["user_id"] if user not in shown), None)
        if first is not None:
            shown[str(first)] = name
    views = [(name, forecasts.user_view(ws, run_id, user)) for user, name in shown.items()]
    return [Example(why_shown=tr(EXAMPLES[name]), view=view, chart=curves.user_curve(view)) for name, view in views]


def _reach(texts: Sequence[TextAttribution]) -> float:
    return max((abs(span.value) for text in texts for span in text.words), default=0.0)
