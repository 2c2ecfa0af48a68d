"""Where a run is killed: drawn by a seeded generator over everything that a run does."""

import random
from dataclasses import dataclass

from tests.faults.planted import Fault

SEED = 20_261_121
CHOOSING, REFIT = "choosing passes", "refit"
PLACES: dict[str, tuple[str, ...]] = {
    "loading": (
        "recviz.training.preparing:load_backbone",
        "recviz.training.finetune:newest_complete",
        "recviz.training.preparing:fit_collator",
    ),
    "a step": (
        "recviz.training.stage:Stage._take_step",
        "recviz.training.stage:Stage._move",
        "recviz.jobs.journal:MetricsFile.write",
    ),
    "a checkpoint": (
        "recviz.model.checkpoint:save_file",
        "recviz.model.checkpoint:sync",
        "recviz.model.checkpoint:_size_and_sum",
        "recviz.model.checkpoint:shutil.rmtree",
    ),
    "validating": ("recviz.training.validation:Validation.loss",),
    "writing the model": ("recviz.training.ending:_write_model",),
    "evaluating": (
        "recviz.model.predictor:load_predictor",
        "recviz.evaluate.backtest:count_task",
        "recviz.evaluate.backtest:write_users",
    ),
}
"""Functions of each part of a run that a kill may come in."""
DRAWN = (
    ("a step", CHOOSING, 3), ("a checkpoint", CHOOSING, 4), ("validating", CHOOSING, 1), ("loading", CHOOSING, 1),
    ("a step", REFIT, 3), ("a checkpoint", REFIT, 3), ("writing the model", REFIT, 1), ("evaluating", "", 3),
)  # fmt: skip
"""Part of the run, phase of training, and how many points are drawn there."""
MOST_OF_A_PHASE = 0.8
"""Points lie in the first part of a phase, so that each is still ahead when the one before has happened."""


@dataclass(frozen=True, slots=True)
class Point:
    """One place in the run."""

    part: str
    phase: str
    along: float
    """Share of the phase's steps after which the kill may come."""
    where: str
    after_ms: int

    def __str__(self) -> str:
        """Say it as the table of faults does."""
        of = f" of {self.phase}, {self.along:.0%} along" if self.phase and self.part != "loading" else ""
        return f"{self.part}{of}, {self.after_ms} ms into {self.where.rpartition('.')[2].rpartition(':')[2]}"

    def fault(self, steps: dict[str, int]) -> Fault:
        """Return the fault to plant, given how many steps each phase has."""
        loads = self.part == "loading"  # it comes while the run is being resumed, before any step
        step = 0 if loads or not self.phase else max(1, int(self.along * steps[self.phase]))
        return Fault(
            what="kill", where=self.where, phase="" if loads else self.phase, step=step, after_ms=self.after_ms
        )


def draw_points() -> list[Point]:
    """Draw the points, in the order in which a run comes to them: the same ones every time."""
    rng = random.Random(SEED)  # noqa: S311 - not a secret
    points = [Point("loading", "", 0.0, rng.choice(PLACES["loading"]), rng.randrange(200))]
    for phase in (CHOOSING, REFIT, ""):
        here = [
            Point(part, of, MOST_OF_A_PHASE * rng.random(), rng.choice(PLACES[part]), _after_ms(rng, part))
            for part, of, times in DRAWN
            for _ in range(times)
            if of == phase
        ]
        last = ("writing the model",)
        points += sorted(here, key=lambda point: (point.part in last, point.along))
    return points


def _after_ms(rng: random.Random, part: str) -> int:
    """Return how long into a call the kill comes: a step and a small file take milliseconds, loading much longer."""
    return rng.randrange(200 if part in ("loading", "evaluating") else 12)
