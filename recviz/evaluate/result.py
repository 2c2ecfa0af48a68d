"""What an evaluation found: plain data that pages, commands and reports read, and its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from recviz.data.split import SplitKind
from recviz.data.whole import write_whole
from recviz.errors import NotFoundError
from recviz.evaluate.trust import Coverage, Decile, ReliabilityBin

FORMAT = 2
READABLE = (1, 2)
"""Format 1 has no single periods' chances, tenths of users and later origins, and fewer tasks."""
MODEL = "the model"
FILE = "evaluation.json"
USERS_FILE = "users.parquet"
"""One row per user with history: ``user_id, stratum, actual, model, baseline`` (active days over the horizon),
``p_active_horizon``, ``deviance_model, deviance_baseline`` (means over periods); ``baseline`` is the best one."""
PERIODS_FILE = "periods.parquet"
"""One row per user and period (1 to K): ``user_id, period, actual, model, baseline``, active days."""

TaskName = Literal[
    "counts", "shares", "ranking", "ranking_new", "ranking_repeats", "ranking_cold", "ranking_newcomers", "value"
]
Verdict = Literal["better", "no difference seen", "worse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The model against the best baseline, paired by user, with 95 % intervals by bootstrap over users."""

    measure: str
    """Key of the measure in the methods' scores that is compared."""
    baseline: str
    """Name of the best baseline on this measure."""
    difference: float
    """Model minus baseline, in the measure's own unit."""
    low: float
    high: float
    gain: float
    """By what part of the baseline's value the model is better: 0.09 is 9 % better, below 0 is worse."""
    gain_low: float
    gain_high: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The scores of the model or of a baseline."""

    name: str
    is_model: bool
    scores: Mapping[str, float | None]
    """Measure -> value; ``None`` where it is undefined, such as a rank correlation of equal forecasts."""
    failure: str = ""
    """Why this method has no scores, in a sentence; empty where it has."""
    note: str = ""
    """What has to be known to read its scores, in a sentence: that its fit failed and what stands in for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One part of the users by their present activity."""

    name: str
    """Such as "4 to 7 active days"."""
    users: int
    model: float | None
    """The task's main measure; ``None`` where the part has no user."""
    baseline: float | None
    comparison: Comparison | None
    """``None`` where the part is too small to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One question put to the model and to the baselines."""

    name: TaskName
    measure: str
    """The main measure, by which the best baseline is chosen."""
    lower_is_better: bool
    users: int
    methods: tuple[Method, ...]
    """The model first."""
    comparison: Comparison
    strata: tuple[Stratum, ...] = ()

    @property
    def model(self) -> Method:
        return self.methods[0]

    def method(self, name: str) -> Method:
        """Return the method of this name.

        Raises:
            KeyError: If there is none.
        """
        return {method.name: method for method in self.methods}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterOrigin:
    """Volume as the run forecasts it from one origin, beside the baselines fitted before that origin."""

    day: str
    """First day forecast, ISO 8601."""
    periods: int
    """Periods after it that the log covers wholly."""
    users: int
    """Users with history by then."""
    model: float
    """Deviance per user and period."""
    baseline: float
    comparison: Comparison
    chance_gap: float
    """Mean distance, over tenths of the users, of the chance to be active at all from what happened."""
    coverage: tuple[Coverage, ...]
    pit: tuple[float, ...]
    """All periods together: share of users in each tenth; 0.1 each is ideal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that the backtest of a run found."""

    split: SplitKind
    period: str
    horizon: int
    periods_scored: int
    """Periods after the cut that the log covers wholly; fewer than the horizon where the log ends early."""
    users: int
    """Users with history at the cut."""
    active_share: float | None
    """Share of them that were active after it."""
    tasks: tuple[Task, ...]
    reliability: tuple[ReliabilityBin, ...] = ()
    """Of the chance of any activity over the horizon."""
    reliability_period: tuple[ReliabilityBin, ...] = ()
    """Of the chance of activity in a single period; a bin holds users' periods."""
    deciles: tuple[Decile, ...] = ()
    """Users in tenths by what the model expects of them, least first."""
    origins: tuple[LaterOrigin, ...] = ()
    """The same weights asked again from later origins, which know of more history; the cut first."""
    coverage: tuple[Coverage, ...] = ()
    pit: tuple[tuple[float, ...], ...] = ()
    """Per period: share of users in each tenth of the randomised probability integral transform; 0.1 each is ideal."""
    notes: tuple[str, ...] = ()
    """What was not evaluated and why, in sentences."""
    seconds: float = 0.0
    format: int = FORMAT

    def task(self, name: TaskName) -> Task | None:
        """Return this task, or ``None`` where the log cannot answer it (then a note says why)."""
        return next((task for task in self.tasks if task.name == name), None)

    @property
    def headline(self) -> Comparison:
        """The comparison that stands for the run: weekly activity, or ranking where there are no times."""
        return self.tasks[0].comparison

    def write(self, folder: Path) -> None:
        """Write ``evaluation.json`` into ``folder``, whole or not at all."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(folder / FILE, text.encode())

    @classmethod
    def read(cls, folder: Path) -> "Evaluation":
        """Read ``evaluation.json`` from ``folder``.

        Raises:
            NotFoundError: If this run was not evaluated, or by another version.
        """
        path = folder / FILE
        if not path.is_file():
            raise NotFoundError.of(
                "This run has not been evaluated", str(folder), "Wait for the run to finish, or run recviz evaluate"
            )
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("format") not in READABLE:
            raise NotFoundError.of(
                "This evaluation was written by another version of recviz", str(path), "Run recviz evaluate on the run"
            )
        return _evaluation(raw)


def _evaluation(raw: dict[str, Any]) -> Evaluation:
    return Evaluation(
        **{
            **raw,
            "tasks": tuple(_task(task) for task in raw["tasks"]),
            "reliability": tuple(ReliabilityBin(**part) for part in raw["reliability"]),
            "reliability_period": tuple(ReliabilityBin(**part) for part in raw.get("reliability_period", ())),
            "deciles": tuple(Decile(**part) for part in raw.get("deciles", ())),
            "origins": tuple(_origin(part) for part in raw.get("origins", ())),
            "coverage": tuple(Coverage(**part) for part in raw["coverage"]),
            "pit": tuple(tuple(row) for row in raw["pit"]),
            "notes": tuple(raw["notes"]),
        }
    )


def _origin(raw: dict[str, Any]) -> LaterOrigin:
    return LaterOrigin(
        **{
            **raw,
            "comparison": Comparison(**raw["comparison"]),
            "coverage": tuple(Coverage(**part) for part in raw["coverage"]),
            "pit": tuple(raw["pit"]),
        }
    )


def _task(raw: dict[str, Any]) -> Task:
    return Task(
        **{
            **raw,
            "methods": tuple(Method(**method) for method in raw["methods"]),
            "comparison": Comparison(**raw["comparison"]),
            "strata": tuple(
                Stratum(**{**part, "comparison": part["comparison"] and Comparison(**part["comparison"])})
                for part in raw["strata"]
            ),
        }
    )
