"""What an evaluation found: plain data that pages, commands and reports read, and its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from recviz.data.whole import write_whole
from recviz.errors import NotFoundError

FORMAT = 1
MODEL = "the model"
FILE = "evaluation.json"
USERS_FILE = "users.parquet"
"""One row per user with history: ``user_id, stratum, actual, model, baseline`` (active days over the horizon),
``p_active_horizon``, ``deviance_model, deviance_baseline`` (means over periods); ``baseline`` is the best one."""
PERIODS_FILE = "periods.parquet"
"""One row per user and period (1 to K): ``user_id, period, actual, model, baseline``, active days."""

TaskName = Literal["counts", "shares", "ranking", "ranking_new"]
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
class ReliabilityBin:
    """Users whose chance to be active at all was predicted alike."""

    predicted: float
    """Mean predicted chance."""
    observed: float
    """Share that was active."""
    low: float
    high: float
    """95 % interval of the observed share (Wilson)."""
    users: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often the truth lay in a band, against the mass that the band itself claims (counts are discrete)."""

    of: Literal["users", "cohorts"]
    """Totals over the horizon of single users, or of random groups of users."""
    band: float
    """The band's name: 0.5, 0.8 or 0.95."""
    nominal: float
    """Mean mass of the bands."""
    observed: float
    count: int
    """Users or groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that the backtest of a run found."""

    split: Literal["time", "leave-one-out"]
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
        if raw.get("format") != FORMAT:
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
            "coverage": tuple(Coverage(**part) for part in raw["coverage"]),
            "pit": tuple(tuple(row) for row in raw["pit"]),
            "notes": tuple(raw["notes"]),
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
